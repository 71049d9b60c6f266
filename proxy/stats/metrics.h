// What is counted. Each worker has a WorkerStats of its own and is its only writer;
// any thread may read.
#ifndef KEYWAY_PROXY_STATS_METRICS_H_
#define KEYWAY_PROXY_STATS_METRICS_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

namespace keyway {

// A number with one writing thread. No read-modify-write: one writer needs none.
class Counter {
 public:
  void Add(int64_t count = 1) {
    value_.store(value_.load(std::memory_order_relaxed) + count, std::memory_order_relaxed);
  }
  void Set(int64_t value) { value_.store(value, std::memory_order_relaxed); }
  int64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<int64_t> value_ = 0;
};

// Of one server, as seen by one worker. Fields up to out_queue_bytes are
// nutcracker's, with its meanings.
struct ServerStats {
  Counter server_eof;
  Counter server_err;
  Counter server_timedout;
  Counter server_connections;  // gauge
  Counter requests;
  Counter request_bytes;
  Counter responses;
  Counter response_bytes;
  Counter in_queue;         // gauge: not yet written to the server
  Counter in_queue_bytes;   // gauge
  Counter out_queue;        // gauge: written, answer awaited
  Counter out_queue_bytes;  // gauge
  Counter overloads;        // requests refused because the queue was full
  Counter late_replies;     // replies dropped because their request had timed out
  Counter leases;           // gauge: connections lent to one session
};

// Of one pool, as seen by one worker; the server ejections are the control thread's.
struct PoolStats {
  explicit PoolStats(size_t server_count) : servers(server_count) {}

  Counter client_eof;
  Counter client_err;
  Counter client_connections;  // gauge
  Counter forward_error;
  Counter fragments;        // parts made by splitting requests
  Counter requests;         // complete requests of clients
  Counter refused;          // answered with an error without asking a server
  Counter rejected;         // connections closed because of client_connections
  Counter paused;           // times a client was held back at a limit
  Counter dropped_clients;  // clients closed because they did not read
  std::vector<ServerStats> servers;  // indexed as RoutingSnapshot's servers of the pool
};

// Of one worker. Pools are indexed as the snapshot's.
struct WorkerStats {
  Counter total_connections;  // connection objects ever made: listeners, clients, servers
  Counter curr_connections;   // gauge
  std::vector<std::unique_ptr<PoolStats>> pools;
};

// Of one server, as decided by the control thread (its only writer).
struct ServerHealth {
  Counter ejections;
  Counter ejected_at;  // microseconds since 1970; 0: never
  Counter ejected;     // 1 while the server is out
};

}  // namespace keyway

#endif  // KEYWAY_PROXY_STATS_METRICS_H_

// What is counted. Each worker has a WorkerStats of its own and is its only writer;
// any thread may read.
#ifndef KEYWAY_PROXY_STATS_METRICS_H_
#define KEYWAY_PROXY_STATS_METRICS_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>
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
  Counter fragments;                 // parts made by splitting requests
  Counter requests;                  // complete requests of clients
  Counter refused;                   // answered with an error without asking a server
  Counter rejected;                  // connections closed because of client_connections
  Counter paused;                    // times a client was held back at a limit
  Counter dropped_clients;           // clients closed because they did not read
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
  Counter ejected_at;      // microseconds since 1970, of the last ejection; 0: never
  Counter ejected;         // gauge: 1 while the server is out
  Counter failed_probes;   // tries to reach an ejected server that failed
  Counter failed_lookups;  // times its name could not be resolved
};

// Of the control thread, indexed as RoutingSnapshot's pools and servers.
struct ControlStats {
  explicit ControlStats(std::span<const size_t> server_counts);

  Counter generation;  // gauge: of the snapshot that was published last
  std::vector<std::vector<ServerHealth>> pools;
};

enum class MetricKind : uint8_t { kCounter, kGauge };

// One row for each number that is shown, from which every format is made. A counter
// of one of `Owners`, which is added up over all workers.
template <class... Owners>
struct MetricRow {
  std::string_view name;
  std::string_view help;
  MetricKind kind;
  std::variant<Counter Owners::*...> field;
};
using ProcessMetric = MetricRow<WorkerStats>;
using PoolMetric = MetricRow<PoolStats, ServerHealth>;  // the latter added up over its servers
using ServerMetric = MetricRow<ServerStats, ServerHealth>;

// In the order in which they are shown: nutcracker's by its names, then our own.
std::span<const ProcessMetric> ProcessMetrics();
std::span<const PoolMetric> PoolMetrics();
std::span<const ServerMetric> ServerMetrics();

// The text of nutcracker's --describe-stats for our rows.
std::string DescribeStats();

// What is shown, in which order and under which names; indices are the snapshot's.
struct ShownServer {
  std::string name;
  size_t index = 0;
};
struct ShownPool {
  std::string name;
  size_t index = 0;
  std::vector<ShownServer> servers;
};

// The numbers of one moment. Each `values` is in the order of the rows.
struct ServerTotals {
  std::string name;
  std::vector<int64_t> values;
};
struct PoolTotals {
  std::string name;
  std::vector<int64_t> values;
  std::vector<ServerTotals> servers;
};
struct Totals {
  std::vector<int64_t> values;
  std::vector<PoolTotals> pools;
};

// Any thread. The numbers are read one by one while others write them, so sums over
// several of them may be off by what is just happening.
Totals AddUp(std::span<const ShownPool> shown, std::span<const WorkerStats* const> workers,
             const ControlStats& control);

}  // namespace keyway

#endif  // KEYWAY_PROXY_STATS_METRICS_H_

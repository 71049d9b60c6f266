// What is counted. Each worker has a WorkerStats of its own and is its only writer;
// any thread may read.
#ifndef KEYWAY_PROXY_STATS_METRICS_H_
#define KEYWAY_PROXY_STATS_METRICS_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "proxy/stats/counter.h"
#include "proxy/stats/histogram.h"

namespace keyway {

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
  Counter shortages;        // connections not made for want of files or memory here
  // From a request's or part's first byte to the last of its reply, or to the timeout.
  Histogram latency;
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
  Counter waiting;          // gauge: clients without room to be accepted
  Counter paused;           // times a client was held back at a limit
  Counter held;             // times a server connection was held back for a client
  Counter dropped_clients;  // clients closed because they did not read
  // Of requests that asked a server: from the last byte of a request to its reply.
  Histogram latency;
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
  Counter ejected_at;       // microseconds since 1970, of the last ejection; 0: never
  Counter ejected;          // gauge: 1 while failures keep the server out
  Counter ejected_by_hand;  // gauge: 1 while an operator keeps it out
  Counter failed_probes;    // tries to reach an ejected server that failed
  Counter failed_lookups;   // times its name could not be resolved
  Counter address_changes;  // times its name got another address
  Counter last_error_at;    // microseconds since 1970, of the last failure; 0: none yet
  Note last_error;          // what it was
};

// Of the control thread, indexed as RoutingSnapshot's pools and servers.
struct ControlStats {
  explicit ControlStats(std::span<const size_t> server_counts);

  Counter generation;       // gauge: of the snapshot that was published last
  Counter refused_readers;  // of the statistics, because there were too many
  std::vector<std::vector<ServerHealth>> pools;
};

enum class MetricKind : uint8_t { kCounter, kGauge };

// How Prometheus is told of a number: as `keyway_<name>`, with `_total` behind
// counters. Rows of one name are told apart by the label `kind`.
struct Exposed {
  enum class As : uint8_t { kItself, kMicroseconds, kOpposite };  // shown in seconds; 1 for 0

  std::string_view name;  // empty: not at all
  std::string_view kind = {};
  As as = As::kItself;
  std::string_view help = {};  // empty: the row's
};

// One row for each number that is shown, from which every format is made. A counter
// of one of `Owners`; those of the workers are added up.
template <class... Owners>
struct MetricRow {
  std::string_view name;
  std::string_view help;
  MetricKind kind;
  std::variant<Counter Owners::*...> field;
  Exposed exposed;
};
using ProcessMetric = MetricRow<WorkerStats, ControlStats>;
using PoolMetric = MetricRow<PoolStats, ServerHealth>;  // the latter added up over its servers
using ServerMetric = MetricRow<ServerStats, ServerHealth>;

// Of each pool and each server, made from its latency.
struct PercentileRow {
  std::string_view name;
  std::string_view help;
  double quantile;
};

// Of each server, behind its numbers.
inline constexpr std::string_view kLastErrorName = "server_last_error";
inline constexpr std::string_view kLastErrorHelp = "what the last failure was";

// In the order in which they are shown: nutcracker's by its names, then our own.
std::span<const ProcessMetric> ProcessMetrics();
std::span<const PoolMetric> PoolMetrics();
std::span<const ServerMetric> ServerMetrics();
std::span<const PercentileRow> Percentiles();

// The text of nutcracker's --describe-stats for our rows.
std::string DescribeStats();

}  // namespace keyway

#endif  // KEYWAY_PROXY_STATS_METRICS_H_

#include "proxy/stats/metrics.h"

#include "absl/strings/str_format.h"

namespace keyway {
namespace {

constexpr auto kCounter = MetricKind::kCounter;
constexpr auto kGauge = MetricKind::kGauge;

constexpr ProcessMetric kProcessMetrics[] = {
    {"total_connections", "connections made since the start: listeners, clients, servers", kCounter,
     &WorkerStats::total_connections},
    {"curr_connections", "connections open now: listeners, clients, servers", kGauge,
     &WorkerStats::curr_connections},
};

constexpr PoolMetric kPoolMetrics[] = {
    {"client_eof", "client connections that the client ended", kCounter, &PoolStats::client_eof},
    {"client_err", "client connections that ended for another reason", kCounter,
     &PoolStats::client_err},
    {"client_connections", "clients connected now", kGauge, &PoolStats::client_connections},
    {"server_ejects", "times a server was ejected", kCounter, &ServerHealth::ejections},
    {"forward_error", "requests answered with an error because a server failed", kCounter,
     &PoolStats::forward_error},
    {"fragments", "parts made by splitting requests with several keys", kCounter,
     &PoolStats::fragments},
    {"requests", "complete requests of clients", kCounter, &PoolStats::requests},
    {"refused", "requests answered with an error without asking a server", kCounter,
     &PoolStats::refused},
    {"rejected", "clients turned away because client_connections was reached", kCounter,
     &PoolStats::rejected},
    {"paused", "times a client was held back at a limit", kCounter, &PoolStats::paused},
    {"dropped_clients", "clients disconnected because they did not read", kCounter,
     &PoolStats::dropped_clients},
};

constexpr ServerMetric kServerMetrics[] = {
    {"server_eof", "connections that the server ended", kCounter, &ServerStats::server_eof},
    {"server_err", "connections that ended with an error", kCounter, &ServerStats::server_err},
    {"server_timedout", "requests that ran out of time", kCounter, &ServerStats::server_timedout},
    {"server_connections", "connections open now", kGauge, &ServerStats::server_connections},
    {"server_ejected_at", "last ejection, in microseconds since 1970", kGauge,
     &ServerHealth::ejected_at},
    {"requests", "requests and parts of requests sent", kCounter, &ServerStats::requests},
    {"request_bytes", "their bytes", kCounter, &ServerStats::request_bytes},
    {"responses", "replies received", kCounter, &ServerStats::responses},
    {"response_bytes", "their bytes", kCounter, &ServerStats::response_bytes},
    {"in_queue", "requests not yet written to the server", kGauge, &ServerStats::in_queue},
    {"in_queue_bytes", "their bytes", kGauge, &ServerStats::in_queue_bytes},
    {"out_queue", "requests written and not yet answered", kGauge, &ServerStats::out_queue},
    {"out_queue_bytes", "their bytes", kGauge, &ServerStats::out_queue_bytes},
    {"overloads", "requests refused because the queue was full", kCounter, &ServerStats::overloads},
    {"late_replies", "replies dropped because their request had timed out", kCounter,
     &ServerStats::late_replies},
    {"leases", "connections lent to one client each now", kGauge, &ServerStats::leases},
    {"server_ejected", "1 while the server is ejected", kGauge, &ServerHealth::ejected},
    {"failed_probes", "probes of the ejected server that failed", kCounter,
     &ServerHealth::failed_probes},
    {"failed_lookups", "times the server's name could not be resolved", kCounter,
     &ServerHealth::failed_lookups},
};

// One number, from wherever in a pool its row says.
struct PoolValue {
  std::span<const PoolStats* const> workers;
  const std::vector<ServerHealth>& health;

  int64_t operator()(Counter PoolStats::*field) const {
    int64_t sum = 0;
    for (const PoolStats* pool : workers) sum += (pool->*field).value();
    return sum;
  }
  int64_t operator()(Counter ServerHealth::*field) const {
    int64_t sum = 0;
    for (const ServerHealth& server : health) sum += (server.*field).value();
    return sum;
  }
};

struct ServerValue {
  std::span<const PoolStats* const> workers;
  const std::vector<ServerHealth>& health;
  size_t server;

  int64_t operator()(Counter ServerStats::*field) const {
    int64_t sum = 0;
    for (const PoolStats* pool : workers) sum += (pool->servers[server].*field).value();
    return sum;
  }
  int64_t operator()(Counter ServerHealth::*field) const { return (health[server].*field).value(); }
};

template <class Rows, class Value>
std::vector<int64_t> Values(const Rows& rows, const Value& value) {
  std::vector<int64_t> values;
  for (const auto& row : rows) values.push_back(std::visit(value, row.field));
  return values;
}

template <class Rows>
void Describe(std::string_view title, const Rows& rows, std::string& text) {
  absl::StrAppendFormat(&text, "%s:\n", title);
  for (const auto& row : rows) absl::StrAppendFormat(&text, "  %-20s\"%s\"\n", row.name, row.help);
}

}  // namespace

ControlStats::ControlStats(std::span<const size_t> server_counts) {
  for (const size_t count : server_counts) pools.emplace_back(count);
}

std::span<const ProcessMetric> ProcessMetrics() { return kProcessMetrics; }
std::span<const PoolMetric> PoolMetrics() { return kPoolMetrics; }
std::span<const ServerMetric> ServerMetrics() { return kServerMetrics; }

std::string DescribeStats() {
  std::string text;
  Describe("pool stats", kPoolMetrics, text);
  text += '\n';
  Describe("server stats", kServerMetrics, text);
  return text;
}

Totals AddUp(std::span<const ShownPool> shown, std::span<const WorkerStats* const> workers,
             const ControlStats& control) {
  Totals totals;
  totals.values = Values(kProcessMetrics, [&](Counter WorkerStats::*field) {
    int64_t sum = 0;
    for (const WorkerStats* worker : workers) sum += (worker->*field).value();
    return sum;
  });
  for (const ShownPool& pool : shown) {
    std::vector<const PoolStats*> parts;
    for (const WorkerStats* worker : workers) parts.push_back(worker->pools[pool.index].get());
    const auto& health = control.pools[pool.index];
    PoolTotals& sums = totals.pools.emplace_back();
    sums.name = pool.name;
    sums.values = Values(kPoolMetrics, PoolValue{parts, health});
    for (const ShownServer& server : pool.servers) {
      sums.servers.push_back(
          {server.name, Values(kServerMetrics, ServerValue{parts, health, server.index})});
    }
  }
  return totals;
}

}  // namespace keyway

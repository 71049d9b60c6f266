#include "proxy/stats/totals.h"

#include <utility>
#include <variant>

namespace keyway {
namespace {

// One number, from wherever its row says.
struct ProcessValue {
  std::span<const WorkerStats* const> workers;
  const ControlStats& control;

  int64_t operator()(Counter WorkerStats::*field) const {
    int64_t sum = 0;
    for (const WorkerStats* worker : workers) sum += (worker->*field).value();
    return sum;
  }
  int64_t operator()(Counter ControlStats::*field) const { return (control.*field).value(); }
};

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

ServerTotals SumOf(const ShownServer& server, std::span<const PoolStats* const> workers,
                   const std::vector<ServerHealth>& health) {
  ServerTotals sums;
  sums.name = server.name;
  sums.values = Values(ServerMetrics(), ServerValue{workers, health, server.index});
  for (const PoolStats* pool : workers) {
    sums.latency += pool->servers[server.index].latency.counts();
  }
  sums.last_error = health[server.index].last_error.text();
  return sums;
}

std::vector<HistogramCounts*> LatenciesOf(Totals& totals) {
  std::vector<HistogramCounts*> all;
  for (PoolTotals& pool : totals.pools) {
    all.push_back(&pool.latency);
    for (ServerTotals& server : pool.servers) all.push_back(&server.latency);
  }
  return all;
}

}  // namespace

Totals AddUp(std::span<const ShownPool> shown, std::span<const WorkerStats* const> workers,
             const ControlStats& control) {
  Totals totals;
  totals.values = Values(ProcessMetrics(), ProcessValue{workers, control});
  for (const ShownPool& pool : shown) {
    std::vector<const PoolStats*> parts;
    for (const WorkerStats* worker : workers) parts.push_back(worker->pools[pool.index].get());
    const auto& health = control.pools[pool.index];
    PoolTotals& sums = totals.pools.emplace_back();
    sums.name = pool.name;
    sums.values = Values(PoolMetrics(), PoolValue{parts, health});
    for (const PoolStats* part : parts) sums.latency += part->latency.counts();
    for (const ShownServer& server : pool.servers) {
      sums.servers.push_back(SumOf(server, parts, health));
    }
  }
  return totals;
}

void LatestLatency::Reduce(Time now, Totals& totals) {
  const std::vector<HistogramCounts*> latencies = LatenciesOf(totals);
  if (now - newer_.time >= kWindow) {
    older_ = std::exchange(newer_, {.time = now, .counts = {}});
    for (const HistogramCounts* counts : latencies) newer_.counts.push_back(*counts);
  }
  // Marks of other pools and servers than these say nothing about them.
  if (older_.counts.size() != latencies.size()) return;
  for (size_t i = 0; i < latencies.size(); ++i) *latencies[i] -= older_.counts[i];
}

}  // namespace keyway

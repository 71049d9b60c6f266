// The numbers of all threads, put together for whoever asks.
#ifndef KEYWAY_PROXY_STATS_TOTALS_H_
#define KEYWAY_PROXY_STATS_TOTALS_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "proxy/stats/histogram.h"
#include "proxy/stats/metrics.h"

namespace keyway {

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
  HistogramCounts latency;
  std::string last_error;
};
struct PoolTotals {
  std::string name;
  std::vector<int64_t> values;
  HistogramCounts latency;
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

// Remembers earlier latencies, so that percentiles can be of the latest requests and
// not of all since the start. Has no timer: what a reader gets reaches back to a mark
// that an earlier one left, at least kWindow ago.
class LatestLatency {
 public:
  using Time = std::chrono::steady_clock::time_point;
  static constexpr std::chrono::seconds kWindow{60};

  explicit LatestLatency(Time start) { newer_.time = start; }

  // Takes out of the latencies in `totals`, which are those since the start, what is
  // older. Those left are of the last one to two windows if somebody asks in each,
  // else of the time since the last asked.
  void Reduce(Time now, Totals& totals);

 private:
  struct Mark {
    Time time;
    std::vector<HistogramCounts> counts;  // none: before there was anything to count
  };

  Mark older_;
  Mark newer_;
};

}  // namespace keyway

#endif  // KEYWAY_PROXY_STATS_TOTALS_H_

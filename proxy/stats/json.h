// The statistics in nutcracker's JSON, for the monitors that read it.
#ifndef KEYWAY_PROXY_STATS_JSON_H_
#define KEYWAY_PROXY_STATS_JSON_H_

#include <cstdint>
#include <string>

#include "proxy/stats/totals.h"

namespace keyway {

// What stands in front of the numbers.
struct StatsHeader {
  std::string source;  // host name
  std::string version;
  int64_t uptime_s = 0;
  int64_t timestamp_s = 0;  // since 1970
};

// One line with its end. Layout, order and names are nutcracker 0.5.0's, with our
// own fields behind its; unlike there, names are escaped, so it is always JSON. The
// percentiles are of the latencies in `totals`.
std::string StatsJson(const StatsHeader& header, const Totals& totals);

}  // namespace keyway

#endif  // KEYWAY_PROXY_STATS_JSON_H_

// The statistics in the text format of Prometheus, version 0.0.4.
#ifndef KEYWAY_PROXY_STATS_PROMETHEUS_H_
#define KEYWAY_PROXY_STATS_PROMETHEUS_H_

#include <string>

#include "proxy/stats/process_sample.h"
#include "proxy/stats/totals.h"

namespace keyway {

// What is not counted by workers or control.
struct PrometheusHeader {
  std::string version;
  double start_time_s = 0;  // since 1970
  ProcessSample process;
};

// Names begin with keyway_, but for process_*, which all exporters share. Labels are
// pool, server and kind, so their number is bounded by the configuration. Latencies
// in `totals` must be those since the start.
std::string PrometheusText(const PrometheusHeader& header, const Totals& totals);

}  // namespace keyway

#endif  // KEYWAY_PROXY_STATS_PROMETHEUS_H_

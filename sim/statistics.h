// The figures drawn from a tally.
#ifndef KEYWAY_SIM_STATISTICS_H_
#define KEYWAY_SIM_STATISTICS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "proxy/config/config.h"
#include "sim/tally.h"

namespace keyway::sim {

struct ServerFigures {
  std::string name;
  uint32_t weight = 1;
  uint64_t keys = 0;
  double share = 0;       // of all keys
  double fair_share = 0;  // of all weights
  double load = 0;        // share / fair_share: 1 is just right, 2 twice too much
};

// Servers of different weights compare by their load, in which each counts by its fair
// share. Without keys all figures are 0.
struct Figures {
  std::vector<ServerFigures> servers;  // in the order of the pool
  uint64_t keys = 0;
  double max_to_mean = 0;  // of the loads
  double min_to_mean = 0;
  double variation = 0;  // coefficient of variation: standard deviation / mean
};

// `tally` counts for the servers of `pool`, in their order.
Figures ComputeFigures(const PoolConfig& pool, const Tally& tally);

}  // namespace keyway::sim

#endif  // KEYWAY_SIM_STATISTICS_H_

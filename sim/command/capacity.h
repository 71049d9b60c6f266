// What a server can bear.
#ifndef KEYWAY_SIM_COMMAND_CAPACITY_H_
#define KEYWAY_SIM_COMMAND_CAPACITY_H_

#include <optional>
#include <string>
#include <string_view>

#include "sim/command/measure.h"

namespace keyway::sim {

// In fair shares of the present load ("1.5", as RelativeLoads has it), or so much of a
// measure for each server ("requests=50k", "bytes=64GiB").
struct Capacity {
  std::string text = {};
  const Measure* measure = nullptr;  // of the amount; null: a factor
  double amount = 0;

  // How much load this is for a server of `fair_share` of `sum`, in its fair shares.
  double InFairShares(double fair_share, double sum) const {
    return measure == nullptr ? amount : amount / (fair_share * sum);
  }
};

std::optional<Capacity> ParseCapacity(std::string_view text);

}  // namespace keyway::sim

#endif  // KEYWAY_SIM_COMMAND_CAPACITY_H_

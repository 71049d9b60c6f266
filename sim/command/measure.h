// What is counted of a server, as one quantity after the other: keys, bytes, requests.
#ifndef KEYWAY_SIM_COMMAND_MEASURE_H_
#define KEYWAY_SIM_COMMAND_MEASURE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "sim/engine/experiment.h"
#include "sim/engine/tally.h"
#include "sim/report/report.h"

namespace keyway::sim {

struct Measure {
  std::string_view id;     // keys
  std::string_view title;  // of a column
  Unit unit = Unit::kCount;
  uint64_t (*of)(const Counts& counts);
};

std::span<const Measure> AllMeasures();
// The measure with that id, or null.
const Measure* FindMeasure(std::string_view id);

// A measure over the servers of one scenario.
struct Load {
  const Measure* measure = nullptr;
  std::vector<double> servers = {};  // whole numbers, but in an estimate
  double sum = 0;
  bool estimate = false;
};

// Each measure of which there is something at all. Different keys of requests are
// estimated, in the base scenario only (the first).
std::vector<Load> LoadsOf(const Tally& tally, size_t scenario);

// The one that says most about the work of servers: requests, else bytes, else keys; or
// the one with that id. Null if there is none.
const Load* MainLoad(std::span<const Load> loads, std::string_view id = "");

Counts Sum(std::span<const Counts> counts);

// A number for a cell of the load's measure: a count, rounded where it is an estimate.
Value CountValue(double number);

}  // namespace keyway::sim

#endif  // KEYWAY_SIM_COMMAND_MEASURE_H_

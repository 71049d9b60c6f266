// The keys that have most of the load, where they are, and what they force.
#ifndef KEYWAY_SIM_COMMAND_HOT_KEYS_H_
#define KEYWAY_SIM_COMMAND_HOT_KEYS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sim/engine/experiment.h"
#include "sim/engine/tally.h"
#include "sim/report/report.h"

namespace keyway::sim {

struct HotKey {
  std::string name = {};
  uint64_t weight = 0;                // an estimate
  double share = 0;                   // of everything
  std::optional<size_t> server = {};  // unknown where only the start of a long key is known
};

// The hottest keys of the base scenario, at most `count`: those of which enough is known
// to be the same in whatever parts the input was read.
std::vector<HotKey> HotKeysOf(const Experiment& experiment, const Tally& tally, size_t count);

// Facts and a table of them. `fair` are the weights of the servers.
void AddHotKeys(const Experiment& experiment, std::span<const double> fair, const Tally& tally,
                size_t count, Report& report);

}  // namespace keyway::sim

#endif  // KEYWAY_SIM_COMMAND_HOT_KEYS_H_

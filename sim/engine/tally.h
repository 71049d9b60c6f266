// What is counted while records go by: bounded by servers and scenarios, however many
// records there are. Two tallies of the same experiment over parts of the input add up to
// the tally of the whole, exactly and in any order.
#ifndef KEYWAY_SIM_ENGINE_TALLY_H_
#define KEYWAY_SIM_ENGINE_TALLY_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/sketch/heavy_hitters.h"
#include "sim/sketch/hyper_log_log.h"

namespace keyway::sim {

struct Counts {
  uint64_t keys = 0;
  uint64_t bytes = 0;
  uint64_t reads = 0;
  uint64_t writes = 0;

  uint64_t requests() const { return reads + writes; }
  Counts& operator+=(const Counts& other);
  friend bool operator==(const Counts&, const Counts&) = default;
};

// Of one scenario.
struct ScenarioTally {
  std::vector<Counts> servers;  // in the experiment's order
  // What is elsewhere than in the base scenario, and how many different keys that are.
  Counts moved;
  HyperLogLog moved_keys;
  // From server to server, base to this: [from * servers + to]. Only where the scenario
  // asks for it; the diagonal is what stays.
  std::vector<Counts> matrix;

  void Merge(const ScenarioTally& other);
};

// What makes a key a hot one: how often it comes, its bytes in a census of sizes, its
// requests. What stands further down says more.
enum class Heat : uint8_t { kNone, kKeys, kBytes, kRequests };

struct Tally {
  std::vector<ScenarioTally> scenarios;  // in the experiment's order; the first is the base
  // Keys by the heat that says most of all that some record has; records without it do
  // not count. Empty unless the experiment asks for it.
  HeavyHitters hot_keys;
  Heat heat = Heat::kNone;
  // Of the requests, for each server of the base scenario; empty for a census.
  std::vector<HyperLogLog> different_keys;

  // Adds another part of the same experiment.
  void Merge(const Tally& other);

  // Whether the hot keys are those by `by`, which they become if it says more.
  bool HotBy(Heat by);
};

}  // namespace keyway::sim

#endif  // KEYWAY_SIM_ENGINE_TALLY_H_

// What would explain where keys were found.
#ifndef KEYWAY_SIM_VERIFY_EXPLAIN_H_
#define KEYWAY_SIM_VERIFY_EXPLAIN_H_

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "hashing/placement.h"
#include "sim/engine/experiment.h"
#include "sim/verify/verify.h"

namespace keyway::sim {

struct Explanation {
  hashing::PlacementOptions options = {};
  bool by_address = false;  // the servers have no names of their own in the ring
  bool unweighted = false;  // every server has weight 1
  size_t keys = 0;          // that were tried
  size_t matches = 0;       // of them, how many are where this has them
  size_t differences = 0;   // from the scenario, in settings
};

// Tries all hashes with all distributions, the hash tags that are usual, and the servers
// without their names and weights. `addresses` are the names that servers of the scenario
// have where the file gives none. The best first; of equal ones, what differs least from
// the scenario.
std::vector<Explanation> Explain(const Scenario& scenario, std::span<const std::string> addresses,
                                 std::span<const FoundKey> sample);

}  // namespace keyway::sim

#endif  // KEYWAY_SIM_VERIFY_EXPLAIN_H_

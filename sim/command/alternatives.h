// Other ways to place the keys of a pool, and which of them to take.
#ifndef KEYWAY_SIM_COMMAND_ALTERNATIVES_H_
#define KEYWAY_SIM_COMMAND_ALTERNATIVES_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "hashing/placement.h"
#include "proxy/config/config.h"

namespace keyway::sim {

struct Alternative {
  hashing::PlacementOptions options = {};
  std::vector<hashing::Member> members = {};
  bool tuned = false;       // whether the weights are other than those of the file
  bool nutcracker = false;  // whether nutcracker 0.5.0 has its hash and distribution
  double churn = 0;         // see ChurnOfALoss
};

// Today's first, if it is not "random"; then every hash function with every distribution
// that can place the pool, and ketama with tuned weights. `fair` is what each server of the
// pool should have. Names that are given restrict the two.
std::vector<Alternative> AlternativesOf(const PoolConfig& pool, const std::vector<uint32_t>& fair,
                                        const std::vector<std::string>& hashes,
                                        const std::vector<std::string>& distributions);

// Weights with which ketama's ring gives the members what their given weights would in a
// perfect one, as far as its points allow: a point is 1 / 160 of a server. So points are
// moved without another ring; servers stay in proportion to what they were given.
std::vector<uint32_t> TunedWeights(const std::vector<hashing::Member>& members);

// What was counted of an alternative.
struct Candidate {
  size_t alternative = 0;
  double peak = 1;   // max/mean
  double moved = 0;  // share, from today's
  bool stable = true;
  bool nutcracker = false;
};

// A loss that moves more of what is elsewhere makes a placement unfit for a pool whose
// servers ever change.
inline constexpr double kMaxChurn = 0.1;

// The best of those that move at most `max_moved`: the lowest peak, where peaks that
// differ by `tolerance` or less are equal and fewer moves decide; of those that move about
// as few, nutcracker's own come first, and then the lower peak after all. Those that are not stable
// are left out, but for the first, today's. Nothing if there is none.
std::optional<size_t> BestOf(const std::vector<Candidate>& candidates, double max_moved,
                             bool nutcracker, double tolerance);

// Below this, two peaks of `keys` keys over `servers` servers differ by chance: 1 % and
// two standard deviations of a server's load.
double ChanceOf(double keys, size_t servers);

}  // namespace keyway::sim

#endif  // KEYWAY_SIM_COMMAND_ALTERNATIVES_H_

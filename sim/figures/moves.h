// What has to move, and what a single key does to everything.
#ifndef KEYWAY_SIM_FIGURES_MOVES_H_
#define KEYWAY_SIM_FIGURES_MOVES_H_

#include <span>

namespace keyway::sim {

// The part of all keys that any scheme has to move which keeps servers at their fair
// shares before and after: the total variation distance of the two. Each is divided by
// its sum.
double NeededMoves(std::span<const double> fair_before, std::span<const double> fair_after);

// Load / fair share of the server that has a key which alone is `key_share` of the load,
// if all the rest lies on the servers by their fair shares: no hash function does better
// but by chance.
double HotKeyFloor(double key_share, double fair_share);

}  // namespace keyway::sim

#endif  // KEYWAY_SIM_FIGURES_MOVES_H_

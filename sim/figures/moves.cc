#include "sim/figures/moves.h"

#include <cmath>
#include <cstddef>
#include <numeric>

namespace keyway::sim {

double NeededMoves(std::span<const double> fair_before, std::span<const double> fair_after) {
  const double before = std::accumulate(fair_before.begin(), fair_before.end(), 0.0);
  const double after = std::accumulate(fair_after.begin(), fair_after.end(), 0.0);
  double distance = 0;
  for (size_t i = 0; i < fair_before.size(); ++i) {
    distance += std::abs(fair_before[i] / before - fair_after[i] / after);
  }
  return distance / 2;
}

double HotKeyFloor(double key_share, double fair_share) {
  return (key_share + (1 - key_share) * fair_share) / fair_share;
}

}  // namespace keyway::sim

// How evenly a load lies on servers of given fair shares. Servers are compared by load /
// fair share, so that weights are not taken for imbalance; the mean of that, in which
// each server counts by its fair share, is 1.
#ifndef KEYWAY_SIM_FIGURES_SPREAD_H_
#define KEYWAY_SIM_FIGURES_SPREAD_H_

#include <cstdint>
#include <span>
#include <vector>

namespace keyway::sim {

// How far from the mean a server may be before it counts as outside. DeCandia et al.:
// Dynamo (SOSP 2007), section 6.2, takes 15 %.
inline constexpr double kTolerance = 0.15;

struct Spread {
  double max_to_mean = 1;
  double min_to_mean = 1;
  double variation = 0;  // coefficient of variation: standard deviation / mean
  // 0: all equal; towards 1: everything on one server. Gini (1912), of load per fair share.
  double gini = 0;
  double outside = 0;  // the part of the servers farther than the tolerance from the mean
};

// `fair` are at least 0 and not all 0; a server of no fair share is left out. The sums
// of both need not be 1. With no load at all the spread is that of a perfect one.
Spread SpreadOf(std::span<const double> loads, std::span<const double> fair,
                double tolerance = kTolerance);

// Each load by its part of the sum and by its fair part: 1 is just right. Where there is
// no fair share, 0.
std::vector<double> RelativeLoads(std::span<const double> loads, std::span<const double> fair);

// Pearson's test whether counts of independent things may have come about by chance with
// the given probabilities.
struct ChiSquare {
  double statistic = 0;
  double degrees = 0;      // of freedom: parts - 1
  double probability = 1;  // of a statistic at least as large, were the shares true
};

// `shares` need not add up to 1; those of 0 are left out. The approximation by the
// chi-square distribution is good where some five things are expected in each part.
ChiSquare ChiSquareTest(std::span<const double> counts, std::span<const double> shares);

}  // namespace keyway::sim

#endif  // KEYWAY_SIM_FIGURES_SPREAD_H_

#include "sim/figures/spread.h"

#include <algorithm>
#include <boost/math/distributions/chi_squared.hpp>
#include <cmath>
#include <cstddef>
#include <numeric>

namespace keyway::sim {
namespace {

double Sum(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0);
}

// What a server has beside what it should have.
struct Part {
  double load = 1;  // relative
  double fair = 0;  // as part of 1
};

// Twice the area between the Lorenz curve and the diagonal. `parts` are sorted by load.
double GiniOf(std::span<const Part> parts) {
  double below = 0, area = 0;
  for (const Part& part : parts) {
    const double share = part.load * part.fair;
    area += part.fair * (2 * below + share);
    below += share;
  }
  return std::max(0.0, 1 - area);
}

}  // namespace

std::vector<double> RelativeLoads(std::span<const double> loads, std::span<const double> fair) {
  const double load_sum = Sum(loads), fair_sum = Sum(fair);
  std::vector<double> relative(loads.size());
  for (size_t i = 0; i < loads.size(); ++i) {
    if (fair[i] > 0 && load_sum > 0) relative[i] = (loads[i] / load_sum) / (fair[i] / fair_sum);
  }
  return relative;
}

Spread SpreadOf(std::span<const double> loads, std::span<const double> fair, double tolerance) {
  if (Sum(loads) <= 0) return {};
  const double fair_sum = Sum(fair);
  const std::vector<double> relative = RelativeLoads(loads, fair);
  std::vector<Part> parts;
  for (size_t i = 0; i < relative.size(); ++i) {
    if (fair[i] > 0) parts.push_back({.load = relative[i], .fair = fair[i] / fair_sum});
  }
  std::ranges::sort(parts, {}, &Part::load);

  double variance = 0, outside = 0;
  for (const Part& part : parts) {
    variance += part.fair * (part.load - 1) * (part.load - 1);
    if (std::abs(part.load - 1) > tolerance) ++outside;
  }
  return {.max_to_mean = parts.back().load,
          .min_to_mean = parts.front().load,
          .variation = std::sqrt(variance),
          .gini = GiniOf(parts),
          .outside = outside / static_cast<double>(parts.size())};
}

ChiSquare ChiSquareTest(std::span<const double> counts, std::span<const double> shares) {
  const double count_sum = Sum(counts), share_sum = Sum(shares);
  ChiSquare test = {.degrees = -1};
  for (size_t i = 0; i < counts.size(); ++i) {
    if (shares[i] <= 0) continue;
    const double expected = count_sum * shares[i] / share_sum;
    if (expected > 0) test.statistic += (counts[i] - expected) * (counts[i] - expected) / expected;
    ++test.degrees;
  }
  if (test.degrees < 1) return {};
  const boost::math::chi_squared_distribution<double> distribution(test.degrees);
  test.probability = boost::math::cdf(boost::math::complement(distribution, test.statistic));
  return test;
}

}  // namespace keyway::sim

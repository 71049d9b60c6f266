#include "sim/source/synthetic/zipf.h"

#include <algorithm>
#include <cmath>

namespace keyway::sim {
namespace {

// (e^x - 1) / x and ln(1 + x) / x, which the functions below need near 0, where the
// exponent is near 1. The series suffice there for all bits.
constexpr double kNearZero = 1e-8;
double ExpRatio(double x) { return std::abs(x) > kNearZero ? std::expm1(x) / x : 1 + x / 2; }
double LogRatio(double x) { return std::abs(x) > kNearZero ? std::log1p(x) / x : 1 - x / 2; }

}  // namespace

Zipf::Zipf(uint64_t keys, double exponent)
    : keys_(static_cast<double>(keys)),
      exponent_(exponent),
      first_area_(Area(1.5) - 1),
      last_area_(Area(keys_ + 0.5)),
      sure_(2 - AreaInverse(Area(2.5) - Height(2))) {}

// x^-s, and its integral from 1 to x, for any s in one expression.
double Zipf::Height(double x) const { return std::exp(-exponent_ * std::log(x)); }

double Zipf::Area(double x) const {
  const double log = std::log(x);
  return ExpRatio((1 - exponent_) * log) * log;
}

// Rounding may lead beyond the end of what the logarithm takes.
double Zipf::AreaInverse(double area) const {
  return std::exp(LogRatio(std::max(area * (1 - exponent_), -1.0)) * area);
}

// Takes a point below the curve, as likely anywhere, and the rank it is nearest to. The
// bar of a rank covers less than the curve above it: the rest is drawn again.
uint64_t Zipf::Draw(Random& random) const {
  while (true) {
    const double area = last_area_ + random.NextFraction() * (first_area_ - last_area_);
    const double x = AreaInverse(area);
    const double rank = std::clamp(std::floor(x + 0.5), 1.0, keys_);
    if (rank - x <= sure_ || area >= Area(rank + 0.5) - Height(rank)) {
      return static_cast<uint64_t>(rank);
    }
  }
}

// The greater part by addition, the smallest first; what follows by Euler and Maclaurin's
// formula, whose next term is far below the rounding.
double ZipfSum(uint64_t keys, double exponent) {
  constexpr uint64_t kAdded = 10'000;
  const auto height = [exponent](double x) { return std::pow(x, -exponent); };
  double sum = 0;
  for (uint64_t k = std::min(keys, kAdded); k >= 1; --k) sum += height(static_cast<double>(k));
  if (keys <= kAdded) return sum;

  const double first = kAdded, last = static_cast<double>(keys);
  const double log = std::log(last / first);
  const double area = height(first) * first * ExpRatio((1 - exponent) * log) * log;
  const double slopes = exponent * (height(first) / first - height(last) / last);
  return sum + area + (height(last) - height(first)) / 2 + slopes / 12;
}

double ZipfTopShare(uint64_t top, uint64_t keys, double exponent) {
  return ZipfSum(std::min(top, keys), exponent) / ZipfSum(keys, exponent);
}

}  // namespace keyway::sim

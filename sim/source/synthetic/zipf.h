// Popularity by Zipf's law: the key of rank k is asked for in proportion to k^-s.
#ifndef KEYWAY_SIM_SOURCE_SYNTHETIC_ZIPF_H_
#define KEYWAY_SIM_SOURCE_SYNTHETIC_ZIPF_H_

#include <cstdint>

#include "sim/source/synthetic/random.h"

namespace keyway::sim {

// With a greater exponent practically all requests are for the first key.
inline constexpr double kMaxZipfExponent = 100;

// Draws ranks, in constant time and without a table, however many keys there are.
// Hörmann and Derflinger: Rejection-Inversion to Generate Variates from Monotone Discrete
// Distributions (ACM TOMACS, 1996). Immutable.
class Zipf {
 public:
  // `keys` is at least 1 and below 2^53; `exponent` is from 0, which makes all keys alike,
  // to kMaxZipfExponent, and may be 1.
  Zipf(uint64_t keys, double exponent);

  // From 1 to `keys`.
  uint64_t Draw(Random& random) const;

 private:
  double Area(double x) const;
  double AreaInverse(double area) const;
  double Height(double x) const;

  double keys_;
  double exponent_;
  double first_area_;  // up to the middle between ranks 1 and 2, less the bar of rank 1
  double last_area_;
  double sure_;  // so near to a rank, what is drawn is under its bar
};

// The sum of k^-exponent for k from 1 to `keys`; relative error below 1e-12.
double ZipfSum(uint64_t keys, double exponent);

// The part of all requests that the `top` most popular of `keys` keys get.
double ZipfTopShare(uint64_t top, uint64_t keys, double exponent);

}  // namespace keyway::sim

#endif  // KEYWAY_SIM_SOURCE_SYNTHETIC_ZIPF_H_

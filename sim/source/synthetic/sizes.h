// How large values are.
#ifndef KEYWAY_SIM_SOURCE_SYNTHETIC_SIZES_H_
#define KEYWAY_SIM_SOURCE_SYNTHETIC_SIZES_H_

#include <cstdint>
#include <string_view>

#include "absl/status/statusor.h"
#include "sim/source/synthetic/random.h"

namespace keyway::sim {

// The largest value that Redis stores; what a distribution with a long tail is cut to.
inline constexpr uint64_t kMaxValueBytes = uint64_t{512} << 20;

// A distribution of sizes in bytes. A value.
class Sizes {
 public:
  // fixed:100 or just 100; uniform:10-1000, both ends included; lognormal:MEDIAN,SIGMA,
  // with SIGMA of the natural logarithm; pareto:LEAST,SHAPE or pareto:LEAST,SHAPE,MOST.
  static absl::StatusOr<Sizes> Parse(std::string_view text);

  uint64_t Draw(Random& random) const;

 private:
  enum class Kind { kFixed, kUniform, kLogNormal, kPareto };

  Kind kind_ = Kind::kFixed;
  double first_ = 0;   // the size; the least; the median; the least
  double second_ = 0;  // -; the greatest; sigma; the shape
  double most_ = static_cast<double>(kMaxValueBytes);
};

}  // namespace keyway::sim

#endif  // KEYWAY_SIM_SOURCE_SYNTHETIC_SIZES_H_

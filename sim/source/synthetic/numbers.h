// Numbers as users write them: 1000000, 1e6, 0.99.
#ifndef KEYWAY_SIM_SOURCE_SYNTHETIC_NUMBERS_H_
#define KEYWAY_SIM_SOURCE_SYNTHETIC_NUMBERS_H_

#include <cstdint>
#include <string_view>

#include "absl/status/statusor.h"

namespace keyway::sim {

// More than there will be of anything, and still exact as a double, as all below are.
inline constexpr uint64_t kMaxCount = (uint64_t{1} << 53) - 1;

// A whole number from 0 to kMaxCount; `what` is what errors call it.
absl::StatusOr<uint64_t> ParseCount(std::string_view what, std::string_view text);

// A finite number.
absl::StatusOr<double> ParseReal(std::string_view what, std::string_view text);

}  // namespace keyway::sim

#endif  // KEYWAY_SIM_SOURCE_SYNTHETIC_NUMBERS_H_

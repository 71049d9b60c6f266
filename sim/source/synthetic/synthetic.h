// Sources that make their keys: for questions about traffic that nobody recorded. What is
// made depends on the text alone and not on threads, so it can be made again, and parts
// of it (part=1/4 … part=4/4) add up to the whole.
#ifndef KEYWAY_SIM_SOURCE_SYNTHETIC_SYNTHETIC_H_
#define KEYWAY_SIM_SOURCE_SYNTHETIC_SYNTHETIC_H_

#include <memory>
#include <string_view>

#include "absl/status/statusor.h"
#include "sim/source/source.h"

namespace keyway::sim {

// All take options (see workload.h): keys=, start=, seed=, part=, size=; and requests=, s=,
// reads=, which make them requests instead of keys. Names: prefix= or name=.

// Keys that have nothing in common: 16 hexadecimal digits.
absl::StatusOr<std::unique_ptr<Source>> OpenUniform(std::string_view details);
// Numbers: 1, 2, 3.
absl::StatusOr<std::unique_ptr<Source>> OpenSequence(std::string_view details);
// Keys after a template: user:{id}:profile.
absl::StatusOr<std::unique_ptr<Source>> OpenTemplate(std::string_view details);
// Requests for keys of different popularity: the number k in proportion to k^-s.
absl::StatusOr<std::unique_ptr<Source>> OpenZipf(std::string_view details);

}  // namespace keyway::sim

#endif  // KEYWAY_SIM_SOURCE_SYNTHETIC_SYNTHETIC_H_

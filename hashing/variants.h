// Distributions whose parameters the proxy does not leave open, with the parameters open:
// for experiments. A pool whose parameter changed would be a pool whose keys move.
#ifndef KEYWAY_HASHING_VARIANTS_H_
#define KEYWAY_HASHING_VARIANTS_H_

#include <cstdint>
#include <memory>
#include <span>

#include "absl/status/statusor.h"
#include "hashing/distribution.h"

namespace keyway::hashing {

// `members` as in DistributionKind::make. All fail where a parameter makes no sense.

// A plain ring with `points` points for each member of the least weight. Karger et al.:
// Consistent Hashing and Random Trees (STOC 1997).
absl::StatusOr<std::unique_ptr<Distribution>> MakeKarger(std::span<const Member> members,
                                                         uint32_t points);

// "maglev" with a table of that many entries, a prime number.
absl::StatusOr<std::unique_ptr<Distribution>> MakeMaglev(std::span<const Member> members,
                                                         uint32_t entries);

// "multi_probe" with that many probes.
absl::StatusOr<std::unique_ptr<Distribution>> MakeMultiProbe(std::span<const Member> members,
                                                             uint32_t probes);

// "bounded" with members that own at most `percent` / 100 of their part.
absl::StatusOr<std::unique_ptr<Distribution>> MakeBounded(std::span<const Member> members,
                                                          uint32_t percent);

}  // namespace keyway::hashing

#endif  // KEYWAY_HASHING_VARIANTS_H_

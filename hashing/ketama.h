// The ring of twemproxy's ketama. For what a distribution does not tell: which part of the
// hash space a member owns.
#ifndef KEYWAY_HASHING_KETAMA_H_
#define KEYWAY_HASHING_KETAMA_H_

#include <cstddef>
#include <cstdint>
#include <span>

#include "absl/status/statusor.h"
#include "hashing/distribution.h"
#include "hashing/ring.h"

namespace keyway::hashing {

// 160 points per member on average, by weight, where MD5 of the member's name and a
// number puts them; very light members get none. `members` as in DistributionKind::make.
// Fails where nutcracker would write past its memory.
absl::StatusOr<Ring> KetamaRing(std::span<const Member> members);

// How many points a member of that weight gets, if so many members have weights of that
// sum: 156 and not 160 each, if 25 are equal.
uint32_t KetamaPoints(uint32_t weight, uint32_t total_weight, size_t members);

}  // namespace keyway::hashing

#endif  // KEYWAY_HASHING_KETAMA_H_

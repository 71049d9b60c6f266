// How every distribution is made. Private to this folder: others find them by name in
// distribution.h, which says what all of them share.
//
// Twemproxy's three, "bounded" and "slots" read the low 32 bits of a hash value as they are. The
// others were made for 64 well mixed bits, and values of twemproxy's functions have 32
// or even 15: these spread the value with Mix before they use it, so that any hash
// function serves. Where they hash a member's name, it is with XXH64.
#ifndef KEYWAY_HASHING_KINDS_H_
#define KEYWAY_HASHING_KINDS_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "hashing/distribution.h"
#include "hashing/ring.h"

namespace keyway::hashing {

using Members = std::span<const Member>;
using DistributionOr = absl::StatusOr<std::unique_ptr<Distribution>>;

DistributionOr MakeKetama(Members members);
DistributionOr MakeModula(Members members);
DistributionOr MakeRandom(Members members);
DistributionOr MakeJump(Members members);
DistributionOr MakeMaglev(Members members);
DistributionOr MakeRendezvous(Members members);
DistributionOr MakeMultiProbe(Members members);
DistributionOr MakeAnchor(Members members);
DistributionOr MakeBounded(Members members);
DistributionOr MakeSlots(Members members);

// A ring on which XXH64 of a member's name and a number put `points` points for each unit
// of its weight, after the weights are divided by what divides them all. Fails, in the
// name of `kind`, where these are more than `max_points` in all.
absl::StatusOr<Ring> NameRing(std::string_view kind, Members members, uint32_t points,
                              uint64_t max_points);

// PickEach where a pick is so short that finding Pick of the class takes longer.
template <class Kind>
void PickEachInline(const Kind& kind, std::span<const uint64_t> hashes,
                    std::span<uint32_t> members) {
  for (size_t i = 0; i < hashes.size(); ++i) {
    members[i] = static_cast<uint32_t>(kind.Kind::Pick(hashes[i]));
  }
}

// For a distribution whose places are the points of a ring.
Finding FindingOf(const Ring& ring, size_t point);

bool HaveEqualWeights(Members members);

// An error that says `kind` needs equal weights, unless they are.
absl::Status CheckEqualWeights(std::string_view kind, Members members);

}  // namespace keyway::hashing

#endif  // KEYWAY_HASHING_KINDS_H_

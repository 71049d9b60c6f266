// Which part of all hash values each server owns: what keys would do if there were
// endlessly many of them.
#ifndef KEYWAY_SIM_FIGURES_OWNERSHIP_H_
#define KEYWAY_SIM_FIGURES_OWNERSHIP_H_

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "hashing/placement.h"

namespace keyway::sim {

struct Ownership {
  std::vector<double> shares;  // of each member; 1 in all
  // 0 where the shares are exact; otherwise they are of a sample, and each is off by less
  // than this in 19 of 20 cases.
  double error = 0;
  std::string method;  // for people
};

// Of the values that the hash function can have, each taken as equally likely. Exact where
// the distribution has a ring or a table; otherwise by a sample. Fails where a placement
// cannot be made, and for "random", where nobody owns anything.
absl::StatusOr<Ownership> OwnershipOf(const hashing::PlacementOptions& options,
                                      std::span<const hashing::Member> members);

// The part of all keys that would move from members that stay to members that stay, if a
// member leaves: the mean over members (a sample of them and of the hash values). 0 in a
// consistent hash; what ejecting a server costs the others.
absl::StatusOr<double> ChurnOfALoss(const hashing::PlacementOptions& options,
                                    std::span<const hashing::Member> members);

// How full the fullest of `members` equal members with `points` random points each on a
// ring gets, relative to the mean, at most, with the given probability. The share of one
// is Beta(k, (n - 1) k) distributed (order statistics of uniform spacings; see Karger et
// al., STOC 1997); the fullest is bounded by the union of all.
double ExpectedRingPeak(size_t members, size_t points, double probability);

// How many points each member has on ketama's ring, 160 of the mean by weight unless
// rounding took some.
absl::StatusOr<std::vector<size_t>> KetamaPoints(std::span<const hashing::Member> members);

}  // namespace keyway::sim

#endif  // KEYWAY_SIM_FIGURES_OWNERSHIP_H_

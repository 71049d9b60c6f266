// From a key to a member: hash tag, hash function and distribution in one object.
// The only class of this library that the proxy and the simulator need.
#ifndef KEYWAY_HASHING_PLACEMENT_H_
#define KEYWAY_HASHING_PLACEMENT_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "hashing/distribution.h"
#include "hashing/hash.h"

namespace keyway::hashing {

struct PlacementOptions {
  std::string hash = "fnv1a_64";
  std::string hash_tag = "";  // or two bytes
  std::string distribution = "ketama";
};

// The order twemproxy gives the servers of a pool: by length of the name, then by
// its bytes. Ties on the ring, modula and statistics follow it. Returns the indices
// of `members` in that order.
std::vector<size_t> TwemproxyOrder(std::span<const Member> members);

// Why a key has its member.
struct Explanation {
  std::string_view hashed_part;  // of the key
  uint64_t hash = 0;
  Finding finding;  // whose member is an index into the members given to Make
};

// Immutable; usable from any thread.
class Placement {
 public:
  // `members` may be in any order. Fails on unknown names, an empty set, names that
  // are not unique, and on what the distribution refuses.
  static absl::StatusOr<Placement> Make(const PlacementOptions& options,
                                        std::span<const Member> members);

  Placement(Placement&&) = default;
  Placement& operator=(Placement&&) = default;

  // Index into the members given to Make. Does not allocate.
  size_t MemberFor(std::string_view key) const;
  // Of several keys, each into its place in `members`, which is at least as long; faster
  // than one by one.
  void MembersFor(std::span<const std::string_view> keys, std::span<uint32_t> members) const;

  // The two halves of that. Placements of the same hash and hash tag have the same hash
  // values, which so need to be computed only once.
  void HashesOf(std::span<const std::string_view> keys, std::span<uint64_t> hashes) const;
  void MembersFor(std::span<const uint64_t> hashes, std::span<uint32_t> members) const;

  // The same, with its reason. `key` outlives the answer.
  Explanation Explain(std::string_view key) const;

  // The parts of all hash values that the members given to Make have: see Distribution.
  bool Shares(std::span<double> shares) const;

  // The part of the key that is hashed, and its value (0 for an empty key).
  std::string_view HashedPart(std::string_view key) const;
  uint64_t HashOf(std::string_view key) const;

 private:
  Placement() = default;

  const HashFunction* hash_ = nullptr;
  std::string tag_;
  std::unique_ptr<Distribution> distribution_;
  std::vector<uint32_t> order_;  // distribution's index → caller's index
};

}  // namespace keyway::hashing

#endif  // KEYWAY_HASHING_PLACEMENT_H_

// From a hash value to a member: the interface, and the distributions by name.
#ifndef KEYWAY_HASHING_DISTRIBUTION_H_
#define KEYWAY_HASHING_DISTRIBUTION_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace keyway::hashing {

// A server as a distribution sees it.
struct Member {
  std::string name;     // hashed onto rings; unique within a set
  uint32_t weight = 1;  // at least 1
};

// What a pick found, for people who ask why: the place that decided, and whose it is.
struct Finding {
  // As Pick has it; none where each pick draws anew.
  std::optional<size_t> member;
  // The kind of place: "ring point", "table entry", …; empty where there are none.
  std::string_view place = {};
  uint64_t index = 0;  // of the place, from 0
  uint64_t count = 0;  // of the places there are
  // On a ring of 2^32 positions: the place's.
  std::optional<uint32_t> position = {};
};

// Immutable once made, except that "random" draws; usable from any thread.
class Distribution {
 public:
  virtual ~Distribution() = default;

  // Index into the members this was made from. Does not allocate.
  virtual size_t Pick(uint64_t hash) const = 0;

  // The same for several values, each into its place in `members`, which is as long or
  // longer.
  virtual void PickEach(std::span<const uint64_t> hashes, std::span<uint32_t> members) const;

  // The same pick, with its reason. Draws nothing.
  virtual Finding Explain(uint64_t hash) const = 0;

  // Sets `shares`, one for each member, to the parts of all hash values that they have,
  // and returns true. False, where nothing but trying many values tells.
  virtual bool Shares(std::span<double> shares) const;
};

// One kind of distribution.
struct DistributionKind {
  std::string_view name;  // as in nutcracker.yml
  // Makes it over `members`, which are in twemproxy's order and not empty. Fails
  // where the kind cannot represent them (too many, unequal weights, …).
  absl::StatusOr<std::unique_ptr<Distribution>> (*make)(std::span<const Member> members);
  bool twemproxy;  // whether nutcracker has it
};

// The kind with that exact name, or null.
const DistributionKind* FindDistribution(std::string_view name);

// All of them, twemproxy's first.
std::span<const DistributionKind> AllDistributions();

}  // namespace keyway::hashing

#endif  // KEYWAY_HASHING_DISTRIBUTION_H_

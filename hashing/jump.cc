#include "hashing/jump.h"

#include "hashing/kinds.h"
#include "hashing/mix.h"

namespace keyway::hashing {

// Each round draws, from a linear congruential generator that the key seeds, the number
// of buckets at which the key moves next, and stops at the last one within reach.
uint32_t JumpHash(uint64_t key, uint32_t buckets) {
  constexpr double kRange = 1u << 31;
  uint64_t bucket = 0;
  for (uint64_t next = 0; next < buckets;) {
    bucket = next;
    key = key * 2862933555777941757u + 1;
    const double draw = static_cast<double>((key >> 33) + 1);
    next = static_cast<uint64_t>(static_cast<double>(bucket + 1) * (kRange / draw));
  }
  return static_cast<uint32_t>(bucket);
}

namespace {

// Members are buckets by their position, so only the last ones can come and go cheaply:
// one that leaves the middle moves the keys of all behind it. No memory, perfect spread.
class Jump : public Distribution {
 public:
  explicit Jump(Members members) : members_(static_cast<uint32_t>(members.size())) {}

  size_t Pick(uint64_t hash) const override { return JumpHash(Mix(hash), members_); }

  Finding Explain(uint64_t hash) const override {
    const size_t bucket = Pick(hash);
    return {.member = bucket, .place = "bucket", .index = bucket, .count = members_};
  }

 private:
  const uint32_t members_;
};

}  // namespace

DistributionOr MakeJump(Members members) {
  if (absl::Status equal = CheckEqualWeights("jump", members); !equal.ok()) return equal;
  return std::make_unique<Jump>(members);
}

}  // namespace keyway::hashing

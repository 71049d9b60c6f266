#include "hashing/bounded.h"

#include <algorithm>
#include <utility>

#include "absl/numeric/int128.h"
#include "hashing/ketama.h"
#include "hashing/kinds.h"
#include "hashing/variants.h"

namespace keyway::hashing {

absl::StatusOr<BoundedLoads> BoundedLoads::Make(std::span<const Member> members, uint32_t percent,
                                                uint64_t expected) {
  if (percent < 100) {
    return absl::InvalidArgumentError("bounded loads: less than 100 % would not hold all items");
  }
  absl::StatusOr<Ring> ring = KetamaRing(members);
  if (!ring.ok()) return ring.status();
  return BoundedLoads(*std::move(ring), members, percent, expected);
}

// A member so light that it has no points can take nothing, and counting its weight could
// leave the others with less room than there are items.
BoundedLoads::BoundedLoads(Ring ring, std::span<const Member> members, uint32_t percent,
                           uint64_t expected)
    : ring_(std::move(ring)),
      percent_(percent),
      expected_(expected),
      weights_(members.size()),
      loads_(members.size()) {
  for (size_t point = 0; point < ring_.size(); ++point) {
    const uint32_t member = ring_[point].member;
    weights_[member] = members[member].weight;
  }
  for (const uint32_t weight : weights_) total_weight_ += weight;
}

// load >= ceil(items * percent / 100 * weight / total_weight), without the rounding.
bool BoundedLoads::IsFull(size_t member, uint64_t items) const {
  return absl::uint128(loads_[member]) * 100 * total_weight_ >=
         absl::uint128(items) * percent_ * weights_[member];
}

// Ends, because all members together have room for at least one item more than there are.
size_t BoundedLoads::Assign(uint64_t hash) {
  ++items_;
  const uint64_t items = std::max(items_, expected_);
  size_t point = ring_.Next(static_cast<uint32_t>(hash));
  while (IsFull(ring_[point].member, items)) {
    if (++point == ring_.size()) point = 0;
  }
  ++loads_[ring_[point].member];
  return ring_[point].member;
}

void BoundedLoads::Release(size_t member) {
  --loads_[member];
  --items_;
}

namespace {

// The hash space is cut into this many equal parts, which are the items.
constexpr uint32_t kPartBits = 16;
constexpr uint32_t kParts = 1 << kPartBits;
constexpr uint32_t kPercent = 105;

// What bounded loads can mean for a pick that knows nothing of the loads: that no member
// owns more than so many percent of its part of the hash space. Ketama's ring alone gives some 120.
// Keys that fit stay where ketama has them, so that a pool can be taken over.
class Bounded : public Distribution {
 public:
  explicit Bounded(BoundedLoads loads) : members_(kParts) {
    // In an order that is scattered over the ring, so that what does not fit spills over
    // everywhere a little and not far from where the walk ends.
    constexpr uint32_t kScatter = 40503;
    for (uint32_t count = 0; count < kParts; ++count) {
      const uint32_t part = (count * kScatter) % kParts;
      members_[part] = static_cast<uint32_t>(loads.Assign(part << (32 - kPartBits)));
    }
  }

  size_t Pick(uint64_t hash) const override { return members_[PartOf(hash)]; }

  void PickEach(std::span<const uint64_t> hashes, std::span<uint32_t> members) const override {
    PickEachInline(*this, hashes, members);
  }

  Finding Explain(uint64_t hash) const override {
    const uint32_t part = PartOf(hash);
    return {.member = members_[part],
            .place = "part of the hash space",
            .index = part,
            .count = kParts};
  }

  bool Shares(std::span<double> shares) const override {
    std::ranges::fill(shares, 0);
    for (const uint32_t member : members_) shares[member] += 1.0 / kParts;
    return true;
  }

 private:
  static uint32_t PartOf(uint64_t hash) { return static_cast<uint32_t>(hash) >> (32 - kPartBits); }

  std::vector<uint32_t> members_;  // by part
};

}  // namespace

DistributionOr MakeBounded(Members members) { return MakeBounded(members, kPercent); }

DistributionOr MakeBounded(Members members, uint32_t percent) {
  absl::StatusOr<BoundedLoads> loads = BoundedLoads::Make(members, percent, kParts);
  if (!loads.ok()) return loads.status();
  return std::make_unique<Bounded>(*std::move(loads));
}

}  // namespace keyway::hashing

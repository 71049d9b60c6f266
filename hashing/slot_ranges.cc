#include <algorithm>
#include <vector>

#include "absl/strings/str_format.h"
#include "hashing/kinds.h"
#include "hashing/slots.h"

namespace keyway::hashing {
namespace {

// The slots of Redis Cluster, in one range for each member, as long as its weight. Ranges
// end where the exact parts do, rounded to the nearest slot: as `redis-cli --cluster create`
// has them, up to 77 equal members (for more, its single precision shows). With the hash
// "crc16", of which Redis Cluster's is the low half, and the hash tag "{}" a key has the
// slot that CLUSTER KEYSLOT says.
class Slots : public Distribution {
 public:
  explicit Slots(Members members) {
    uint64_t total = 0;
    for (const Member& member : members) total += member.weight;
    uint64_t weight = 0;
    for (uint32_t index = 0; index < members.size(); ++index) {
      weight += members[index].weight;
      members_.resize((2 * kSlotCount * weight + total) / (2 * total), index);
    }
  }

  size_t Pick(uint64_t hash) const override { return members_[hash % kSlotCount]; }

  void PickEach(std::span<const uint64_t> hashes, std::span<uint32_t> members) const override {
    PickEachInline(*this, hashes, members);
  }

  Finding Explain(uint64_t hash) const override {
    const uint64_t slot = hash % kSlotCount;
    return {.member = members_[slot], .place = "slot", .index = slot, .count = kSlotCount};
  }

  bool Shares(std::span<double> shares) const override {
    std::ranges::fill(shares, 0);
    for (const uint32_t member : members_) shares[member] += 1.0 / kSlotCount;
    return true;
  }

 private:
  std::vector<uint32_t> members_;  // by slot
};

}  // namespace

DistributionOr MakeSlots(Members members) {
  if (members.size() > kSlotCount) {
    return absl::InvalidArgumentError(
        absl::StrFormat("slots: %d members are more than %d slots", members.size(), kSlotCount));
  }
  return std::make_unique<Slots>(members);
}

}  // namespace keyway::hashing

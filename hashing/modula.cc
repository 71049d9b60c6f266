#include <algorithm>
#include <bit>
#include <utility>
#include <vector>

#include "hashing/kinds.h"
#include "hashing/ring.h"

namespace keyway::hashing {
namespace {

// The hash value modulo the sum of the weights, in a list that has each member as often
// as its weight. The list is not written out: the last entry of each member is a point on
// a ring, on which the entries are spread as far apart as they go.
class Modula : public Distribution {
 public:
  Modula(Ring ring, uint32_t total_weight, int shift)
      : ring_(std::move(ring)), total_weight_(total_weight), shift_(shift) {}

  size_t Pick(uint64_t hash) const override { return MemberOf(EntryOf(hash)); }

  void PickEach(std::span<const uint64_t> hashes, std::span<uint32_t> members) const override {
    PickEachInline(*this, hashes, members);
  }

  Finding Explain(uint64_t hash) const override {
    const uint32_t entry = EntryOf(hash);
    return {
        .member = MemberOf(entry), .place = "list entry", .index = entry, .count = total_weight_};
  }

  // The values below 2^32 go round the list many times, and the last time not to its end.
  bool Shares(std::span<double> shares) const override {
    constexpr uint64_t kValues = uint64_t{1} << 32;
    const uint64_t rounds = kValues / total_weight_;
    const uint64_t rest = kValues % total_weight_;
    uint64_t begin = 0;
    for (size_t point = 0; point < ring_.size(); ++point) {
      const uint64_t end = (ring_[point].position >> shift_) + uint64_t{1};
      const uint64_t once_more = std::min(end, rest) - std::min(begin, rest);
      const uint64_t values = (end - begin) * rounds + once_more;
      shares[ring_[point].member] = static_cast<double>(values) * 0x1p-32;
      begin = end;
    }
    return true;
  }

 private:
  uint32_t EntryOf(uint64_t hash) const { return static_cast<uint32_t>(hash) % total_weight_; }
  size_t MemberOf(uint32_t entry) const { return ring_[ring_.Next(entry << shift_)].member; }

  const Ring ring_;
  const uint32_t total_weight_;
  const int shift_;
};

}  // namespace

DistributionOr MakeModula(Members members) {
  uint64_t total = 0;
  for (const Member& member : members) total += member.weight;
  if (total > UINT32_MAX) {
    return absl::InvalidArgumentError("modula: the weights add up to more than 4294967295");
  }

  const int shift = std::countl_zero(static_cast<uint32_t>(total));
  std::vector<Ring::Point> last_entries;
  last_entries.reserve(members.size());
  uint32_t end = 0;
  for (uint32_t index = 0; index < members.size(); ++index) {
    end += members[index].weight;
    last_entries.push_back({.position = (end - 1) << shift, .member = index});
  }
  return std::make_unique<Modula>(Ring(last_entries), static_cast<uint32_t>(total), shift);
}

}  // namespace keyway::hashing

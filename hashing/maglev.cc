#include <algorithm>
#include <vector>

#include "absl/strings/str_format.h"
#include "hashing/functions.h"
#include "hashing/kinds.h"
#include "hashing/mix.h"
#include "hashing/variants.h"

namespace keyway::hashing {
namespace {

// Table sizes, both of them the paper's. They are prime, so that any step visits every
// entry, and a hundred times the members keep the shares within one percent.
constexpr uint32_t kSizes[] = {65537, 655373};
constexpr size_t kEntriesPerMember = 100;

// For a size that somebody chooses: 200 MB.
constexpr uint32_t kMaxEntries = 100'000'000;

constexpr uint16_t kFree = UINT16_MAX;

// One member's walk over the table: a permutation of its entries.
struct Walk {
  uint32_t entry;
  uint32_t step;
  double turns_per_round;
  double turns = 0;

  void Advance(uint32_t size) {
    entry += step;
    if (entry >= size) entry -= size;
  }
};

// Eisenbud et al.: Maglev: A Fast and Reliable Software Network Load Balancer (NSDI 2016),
// section 3.4. Members take turns to claim the next free entry of their walk; one with
// half the greatest weight has a turn in every other round.
std::vector<uint16_t> Populate(Members members, uint32_t size) {
  const double max_weight = std::ranges::max(members, {}, &Member::weight).weight;
  std::vector<Walk> walks;
  walks.reserve(members.size());
  for (const Member& member : members) {
    const uint64_t bits = Xxh64(member.name);
    walks.push_back({.entry = static_cast<uint32_t>(bits % size),
                     .step = static_cast<uint32_t>(Mix(bits) % (size - 1)) + 1,
                     .turns_per_round = member.weight / max_weight});
  }

  std::vector<uint16_t> table(size, kFree);
  for (uint32_t claimed = 0, index = 0; claimed < size; index = (index + 1) % walks.size()) {
    Walk& walk = walks[index];
    walk.turns += walk.turns_per_round;
    if (walk.turns < 1) continue;
    walk.turns -= 1;
    while (table[walk.entry] != kFree) walk.Advance(size);
    table[walk.entry] = static_cast<uint16_t>(index);
    ++claimed;
  }
  return table;
}

class Maglev : public Distribution {
 public:
  explicit Maglev(std::vector<uint16_t> table) : table_(std::move(table)) {}

  size_t Pick(uint64_t hash) const override { return table_[EntryOf(hash)]; }

  void PickEach(std::span<const uint64_t> hashes, std::span<uint32_t> members) const override {
    PickEachInline(*this, hashes, members);
  }

  Finding Explain(uint64_t hash) const override {
    const uint32_t entry = EntryOf(hash);
    return {
        .member = table_[entry], .place = "table entry", .index = entry, .count = table_.size()};
  }

  bool Shares(std::span<double> shares) const override {
    std::ranges::fill(shares, 0);
    const double part = 1 / static_cast<double>(table_.size());
    for (const uint16_t member : table_) shares[member] += part;
    return true;
  }

 private:
  uint32_t EntryOf(uint64_t hash) const {
    return Scale(Mix(hash), static_cast<uint32_t>(table_.size()));
  }

  const std::vector<uint16_t> table_;
};

}  // namespace

DistributionOr MakeMaglev(Members members) {
  const auto size = std::ranges::find_if(kSizes, [members](uint32_t entries) {
    return members.size() * kEntriesPerMember <= entries;
  });
  if (size == std::end(kSizes)) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "maglev: %d members are more than %d", members.size(), kSizes[1] / kEntriesPerMember));
  }
  return std::make_unique<Maglev>(Populate(members, *size));
}

// Any step visits every entry because the size is prime; trying all divisors takes less
// time than the table.
DistributionOr MakeMaglev(Members members, uint32_t entries) {
  bool prime = entries >= 2;
  for (uint64_t divisor = 2; prime && divisor * divisor <= entries; ++divisor) {
    prime = entries % divisor != 0;
  }
  if (!prime) return absl::InvalidArgumentError("maglev: the size of the table is not prime");
  if (members.size() > entries || members.size() >= kFree || entries > kMaxEntries) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "maglev: %d members do not fit a table of %d entries (at most %d members, %d entries)",
        members.size(), entries, kFree - 1, kMaxEntries));
  }
  return std::make_unique<Maglev>(Populate(members, entries));
}

}  // namespace keyway::hashing

#include <cmath>
#include <vector>

#include "hashing/functions.h"
#include "hashing/kinds.h"
#include "hashing/mix.h"

namespace keyway::hashing {
namespace {

Finding BestOf(size_t members, size_t best) {
  return {.member = best, .place = "highest draw", .index = best, .count = members};
}

// Every member draws a number for the key, and the best one gets it. A member that leaves
// moves only its own keys, evenly to all others. Each pick asks every member: for pools of
// tens. Thaler and Ravishankar: Using Name-Based Mappings to Increase Hit Rates (IEEE/ACM
// Transactions on Networking, 1998).
class Rendezvous : public Distribution {
 public:
  explicit Rendezvous(Members members) {
    for (const Member& member : members) names_.push_back(Xxh64(member.name));
  }

  size_t Pick(uint64_t hash) const override {
    const uint64_t key = Mix(hash);
    size_t best = 0;
    uint64_t highest = 0;
    for (size_t member = 0; member < names_.size(); ++member) {
      const uint64_t draw = Mix(key ^ names_[member]);
      if (draw > highest) {
        highest = draw;
        best = member;
      }
    }
    return best;
  }

  Finding Explain(uint64_t hash) const override { return BestOf(names_.size(), Pick(hash)); }

 private:
  std::vector<uint64_t> names_;
};

// With weights: -weight / ln(draw) is greatest for a member as often as its weight is in
// the sum. Schindelhauer and Schomaker: Weighted Distributed Hash Tables (SPAA 2005), the
// logarithmic method. Where weights are equal, the order is that of the draws, so both
// classes pick the same member and changing one weight moves only what it must.
class WeightedRendezvous : public Distribution {
 public:
  explicit WeightedRendezvous(Members members) {
    for (const Member& member : members) {
      members_.push_back({.name = Xxh64(member.name), .weight = double(member.weight)});
    }
  }

  size_t Pick(uint64_t hash) const override {
    const uint64_t key = Mix(hash);
    size_t best = 0;
    double highest = 0;
    for (size_t member = 0; member < members_.size(); ++member) {
      const uint64_t draw = Mix(key ^ members_[member].name);
      const double score = -members_[member].weight / std::log(Fraction(draw));
      if (score > highest) {
        highest = score;
        best = member;
      }
    }
    return best;
  }

  Finding Explain(uint64_t hash) const override { return BestOf(members_.size(), Pick(hash)); }

 private:
  struct Entry {
    uint64_t name;
    double weight;
  };

  // Between 0 and 1, and neither.
  static double Fraction(uint64_t draw) {
    return (static_cast<double>(draw >> 12) + 0.5) * 0x1p-52;
  }

  std::vector<Entry> members_;
};

}  // namespace

DistributionOr MakeRendezvous(Members members) {
  if (HaveEqualWeights(members)) return std::make_unique<Rendezvous>(members);
  return std::make_unique<WeightedRendezvous>(members);
}

}  // namespace keyway::hashing

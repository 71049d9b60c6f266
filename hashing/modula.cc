#include <algorithm>
#include <vector>

#include "hashing/kinds.h"

namespace keyway::hashing {
namespace {

// The hash value modulo the sum of the weights, in a list that has each member as often
// as its weight. The list is kept as where each member's entries end.
class Modula : public Distribution {
 public:
  explicit Modula(Members members) {
    uint64_t end = 0;
    for (const Member& member : members) ends_.push_back(end += member.weight);
  }

  size_t Pick(uint64_t hash) const override {
    const uint64_t entry = hash % ends_.back();
    return std::ranges::upper_bound(ends_, entry) - ends_.begin();
  }

 private:
  std::vector<uint64_t> ends_;
};

}  // namespace

DistributionOr MakeModula(Members members) { return std::make_unique<Modula>(members); }

}  // namespace keyway::hashing

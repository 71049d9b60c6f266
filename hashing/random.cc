#include <algorithm>
#include <atomic>

#include "hashing/kinds.h"
#include "hashing/mix.h"

namespace keyway::hashing {
namespace {

// Every pick draws anew; hash value and weights play no part, as in twemproxy. The only
// distribution with state: a counter, which Mix turns into a sequence without pattern.
// The order of increments between threads does not matter, hence relaxed.
class Random : public Distribution {
 public:
  explicit Random(Members members) : members_(static_cast<uint32_t>(members.size())) {}

  size_t Pick(uint64_t) const override {
    return Scale(Mix(drawn_.fetch_add(1, std::memory_order_relaxed)), members_);
  }

  Finding Explain(uint64_t) const override { return {.member = std::nullopt}; }

  bool Shares(std::span<double> shares) const override {
    std::ranges::fill(shares, 1.0 / members_);
    return true;
  }

 private:
  const uint32_t members_;
  mutable std::atomic<uint64_t> drawn_ = 0;
};

}  // namespace

DistributionOr MakeRandom(Members members) { return std::make_unique<Random>(members); }

}  // namespace keyway::hashing

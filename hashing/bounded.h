// Ketama with bounded loads: no member gets more than a stated multiple of its fair part.
#ifndef KEYWAY_HASHING_BOUNDED_H_
#define KEYWAY_HASHING_BOUNDED_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "hashing/distribution.h"
#include "hashing/ring.h"

namespace keyway::hashing {

// Puts items on members, each on the first one from its place on twemproxy's ring that is
// not full. Mirrokni, Thorup, Zadimoghaddam: Consistent Hashing with Bounded Loads,
// arXiv:1608.01350.
//
// A bound needs the loads, and so this is not a Distribution: where an item is depends on
// what came before it, and only the caller knows that. For planning and for caches. The
// distribution "bounded" is made with it once, over equal parts of the hash space.
//
// A resource of one thread.
class BoundedLoads {
 public:
  // `members` as in DistributionKind::make. A member is full with `percent` / 100 of its
  // part, by weight, of all items; `percent` is at least 100, and 125 is usual. If
  // `expected` items will come, saying so keeps the first ones from being spread as if
  // they were all. Fails where ketama does.
  static absl::StatusOr<BoundedLoads> Make(std::span<const Member> members, uint32_t percent,
                                           uint64_t expected = 0);

  // The member of one more item. Its load, with this item, is at most `percent` / 100 of
  // its part of all items there are now (or are expected, if more), rounded up.
  size_t Assign(uint64_t hash);

  // One item of this member is gone. Others stay where they are, so that a member may
  // for a while hold more than the bound would now give it.
  void Release(size_t member);

  // By member.
  std::span<const uint64_t> loads() const { return loads_; }

 private:
  BoundedLoads(Ring ring, std::span<const Member> members, uint32_t percent, uint64_t expected);

  bool IsFull(size_t member, uint64_t items) const;

  Ring ring_;
  uint32_t percent_;
  uint64_t expected_;
  uint64_t items_ = 0;
  uint64_t total_weight_ = 0;      // of the members that have points
  std::vector<uint32_t> weights_;  // by member, like loads_
  std::vector<uint64_t> loads_;
};

}  // namespace keyway::hashing

#endif  // KEYWAY_HASHING_BOUNDED_H_

#include "hashing/anchor.h"

#include <numeric>

#include "absl/strings/str_format.h"
#include "hashing/kinds.h"
#include "hashing/mix.h"

namespace keyway::hashing {

AnchorHash::AnchorHash(uint32_t capacity, uint32_t working)
    : working_(capacity), size_when_removed_(capacity), order_(capacity) {
  std::iota(order_.begin(), order_.end(), 0u);
  place_ = order_;
  successor_ = order_;
  while (working_ > working) Remove(working_ - 1);
}

// A removed bucket hands its keys to those that worked on after it, by a draw among their
// places. Place n was bucket n's at first; if that one had gone before, its successor's.
uint32_t AnchorHash::BucketOf(uint64_t bits) const {
  uint32_t bucket = Scale(bits, capacity());
  while (size_when_removed_[bucket] != 0) {
    const uint32_t size = size_when_removed_[bucket];
    uint32_t next = Scale(Mix(bits ^ bucket), size);
    while (size_when_removed_[next] >= size) next = successor_[next];
    bucket = next;
  }
  return bucket;
}

void AnchorHash::Remove(uint32_t bucket) {
  removed_.push_back(bucket);
  --working_;
  size_when_removed_[bucket] = working_;
  const uint32_t last = order_[working_];
  order_[place_[bucket]] = last;
  successor_[bucket] = last;
  place_[last] = place_[bucket];
}

uint32_t AnchorHash::Add() {
  const uint32_t bucket = removed_.back();
  removed_.pop_back();
  size_when_removed_[bucket] = 0;
  place_[order_[working_]] = working_;
  order_[place_[bucket]] = bucket;
  successor_[bucket] = bucket;
  ++working_;
  return bucket;
}

namespace {

// The same for every pool, so that a pool may grow to it. Look-ups among ten members try
// seven buckets with this one.
constexpr uint32_t kCapacity = 4096;

// Members are buckets by their position. A distribution knows who is there and not who
// has left, so the unused buckets count as removed from the last to the first, and what
// is said of jump is true of this one: members come and go cheaply at the end only.
// Whoever keeps an AnchorHash may remove any.
class Anchor : public Distribution {
 public:
  explicit Anchor(Members members) : buckets_(kCapacity, static_cast<uint32_t>(members.size())) {}

  size_t Pick(uint64_t hash) const override { return buckets_.BucketOf(Mix(hash)); }

  Finding Explain(uint64_t hash) const override {
    const size_t bucket = Pick(hash);
    return {.member = bucket, .place = "bucket", .index = bucket, .count = buckets_.working()};
  }

 private:
  const AnchorHash buckets_;
};

}  // namespace

DistributionOr MakeAnchor(Members members) {
  if (members.size() > kCapacity) {
    return absl::InvalidArgumentError(
        absl::StrFormat("anchor: %d members are more than %d", members.size(), kCapacity));
  }
  if (absl::Status equal = CheckEqualWeights("anchor", members); !equal.ok()) return equal;
  return std::make_unique<Anchor>(members);
}

}  // namespace keyway::hashing

#include "hashing/anchor.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <random>

#include "hashing/measure.h"
#include "hashing/mix.h"

namespace keyway::hashing {
namespace {

// The paper's first version, which keeps for every removed bucket the whole set of those
// that worked after it.
class PlainAnchor {
 public:
  explicit PlainAnchor(uint32_t capacity) : capacity_(capacity) {
    for (uint32_t bucket = 0; bucket < capacity; ++bucket) working_.push_back(bucket);
  }

  void Remove(uint32_t bucket) {
    *std::ranges::find(working_, bucket) = working_.back();
    working_.pop_back();
    after_[bucket] = working_;
  }

  uint32_t BucketOf(uint64_t bits) const {
    uint32_t bucket = Scale(bits, capacity_);
    for (auto removed = after_.find(bucket); removed != after_.end();
         removed = after_.find(bucket)) {
      const std::vector<uint32_t>& set = removed->second;
      bucket = set[Scale(Mix(bits ^ bucket), static_cast<uint32_t>(set.size()))];
    }
    return bucket;
  }

  const std::vector<uint32_t>& working() const { return working_; }

 private:
  uint32_t capacity_;
  std::vector<uint32_t> working_;
  std::map<uint32_t, std::vector<uint32_t>> after_;
};

std::vector<uint32_t> Buckets(const AnchorHash& anchor, int keys) {
  std::vector<uint32_t> buckets;
  for (int key = 0; key < keys; ++key) buckets.push_back(anchor.BucketOf(Mix(key)));
  return buckets;
}

TEST(AnchorHashTest, EqualsTheVersionThatKeepsSets) {
  std::mt19937 random(1);
  AnchorHash anchor(50, 50);
  PlainAnchor plain(50);
  while (anchor.working() > 1) {
    const uint32_t bucket = plain.working()[random() % anchor.working()];
    anchor.Remove(bucket);
    plain.Remove(bucket);
    for (uint64_t key = 0; key < 300; ++key) {
      ASSERT_EQ(anchor.BucketOf(Mix(key)), plain.BucketOf(Mix(key)));
    }
  }
}

TEST(AnchorHashTest, OnlyTheKeysOfARemovedBucketMoveAndAllComeBack) {
  constexpr int kKeys = 5'000;
  AnchorHash anchor(64, 40);
  std::vector<std::vector<uint32_t>> history = {Buckets(anchor, kKeys)};
  for (const uint32_t bucket : {7u, 39u, 0u, 20u}) {
    anchor.Remove(bucket);
    history.push_back(Buckets(anchor, kKeys));
    const std::vector<uint32_t>& before = history[history.size() - 2];
    for (int key = 0; key < kKeys; ++key) {
      ASSERT_NE(history.back()[key], bucket);
      if (before[key] == bucket) continue;
      ASSERT_EQ(history.back()[key], before[key]);
    }
  }
  for (const uint32_t bucket : {20u, 0u, 39u, 7u}) {
    EXPECT_EQ(anchor.Add(), bucket);
    history.pop_back();
    EXPECT_EQ(Buckets(anchor, kKeys), history.back());
  }
  EXPECT_EQ(anchor.Add(), 40u);
  EXPECT_EQ(anchor.working(), 41u);
  EXPECT_EQ(anchor.capacity(), 64u);
}

TEST(AnchorHashTest, SpreadAfterRemovalsInAnyOrder) {
  AnchorHash anchor(200, 100);
  for (uint32_t bucket = 0; bucket < 100; bucket += 3) anchor.Remove(bucket);
  std::vector<size_t> counts(100);
  for (uint64_t key = 0; key < 200'000; ++key) ++counts[anchor.BucketOf(Mix(key))];
  std::erase(counts, size_t{0});
  ASSERT_EQ(counts.size(), anchor.working());
  EXPECT_LT(std::abs(ChiSquareScore(counts)), 4);
}

TEST(AnchorTest, Spread) {
  const auto anchor = MakeOrDie("anchor", Servers(10));
  EXPECT_LT(std::abs(ChiSquareScore(Count(*anchor, 10, RandomHashes(100'000)))), 4);
}

TEST(AnchorTest, AMemberAtTheEndOnlyTakes) {
  const Movement added = Move("anchor", Servers(10), Servers(11), RandomHashes(50'000));
  EXPECT_NEAR(added.total, 1.0 / 11, 0.006);
  EXPECT_EQ(added.between_survivors, 0);
}

TEST(AnchorTest, Refusals) {
  const auto* kind = FindDistribution("anchor");
  EXPECT_EQ(kind->make(Servers(4097)).status().message(),
            "anchor: 4097 members are more than 4096");
  EXPECT_FALSE(kind->make(std::vector<Member>{{"a", 1}, {"b", 2}}).ok());
  EXPECT_TRUE(kind->make(Servers(4096)).ok());
}

}  // namespace
}  // namespace keyway::hashing

#include "sim/figures/ownership.h"

#include <algorithm>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "hashing/distribution.h"

namespace keyway::sim {
namespace {

std::vector<hashing::Member> Servers(size_t count) {
  std::vector<hashing::Member> members;
  for (size_t i = 1; i <= count; ++i) members.push_back({.name = "server" + std::to_string(i)});
  return members;
}

double Peak(const std::vector<double>& shares) {
  return *std::ranges::max_element(shares) * static_cast<double>(shares.size());
}

// Measured from the arcs of the rings of nutcracker 0.5.0.
TEST(OwnershipTest, KetamaIsExact) {
  for (const auto& [servers, peak] : {std::pair(4, 1.0512), {10, 1.1140}, {16, 1.1044}}) {
    const absl::StatusOr<Ownership> ownership = OwnershipOf({}, Servers(servers));
    ASSERT_TRUE(ownership.ok()) << ownership.status();
    EXPECT_EQ(ownership->error, 0);
    EXPECT_NEAR(Peak(ownership->shares), peak, 2e-3) << servers;
    EXPECT_NEAR(std::accumulate(ownership->shares.begin(), ownership->shares.end(), 0.0), 1, 1e-12);
  }
}

TEST(OwnershipTest, EachDistributionOwnsAllByTheWeights) {
  std::vector<hashing::Member> members = Servers(3);
  members[1].weight = 2;
  for (const std::string distribution : {"modula", "maglev", "rendezvous", "bounded"}) {
    const auto ownership = OwnershipOf({.hash = "murmur", .distribution = distribution}, members);
    ASSERT_TRUE(ownership.ok()) << ownership.status();
    EXPECT_NEAR(ownership->shares[1], 0.5, 0.03) << distribution;
    EXPECT_NEAR(ownership->shares[0] + ownership->shares[2], 0.5, 0.03) << distribution;
  }
}

TEST(OwnershipTest, FifteenBitsAreOnOneServer) {
  const absl::StatusOr<Ownership> ownership = OwnershipOf({.hash = "crc32"}, Servers(10));
  ASSERT_TRUE(ownership.ok());
  EXPECT_GT(*std::ranges::max_element(ownership->shares), 0.9);
}

TEST(OwnershipTest, RandomOwnsNothing) {
  EXPECT_FALSE(OwnershipOf({.distribution = "random"}, Servers(2)).ok());
  EXPECT_FALSE(OwnershipOf({.hash = "no"}, Servers(2)).ok());
}

TEST(ChurnTest, ConsistentHashesHaveNone) {
  for (const std::string distribution : {"ketama", "rendezvous"}) {
    EXPECT_EQ(*ChurnOfALoss({.distribution = distribution}, Servers(10)), 0) << distribution;
  }
  EXPECT_NEAR(*ChurnOfALoss({.distribution = "modula"}, Servers(10)), 0.8, 0.02);
  EXPECT_GT(*ChurnOfALoss({.distribution = "jump"}, Servers(10)), 0.3);
  EXPECT_EQ(*ChurnOfALoss({}, Servers(1)), 0);
}

// 26 servers have 160 points each, 25 have 156: one of 26 lost costs the others keys.
TEST(ChurnTest, RoundingMovesKeysOfServersThatLive) {
  EXPECT_GT(*ChurnOfALoss({}, Servers(26)), 0);
  EXPECT_LT(*ChurnOfALoss({}, Servers(26)), 0.05);
}

TEST(PointsTest, SinglePrecision) {
  EXPECT_EQ(*KetamaPoints(Servers(24)), std::vector<size_t>(24, 160));
  EXPECT_EQ(*KetamaPoints(Servers(25)), std::vector<size_t>(25, 156));
  std::vector<hashing::Member> members = Servers(2);
  members[0].weight = 1000;
  EXPECT_EQ(*KetamaPoints(members), (std::vector<size_t>{316, 0}));
}

// Simulated rings of ten servers have a median peak of 1.119 and 1.197 in 95 of 100.
TEST(RingPeakTest, BoundsWhatRingsDo) {
  EXPECT_NEAR(ExpectedRingPeak(10, 160, 0.95), 1.20, 0.015);
  EXPECT_NEAR(ExpectedRingPeak(100, 160, 0.95), 1.28, 0.03);
  EXPECT_LT(ExpectedRingPeak(10, 160, 0.5), ExpectedRingPeak(10, 160, 0.99));
  EXPECT_EQ(ExpectedRingPeak(1, 160, 0.95), 1);
}

}  // namespace
}  // namespace keyway::sim

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "hashing/measure.h"

namespace keyway::hashing {
namespace {

std::vector<Member> ServersOfRing(size_t members, size_t ring) {
  std::vector<Member> servers = Servers(members);
  for (Member& server : servers) server.name += "." + std::to_string(ring);
  return servers;
}

// With 21 probes the peak of ten members is 1.050 times the mean, over many rings, which
// scatter by 0.057; of a hundred the same, and they scatter by 0.017.
TEST(MultiProbeTest, Peak) {
  for (const auto& [members, rings] : {std::pair(10, 400), {100, 40}}) {
    double sum = 0;
    for (int ring = 0; ring < rings; ++ring) {
      std::vector<double> shares(members);
      ASSERT_TRUE(MakeOrDie("multi_probe", ServersOfRing(members, ring))->Shares(shares));
      sum += Peak(shares);
    }
    EXPECT_NEAR(sum / rings, 1.050, 0.01) << members;
  }
}

// Chance explains how far the picks are from them.
TEST(MultiProbeTest, SharesAreExact) {
  constexpr size_t kHashes = 50'000;
  const auto distribution = MakeOrDie("multi_probe", Servers(50));
  std::vector<double> shares(50);
  ASSERT_TRUE(distribution->Shares(shares));
  const std::vector<size_t> counts = Count(*distribution, 50, RandomHashes(kHashes));
  EXPECT_LT(std::abs(ChiSquareScore(counts, shares)), 4);
}

TEST(MultiProbeTest, AMemberThatLeavesMovesItsOwnKeysOnly) {
  std::vector<Member> fewer = Servers(10);
  fewer.erase(fewer.begin() + 4);
  const Movement removed = Move("multi_probe", Servers(10), fewer, RandomHashes(20'000));
  EXPECT_GT(removed.total, 0);
  EXPECT_EQ(removed.between_survivors, 0);
}

// A member of twice the weight has two of the points, and points are bounded like members.
TEST(MultiProbeTest, Weights) {
  std::vector<Member> members = Servers(20);
  for (Member& member : members) member.weight = 200;
  members[0].weight = 2000;
  const auto distribution = MakeOrDie("multi_probe", members);
  const std::vector<size_t> counts = Count(*distribution, 20, RandomHashes(50'000));
  EXPECT_NEAR(static_cast<double>(counts[0]) / 50'000, 10.0 / 29, 0.06);
}

TEST(MultiProbeTest, RefusesWeightsThatNeedTooManyPoints) {
  const auto* kind = FindDistribution("multi_probe");
  EXPECT_FALSE(kind->make(std::vector<Member>{{"a", 100'000}, {"b", 1}}).ok());
  EXPECT_TRUE(kind->make(std::vector<Member>{{"a", 2'000'000'000}, {"b", 1'000'000'000}}).ok());
}

}  // namespace
}  // namespace keyway::hashing

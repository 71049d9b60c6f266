#include "sim/command/alternatives.h"

#include <algorithm>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "hashing/distribution.h"
#include "hashing/hash.h"
#include "sim/figures/ownership.h"

namespace keyway::sim {
namespace {

PoolConfig PoolOf(size_t servers) {
  PoolConfig pool;
  for (size_t i = 1; i <= servers; ++i) {
    ServerConfig server;
    server.name = "server" + std::to_string(i);
    pool.servers.push_back(server);
  }
  return pool;
}

std::vector<hashing::Member> MembersOf(const PoolConfig& pool) {
  std::vector<hashing::Member> members;
  for (const ServerConfig& server : pool.servers) members.push_back({.name = server.name});
  return members;
}

std::vector<Alternative> AlternativesWith(const PoolConfig& pool,
                                          const std::vector<std::string>& hashes,
                                          const std::vector<std::string>& distributions) {
  std::vector<uint32_t> fair;
  for (const ServerConfig& server : pool.servers) fair.push_back(server.weight);
  return AlternativesOf(pool, fair, hashes, distributions);
}

TEST(AlternativesTest, TodaysIsFirstAndAllOthersFollow) {
  PoolConfig pool = PoolOf(5);
  pool.hash = "murmur";
  pool.distribution = "modula";
  const std::vector<Alternative> all = AlternativesWith(pool, {}, {});
  EXPECT_EQ(all.front().options.hash, "murmur");
  EXPECT_EQ(all.front().options.distribution, "modula");
  EXPECT_FALSE(all.front().tuned);
  // Every pair without random, and ketama with each hash once more.
  const size_t hashes = hashing::AllHashes().size();
  EXPECT_EQ(all.size(), hashes * hashing::AllDistributions().size());
  EXPECT_EQ(AlternativesWith(pool, {"md5"}, {"ketama", "maglev"}).size(), 4u);
}

TEST(AlternativesTest, WhatCannotPlaceThePoolIsLeftOut) {
  PoolConfig pool = PoolOf(3);
  pool.servers[0].weight = 2;
  for (const Alternative& alternative : AlternativesWith(pool, {"md5"}, {})) {
    EXPECT_NE(alternative.options.distribution, "jump");
  }
}

TEST(AlternativesTest, WeightsThatWereTunedAreTodaysOnly) {
  PoolConfig pool = PoolOf(3);
  pool.servers[1].weight = 3;
  const std::vector<Alternative> all = AlternativesOf(pool, {1, 1, 1}, {"md5"}, {"maglev"});
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].members[1].weight, 3u);
  EXPECT_EQ(all[1].members[1].weight, 1u);
}

TEST(AlternativesTest, ChurnTellsWhoIsUnfit) {
  for (const Alternative& alternative :
       AlternativesWith(PoolOf(10), {"md5"}, {"modula", "maglev"})) {
    EXPECT_EQ(alternative.churn > kMaxChurn, alternative.options.distribution == "modula");
  }
}

TEST(TunedWeightsTest, TheRingIsNearlyEven) {
  std::vector<hashing::Member> members = MembersOf(PoolOf(10));
  const std::vector<uint32_t> weights = TunedWeights(members);
  for (size_t i = 0; i < members.size(); ++i) members[i].weight = weights[i];
  const absl::StatusOr<Ownership> ownership = OwnershipOf({}, members);
  ASSERT_TRUE(ownership.ok());
  EXPECT_LT(10 * *std::ranges::max_element(ownership->shares), 1.04);  // as given: 1.11
}

using Candidates = std::vector<Candidate>;

TEST(BestOfTest, TheLowestPeakWithinTheMoves) {
  const Candidates candidates = {{.alternative = 0, .peak = 1.30},
                                 {.alternative = 1, .peak = 1.10, .moved = 0.05},
                                 {.alternative = 2, .peak = 1.01, .moved = 0.90}};
  EXPECT_EQ(BestOf(candidates, 0, false, 0.01), 0u);
  EXPECT_EQ(BestOf(candidates, 0.1, false, 0.01), 1u);
  EXPECT_EQ(BestOf(candidates, 1, false, 0.01), 2u);
}

TEST(BestOfTest, WhatChanceMakesDoesNotCount) {
  const Candidates candidates = {{.alternative = 0, .peak = 1.02},
                                 {.alternative = 1, .peak = 1.01, .moved = 0.90}};
  EXPECT_EQ(BestOf(candidates, 1, false, 0.02), 0u);
}

TEST(BestOfTest, OfThoseThatMoveAboutAsFewTheLowerPeak) {
  const Candidates candidates = {{.alternative = 0, .peak = 1.30},
                                 {.alternative = 1, .peak = 1.02, .moved = 0.89},
                                 {.alternative = 2, .peak = 1.01, .moved = 0.90},
                                 {.alternative = 3, .peak = 1.00, .moved = 0.99}};
  EXPECT_EQ(BestOf(candidates, 1, false, 0.03), 2u);
}

TEST(BestOfTest, NutcrackersOwnIfItMust) {
  const Candidates candidates = {
      {.alternative = 0, .peak = 1.30, .nutcracker = true},
      {.alternative = 1, .peak = 1.01, .moved = 0.9},
      {.alternative = 2, .peak = 1.10, .moved = 0.9, .nutcracker = true}};
  EXPECT_EQ(BestOf(candidates, 1, true, 0.01), 2u);
}

TEST(BestOfTest, OnlyTodaysMayBeUnstable) {
  const Candidates candidates = {{.alternative = 0, .peak = 1.30, .stable = false},
                                 {.alternative = 1, .peak = 1.00, .moved = 0.9, .stable = false}};
  EXPECT_EQ(BestOf(candidates, 1, false, 0.01), 0u);
}

}  // namespace
}  // namespace keyway::sim

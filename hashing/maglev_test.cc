#include <gtest/gtest.h>

#include <cmath>

#include "hashing/measure.h"

namespace keyway::hashing {
namespace {

// The paper has the table nearly perfect, so chance must explain the spread.
TEST(MaglevTest, Spread) {
  const auto maglev = MakeOrDie("maglev", Servers(100));
  EXPECT_LT(std::abs(ChiSquareScore(Count(*maglev, 100, RandomHashes(500'000)))), 4);
}

// A thousand members have the larger table, on which they differ by one percent at most.
TEST(MaglevTest, SpreadOfAThousand) {
  const auto maglev = MakeOrDie("maglev", Servers(1000));
  EXPECT_LT(std::abs(ChiSquareScore(Count(*maglev, 1000, RandomHashes(500'000)))), 4);
}

TEST(MaglevTest, Weights) {
  const std::vector<Member> members = {{"a", 1}, {"b", 2}, {"c", 7}, {"d", 30}};
  const auto maglev = MakeOrDie("maglev", members);
  const std::vector<double> weights = {1, 2, 7, 30};
  EXPECT_LT(std::abs(ChiSquareScore(Count(*maglev, 4, RandomHashes(100'000)), weights)), 4);
}

// Maglev gives up some consistency for its evenness; the paper shows a small part of the
// entries changing between survivors. Here it is 0.3 % of them.
TEST(MaglevTest, AMemberThatLeavesMovesLittleElse) {
  std::vector<Member> fewer = Servers(10);
  fewer.erase(fewer.begin() + 4);
  const Movement removed = Move("maglev", Servers(10), fewer, RandomHashes(100'000));
  EXPECT_NEAR(removed.total - removed.between_survivors, 0.1, 0.004);
  EXPECT_GT(removed.between_survivors, 0);
  EXPECT_LT(removed.between_survivors, 0.01);
}

TEST(MaglevTest, RefusesMoreMembersThanItsTablesAreFor) {
  EXPECT_FALSE(FindDistribution("maglev")->make(Servers(6554)).ok());
}

}  // namespace
}  // namespace keyway::hashing

#include "sim/figures/moves.h"

#include <vector>

#include "gtest/gtest.h"

namespace keyway::sim {
namespace {

using Numbers = std::vector<double>;

TEST(MovesTest, AFurtherServerNeedsItsFairShare) {
  EXPECT_NEAR(NeededMoves(Numbers{1, 1, 1, 0}, Numbers{1, 1, 1, 1}), 0.25, 1e-12);
  EXPECT_NEAR(NeededMoves(Numbers{1, 1, 1, 1}, Numbers{1, 1, 1, 0}), 0.25, 1e-12);
}

TEST(MovesTest, AReplacedServerNeedsItsOwnKeys) {
  EXPECT_NEAR(NeededMoves(Numbers{1, 1, 0}, Numbers{1, 0, 1}), 0.5, 1e-12);
  EXPECT_NEAR(NeededMoves(Numbers{1, 1}, Numbers{3, 3}), 0, 1e-12);
}

TEST(MovesTest, AGreaterWeight) {
  EXPECT_NEAR(NeededMoves(Numbers{1, 1}, Numbers{1, 3}), 0.25, 1e-12);
}

// The hottest of a million keys by Zipf's law with exponent 0.99 is 6.5 % of the requests:
// one of twenty servers gets 2.2 times the mean, whatever the hash.
TEST(HotKeyTest, Zipf) { EXPECT_NEAR(HotKeyFloor(0.065, 0.05), 2.235, 1e-9); }

TEST(HotKeyTest, NoHotKeyNoFloor) { EXPECT_DOUBLE_EQ(HotKeyFloor(0, 0.1), 1); }

}  // namespace
}  // namespace keyway::sim

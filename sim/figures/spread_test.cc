#include "sim/figures/spread.h"

#include <vector>

#include "gtest/gtest.h"

namespace keyway::sim {
namespace {

using Numbers = std::vector<double>;

TEST(SpreadTest, EqualLoadsOnEqualServers) {
  const Spread spread = SpreadOf(Numbers{5, 5, 5}, Numbers{1, 1, 1});
  EXPECT_DOUBLE_EQ(spread.max_to_mean, 1);
  EXPECT_DOUBLE_EQ(spread.min_to_mean, 1);
  EXPECT_NEAR(spread.variation, 0, 1e-12);
  EXPECT_NEAR(spread.gini, 0, 1e-12);
  EXPECT_DOUBLE_EQ(spread.outside, 0);
}

// By hand: loads 1, 2, 3, 4 have the mean 2.5, the standard deviation 1.118 and the Gini
// coefficient 0.25.
TEST(SpreadTest, KnownFigures) {
  const Spread spread = SpreadOf(Numbers{4, 1, 3, 2}, Numbers{1, 1, 1, 1});
  EXPECT_DOUBLE_EQ(spread.max_to_mean, 1.6);
  EXPECT_DOUBLE_EQ(spread.min_to_mean, 0.4);
  EXPECT_NEAR(spread.variation, 1.118034 / 2.5, 1e-6);
  EXPECT_NEAR(spread.gini, 0.25, 1e-12);
  EXPECT_DOUBLE_EQ(spread.outside, 1);
}

TEST(SpreadTest, WeightsAreNoImbalance) {
  const Spread spread = SpreadOf(Numbers{10, 20, 30}, Numbers{1, 2, 3});
  EXPECT_DOUBLE_EQ(spread.max_to_mean, 1);
  EXPECT_NEAR(spread.gini, 0, 1e-12);
  EXPECT_EQ(RelativeLoads(Numbers{30, 10}, Numbers{1, 1}), (Numbers{1.5, 0.5}));
}

TEST(SpreadTest, EverythingOnOneServerOfMany) {
  Numbers loads(100), fair(100, 1.0);
  loads[7] = 1000;
  const Spread spread = SpreadOf(loads, fair);
  EXPECT_NEAR(spread.gini, 0.99, 1e-12);
  EXPECT_DOUBLE_EQ(spread.max_to_mean, 100);
}

TEST(SpreadTest, TheToleranceSaysWhoIsOutside) {
  const Numbers loads = {116, 84, 100, 100}, fair = {1, 1, 1, 1};
  EXPECT_DOUBLE_EQ(SpreadOf(loads, fair).outside, 0.5);
  EXPECT_DOUBLE_EQ(SpreadOf(loads, fair, 0.2).outside, 0);
}

TEST(SpreadTest, AServerWithoutAFairShareIsLeftOut) {
  const Spread spread = SpreadOf(Numbers{10, 10, 0}, Numbers{1, 1, 0});
  EXPECT_DOUBLE_EQ(spread.min_to_mean, 1);
  EXPECT_EQ(ChiSquareTest(Numbers{10, 10, 0}, Numbers{1, 1, 0}).degrees, 1);
}

TEST(SpreadTest, NoLoadIsNoImbalance) {
  EXPECT_DOUBLE_EQ(SpreadOf(Numbers{0, 0}, Numbers{1, 1}).max_to_mean, 1);
  EXPECT_DOUBLE_EQ(ChiSquareTest(Numbers{0, 0}, Numbers{1, 1}).probability, 1);
}

// NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.7.4: upper critical values.
TEST(ChiSquareTest, CriticalValues) {
  // Two parts of 1000 things: (d, -d) give a statistic of 2 d^2 / 500.
  const double d = 30.988;  // 3.841, one degree of freedom, 5 %
  const ChiSquare one = ChiSquareTest(Numbers{500 + d, 500 - d}, Numbers{1, 1});
  EXPECT_NEAR(one.statistic, 3.841, 1e-3);
  EXPECT_NEAR(one.probability, 0.05, 1e-4);

  // A die: Pearson's statistic by hand, 13.4 with five degrees of freedom.
  const ChiSquare die = ChiSquareTest(Numbers{5, 8, 9, 8, 10, 20}, Numbers{1, 1, 1, 1, 1, 1});
  EXPECT_NEAR(die.statistic, 13.4, 1e-9);
  EXPECT_EQ(die.degrees, 5);
  EXPECT_NEAR(die.probability, 0.01990, 1e-4);
}

}  // namespace
}  // namespace keyway::sim

#include "sim/source/synthetic/zipf.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <vector>

namespace keyway::sim {
namespace {

double SlowSum(uint64_t keys, double exponent) {
  double sum = 0;
  for (uint64_t k = keys; k >= 1; --k) sum += std::pow(static_cast<double>(k), -exponent);
  return sum;
}

constexpr double kExponents[] = {0, 0.5, 0.9, 0.99, 1, 1 + 1e-10, 1.2, 2, 5, 100};

TEST(ZipfTest, SumsAreThoseOfAllTerms) {
  for (const double exponent : kExponents) {
    for (const uint64_t keys : {1, 2, 9'999, 10'000, 10'001, 300'000}) {
      const double slow = SlowSum(keys, exponent);
      EXPECT_NEAR(ZipfSum(keys, exponent) / slow, 1, 1e-12) << exponent << " " << keys;
    }
  }
}

// The zeta function at 2, and the logarithm with Euler's constant at 1.
TEST(ZipfTest, SumsOfVeryManyTerms) {
  EXPECT_NEAR(ZipfSum(1'000'000'000'000, 2), 1.6449340668482264 - 1e-12, 1e-14);
  EXPECT_NEAR(ZipfSum(1'000'000'000, 1), std::log(1e9) + 0.57721566490153286 + 0.5e-9, 1e-12);
}

// Each of the first ranks, and all behind them, as often as they should be: the
// chi-square statistic of ten parts is below 30 but in one case in 2,000.
TEST(ZipfTest, RanksComeAsOftenAsTheyShould) {
  constexpr int kDraws = 100'000;
  constexpr uint64_t kKeys = 1000;
  for (const double exponent : kExponents) {
    const Zipf zipf(kKeys, exponent);
    Random random(1, 1, 1);
    std::array<int, 10> counts = {};
    for (int draw = 0; draw < kDraws; ++draw) {
      const uint64_t rank = zipf.Draw(random);
      ASSERT_GE(rank, 1u);
      ASSERT_LE(rank, kKeys);
      ++counts[std::min<uint64_t>(rank, 10) - 1];
    }
    double statistic = 0, rest = 1;
    for (uint64_t rank = 1; rank <= 10; ++rank) {
      const double share =
          rank == 10 ? rest : std::pow(double(rank), -exponent) / ZipfSum(kKeys, exponent);
      rest -= share;
      const double expected = share * kDraws;
      const double difference = counts[rank - 1] - expected;
      statistic += difference * difference / expected;
    }
    EXPECT_LT(statistic, 30) << exponent;
  }
}

TEST(ZipfTest, FewKeysAndVeryMany) {
  Random random(1, 1, 1);
  const Zipf one(1, 0.99), two(2, 1), many(1'000'000'000'000, 0.99);
  for (int draw = 0; draw < 100; ++draw) {
    EXPECT_EQ(one.Draw(random), 1u);
    EXPECT_LE(two.Draw(random), 2u);
    EXPECT_LE(many.Draw(random), 1'000'000'000'000u);
  }
}

// Half of the requests of 1e9 keys go to the first keys of that share.
TEST(ZipfTest, ABillionKeysNeedNoTable) {
  constexpr uint64_t kKeys = 1'000'000'000;
  constexpr uint64_t kTop = 20'000;
  const Zipf zipf(kKeys, 0.99);
  Random random(1, 1, 1);
  constexpr int kDraws = 100'000;
  int top = 0;
  for (int draw = 0; draw < kDraws; ++draw) top += zipf.Draw(random) <= kTop;
  EXPECT_NEAR(double(top) / kDraws, ZipfTopShare(kTop, kKeys, 0.99), 0.006);
}

TEST(ZipfTest, SharesOfTheTop) {
  EXPECT_NEAR(ZipfTopShare(1, 1'000'000, 0.99), 0.0650, 5e-5);
  EXPECT_NEAR(ZipfTopShare(100, 100'000, 0.99), 0.4143, 5e-5);
  EXPECT_EQ(ZipfTopShare(200, 100, 1), 1);
}

// What a seed gave once, it gives always.
TEST(ZipfTest, DrawsStay) {
  const auto draws = [](double exponent) {
    const Zipf zipf(1'000'000, exponent);
    Random random(1, 1, 1);
    std::vector<uint64_t> ranks;
    for (int draw = 0; draw < 6; ++draw) ranks.push_back(zipf.Draw(random));
    return ranks;
  };
  EXPECT_EQ(draws(0.99), (std::vector<uint64_t>{87, 36164, 2, 7, 64550, 13}));
  EXPECT_EQ(draws(1), (std::vector<uint64_t>{69, 30020, 2, 6, 54893, 11}));
  EXPECT_EQ(draws(1.5), (std::vector<uint64_t>{1, 10, 1, 1, 14, 1}));
}

}  // namespace
}  // namespace keyway::sim

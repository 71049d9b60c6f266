#include "sim/sketch/hyper_log_log.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "sim/sketch/fingerprint.h"

namespace keyway::sim {
namespace {

HyperLogLog Of(uint64_t begin, uint64_t end) {
  HyperLogLog sketch;
  for (uint64_t number = begin; number < end; ++number) {
    sketch.Add(FingerprintOf("key" + std::to_string(number)));
  }
  return sketch;
}

TEST(HyperLogLogTest, EmptyTakesNothing) {
  EXPECT_EQ(HyperLogLog().Estimate(), 0);
  EXPECT_TRUE(HyperLogLog().registers().empty());
}

TEST(HyperLogLogTest, FewKeysAreCountedAlmostExactly) {
  EXPECT_NEAR(Of(0, 1).Estimate(), 1, 0.01);
  EXPECT_NEAR(Of(0, 100).Estimate(), 100, 1);
  EXPECT_NEAR(Of(0, 1000).Estimate(), 1000, 12);
}

// Ten estimates of each size: their error, as a whole and in the mean, is as stated.
TEST(HyperLogLogTest, ErrorIsAsStated) {
  for (const uint64_t keys : {5'000, 50'000}) {
    constexpr int kTimes = 10;
    double sum = 0, squares = 0;
    for (int time = 0; time < kTimes; ++time) {
      const double error =
          Of(time * keys, (time + 1) * keys).Estimate() / static_cast<double>(keys) - 1;
      sum += error;
      squares += error * error;
    }
    EXPECT_LT(std::sqrt(squares / kTimes), 1.5 * HyperLogLog::kStandardError) << keys;
    EXPECT_LT(std::abs(sum / kTimes), HyperLogLog::kStandardError) << keys;
  }
}

TEST(HyperLogLogTest, KeysAreCountedOnce) {
  HyperLogLog twice = Of(0, 1000);
  twice.Merge(Of(500, 1000));
  EXPECT_EQ(twice, Of(0, 1000));
}

TEST(HyperLogLogTest, PartsMakeTheWhole) {
  HyperLogLog merged;
  merged.Merge(HyperLogLog());
  merged.Merge(Of(700, 2000));
  merged.Merge(Of(0, 700));
  merged.Merge(HyperLogLog());
  EXPECT_EQ(merged, Of(0, 2000));
  EXPECT_EQ(HyperLogLog(merged.registers()), merged);
}

// The last register, and a rest that is all zeros.
TEST(HyperLogLogTest, ExtremeFingerprints) {
  HyperLogLog sketch;
  sketch.Add(0);
  sketch.Add(UINT64_MAX);
  EXPECT_EQ(sketch.registers().front(), 64 - HyperLogLog::kPrecision + 1);
  EXPECT_EQ(sketch.registers().back(), 1);
  EXPECT_NEAR(sketch.Estimate(), 2, 0.01);
}

}  // namespace
}  // namespace keyway::sim

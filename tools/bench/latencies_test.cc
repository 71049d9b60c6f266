#include "tools/bench/latencies.h"

#include "gtest/gtest.h"

namespace keyway::bench {
namespace {

TEST(Latencies, QuantilesAreNear) {
  Latencies latencies;
  EXPECT_EQ(latencies.QuantileUs(0.5), 0);
  for (int us = 1; us <= 1000; ++us) latencies.Record(us * 1000);
  EXPECT_EQ(latencies.total(), 1000u);
  EXPECT_NEAR(latencies.QuantileUs(0.5), 500, 8);
  EXPECT_NEAR(latencies.QuantileUs(0.99), 990, 16);
  EXPECT_NEAR(latencies.QuantileUs(0.001), 1, 0.02);
  EXPECT_EQ(latencies.LongestUs(), 1000);
}

TEST(Latencies, EveryTimeHasABucketNearIt) {
  for (int64_t ns = 1; ns < int64_t{1} << 39; ns = ns * 9 / 8 + 1) {
    Latencies latencies;
    latencies.Record(ns);
    EXPECT_NEAR(latencies.QuantileUs(1) * 1e3, static_cast<double>(ns),
                static_cast<double>(ns) / 64);
  }
}

TEST(Latencies, WhatIsOutOfBoundsCountsAtTheEnds) {
  Latencies latencies;
  latencies.Record(-5);
  EXPECT_EQ(latencies.QuantileUs(1), 0);
  latencies.Record(INT64_MAX);
  EXPECT_GT(latencies.QuantileUs(1), 1e9);
}

}  // namespace
}  // namespace keyway::bench

#include "proxy/stats/histogram.h"

#include <algorithm>
#include <cmath>
#include <random>
#include <thread>
#include <vector>

#include "gtest/gtest.h"

namespace keyway {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;

constexpr size_t kLast = kHistogramBuckets - 1;

TEST(HistogramBucketTest, BoundsRiseWithoutAGap) {
  EXPECT_EQ(HistogramBoundUs(0), 1);
  for (size_t bucket = 1; bucket < kLast; ++bucket) {
    EXPECT_GT(HistogramBoundUs(bucket), HistogramBoundUs(bucket - 1)) << bucket;
  }
  EXPECT_EQ(HistogramBoundUs(kLast - 1), kHistogramTopUs);
  EXPECT_EQ(HistogramBoundUs(kLast), kHistogramTopUs);
}

TEST(HistogramBucketTest, EachBucketEndsAtItsBound) {
  for (size_t bucket = 0; bucket < kLast; ++bucket) {
    const microseconds bound(HistogramBoundUs(bucket));
    EXPECT_EQ(HistogramBucket(bound), bucket) << bound.count();
    EXPECT_EQ(HistogramBucket(bound - nanoseconds(1)), bucket) << bound.count();
    EXPECT_EQ(HistogramBucket(bound + nanoseconds(1)), bucket + 1) << bound.count();
  }
}

TEST(HistogramBucketTest, ABoundIsAtMostAnEighthTooHigh) {
  for (int64_t us = 8; us < kHistogramTopUs; us += 1 + us / 1000) {
    const int64_t bound = HistogramBoundUs(HistogramBucket(microseconds(us)));
    EXPECT_GE(bound, us);
    EXPECT_LE(8 * (bound - us), us) << us;
  }
}

TEST(HistogramBucketTest, ExtremesHaveABucket) {
  EXPECT_EQ(HistogramBucket(nanoseconds(-5)), 0u);
  EXPECT_EQ(HistogramBucket(nanoseconds(0)), 0u);
  EXPECT_EQ(HistogramBucket(nanoseconds(1)), 0u);
  EXPECT_EQ(HistogramBucket(std::chrono::hours(1)), kLast);
  EXPECT_EQ(HistogramBucket(nanoseconds::max()), kLast);
}

TEST(HistogramTest, PowersOfTwoAreBounds) {
  for (int64_t us = 1; us <= kHistogramTopUs; us *= 2) {
    EXPECT_EQ(HistogramBoundUs(HistogramBucket(microseconds(us))), us);
  }
}

TEST(HistogramTest, EmptyIsZero) {
  const HistogramCounts counts = Histogram().counts();
  EXPECT_EQ(counts.total(), 0);
  EXPECT_EQ(counts.sum_us(), 0);
  EXPECT_EQ(counts.QuantileUs(0.99), 0);
}

TEST(HistogramTest, CountsAndAdds) {
  Histogram histogram;
  histogram.Record(microseconds(100));
  histogram.Record(microseconds(128));
  histogram.Record(microseconds(129));
  histogram.Record(milliseconds(70'000));
  const HistogramCounts counts = histogram.counts();
  EXPECT_EQ(counts.total(), 4);
  EXPECT_EQ(counts.sum_us(), 100 + 128 + 129 + 70'000'000);
  EXPECT_EQ(counts.CountUpTo(64), 0);
  EXPECT_EQ(counts.CountUpTo(128), 2);
  EXPECT_EQ(counts.CountUpTo(256), 3);
  EXPECT_EQ(counts.CountUpTo(kHistogramTopUs), 3);
}

TEST(HistogramTest, QuantilesOfKnownNumbers) {
  Histogram histogram;
  for (int i = 1; i <= 100; ++i) histogram.Record(microseconds(i <= 98 ? 4 : 1000));
  const HistogramCounts counts = histogram.counts();
  EXPECT_EQ(counts.QuantileUs(0.5), 4);
  EXPECT_EQ(counts.QuantileUs(0.98), 4);
  EXPECT_EQ(counts.QuantileUs(0.99), 1024);
  EXPECT_EQ(counts.QuantileUs(1), 1024);
}

// Against sorting: no lower than the truth, and at most an eighth and 1 µs higher.
TEST(HistogramTest, QuantilesOfRandomNumbers) {
  std::mt19937_64 random(7);
  std::lognormal_distribution<double> spread(6, 2);
  Histogram histogram;
  std::vector<double> all;
  for (int i = 0; i < 10'000; ++i) {
    const nanoseconds duration(static_cast<int64_t>(1000 * spread(random)));
    all.push_back(static_cast<double>(duration.count()) / 1000);
    histogram.Record(duration);
  }
  std::sort(all.begin(), all.end());
  const HistogramCounts counts = histogram.counts();
  for (const double quantile : {0.001, 0.1, 0.5, 0.9, 0.99, 0.999, 1.0}) {
    const size_t rank = static_cast<size_t>(std::ceil(quantile * 10'000));
    const double truth = all[rank - 1];
    const auto told = static_cast<double>(counts.QuantileUs(quantile));
    EXPECT_GE(told, truth) << quantile;
    EXPECT_LE(told, truth * 1.125 + 1) << quantile;
  }
}

TEST(HistogramTest, SumsAndDifferences) {
  Histogram one, two;
  one.Record(microseconds(10));
  two.Record(microseconds(20));
  const HistogramCounts before = one.counts();
  HistogramCounts both = one.counts();
  both += two.counts();
  EXPECT_EQ(both.total(), 2);
  EXPECT_EQ(both.sum_us(), 30);
  both -= before;
  EXPECT_EQ(both.total(), 1);
  EXPECT_EQ(both.sum_us(), 20);
  EXPECT_EQ(both.QuantileUs(1), 20);
}

TEST(HistogramTest, OthersMayReadWhileOneWrites) {
  constexpr int kRecords = 20'000;
  Histogram histogram;
  std::thread writer([&] {
    for (int i = 0; i < kRecords; ++i) histogram.Record(microseconds(i));
  });
  int64_t last = 0;
  for (int i = 0; i < 100; ++i) {
    const int64_t now = histogram.counts().total();
    EXPECT_GE(now, last);
    last = now;
  }
  writer.join();
  EXPECT_EQ(histogram.counts().total(), kRecords);
}

}  // namespace
}  // namespace keyway

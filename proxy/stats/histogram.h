// How long things took: counts in buckets of fixed bounds.
#ifndef KEYWAY_PROXY_STATS_HISTOGRAM_H_
#define KEYWAY_PROXY_STATS_HISTOGRAM_H_

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>

#include "proxy/stats/counter.h"

namespace keyway {

// The bounds are the same for all histograms, so that any two can be added. As in
// HdrHistogram (hdrhistogram.org) they are linear within each doubling: eight buckets
// for it, so that a bucket's upper bound is at most an eighth above what is in it.
// Bucket i takes what is above bound i - 1 and up to bound i, in whole microseconds;
// the first takes up to 1 µs, the last what is above kHistogramTopUs.
inline constexpr int kHistogramStepBits = 3;
inline constexpr int64_t kHistogramTopUs = int64_t{1} << 26;  // 67 s

constexpr size_t HistogramBucket(std::chrono::nanoseconds duration) {
  // The number of whole microseconds that it is above.
  const uint64_t above =
      duration.count() <= 0 ? 0 : static_cast<uint64_t>(duration.count() - 1) / 1000;
  if (above >= static_cast<uint64_t>(kHistogramTopUs)) {
    return HistogramBucket(std::chrono::microseconds(kHistogramTopUs)) + 1;
  }
  const int shift = std::max(0, 63 - kHistogramStepBits - std::countl_zero(above));
  return (static_cast<size_t>(shift) << kHistogramStepBits) + (above >> shift);
}

inline constexpr size_t kHistogramBuckets =
    HistogramBucket(std::chrono::microseconds(kHistogramTopUs)) + 2;

// The upper bound of a bucket, in microseconds; that of the last, which has none, is
// kHistogramTopUs too.
int64_t HistogramBoundUs(size_t bucket);

// A histogram at one moment, or the sum or difference of several.
class HistogramCounts {
 public:
  HistogramCounts& operator+=(const HistogramCounts& other);
  // `earlier` is of the same histogram.
  HistogramCounts& operator-=(const HistogramCounts& earlier);

  int64_t total() const;
  int64_t sum_us() const { return sum_us_; }
  // Those of at most `bound_us`, which is the bound of a bucket.
  int64_t CountUpTo(int64_t bound_us) const;
  // The least bound that the share `quantile`, above 0 and up to 1, of all keeps to;
  // 0 if there are none.
  int64_t QuantileUs(double quantile) const;

 private:
  friend class Histogram;
  std::array<int64_t, kHistogramBuckets> counts_ = {};
  int64_t sum_us_ = 0;
};

// Has one writing thread; any thread may read.
class Histogram {
 public:
  // Costs two additions; allocates nothing.
  void Record(std::chrono::nanoseconds duration) {
    counts_[HistogramBucket(duration)].Add();
    sum_us_.Add(duration.count() / 1000);
  }

  HistogramCounts counts() const;

 private:
  std::array<Counter, kHistogramBuckets> counts_;
  Counter sum_us_;
};

}  // namespace keyway

#endif  // KEYWAY_PROXY_STATS_HISTOGRAM_H_

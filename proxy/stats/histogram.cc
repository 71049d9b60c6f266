#include "proxy/stats/histogram.h"

#include <cmath>
#include <numeric>

namespace keyway {

int64_t HistogramBoundUs(size_t bucket) {
  constexpr size_t kSteps = size_t{1} << kHistogramStepBits;
  if (bucket < 2 * kSteps) return static_cast<int64_t>(bucket) + 1;
  const size_t shift = bucket / kSteps - 1;
  const auto bound = static_cast<int64_t>((bucket - shift * kSteps + 1) << shift);
  return std::min(bound, kHistogramTopUs);
}

HistogramCounts& HistogramCounts::operator+=(const HistogramCounts& other) {
  for (size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
  sum_us_ += other.sum_us_;
  return *this;
}

HistogramCounts& HistogramCounts::operator-=(const HistogramCounts& earlier) {
  for (size_t i = 0; i < counts_.size(); ++i) counts_[i] -= earlier.counts_[i];
  sum_us_ -= earlier.sum_us_;
  return *this;
}

int64_t HistogramCounts::total() const {
  return std::accumulate(counts_.begin(), counts_.end(), int64_t{0});
}

int64_t HistogramCounts::CountUpTo(int64_t bound_us) const {
  const size_t last = HistogramBucket(std::chrono::microseconds(bound_us));
  return std::accumulate(counts_.begin(), counts_.begin() + last + 1, int64_t{0});
}

int64_t HistogramCounts::QuantileUs(double quantile) const {
  const int64_t all = total();
  if (all == 0) return 0;
  const auto wanted = static_cast<int64_t>(std::ceil(quantile * static_cast<double>(all)));
  size_t bucket = 0;
  for (int64_t count = counts_[0]; count < wanted; count += counts_[bucket]) ++bucket;
  return HistogramBoundUs(bucket);
}

HistogramCounts Histogram::counts() const {
  HistogramCounts read;
  for (size_t i = 0; i < counts_.size(); ++i) read.counts_[i] = counts_[i].value();
  read.sum_us_ = sum_us_.value();
  return read;
}

}  // namespace keyway

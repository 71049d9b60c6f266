// How long replies took.
#ifndef KEYWAY_TOOLS_BENCH_LATENCIES_H_
#define KEYWAY_TOOLS_BENCH_LATENCIES_H_

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace keyway::bench {

// Counts in buckets that are 1/64 of their doubling wide: a quantile is at most 1.6 % off.
// (The proxy's own histogram is 12 % wide, too coarse for comparisons.)
class Latencies {
 public:
  void Record(int64_t ns) {
    ++counts_[BucketOf(ns)];
    ++total_;
    longest_ns_ = std::max(longest_ns_, ns);
  }

  uint64_t total() const { return total_; }
  // The time that the share `quantile` of all kept to, in microseconds; 0 if there are none.
  double QuantileUs(double quantile) const;
  double LongestUs() const { return static_cast<double>(longest_ns_) / 1e3; }

 private:
  static constexpr int kStepBits = 6;
  static constexpr int kTopBits = 40;
  static constexpr int64_t kTop = (int64_t{1} << kTopBits) - 1;  // 18 minutes

  static size_t BucketOf(int64_t ns) {
    const auto value = static_cast<uint64_t>(std::clamp<int64_t>(ns, 0, kTop));
    const int shift = std::max(0, static_cast<int>(std::bit_width(value)) - 1 - kStepBits);
    return (static_cast<size_t>(shift) << kStepBits) + (value >> shift);
  }

  std::array<uint64_t, size_t{kTopBits - kStepBits + 1} << kStepBits> counts_ = {};
  uint64_t total_ = 0;
  int64_t longest_ns_ = 0;
};

}  // namespace keyway::bench

#endif  // KEYWAY_TOOLS_BENCH_LATENCIES_H_

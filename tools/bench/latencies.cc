#include "tools/bench/latencies.h"

#include <cmath>

namespace keyway::bench {

double Latencies::QuantileUs(double quantile) const {
  if (total_ == 0) return 0;
  const auto wanted = static_cast<uint64_t>(std::ceil(quantile * static_cast<double>(total_)));
  uint64_t seen = 0;
  size_t bucket = 0;
  while (bucket + 1 < counts_.size() && (seen += counts_[bucket]) < wanted) ++bucket;
  // The middle of the bucket: the inverse of BucketOf.
  constexpr size_t kSteps = size_t{1} << kStepBits;
  if (bucket < 2 * kSteps) return static_cast<double>(bucket) / 1e3;
  const size_t shift = bucket / kSteps - 1;
  const auto low = static_cast<double>((bucket - shift * kSteps) << shift);
  return (low + static_cast<double>(size_t{1} << shift) / 2) / 1e3;
}

}  // namespace keyway::bench

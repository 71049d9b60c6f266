#include "sim/source/source.h"

#include <algorithm>

namespace keyway::sim {

void RecordSink::Add(std::string_view key, const Weight& weight) {
  if (!batch_.weighted) {
    std::fill_n(batch_.weights.begin(), batch_.size, Weight{});
    batch_.weighted = true;
  }
  batch_.keys[batch_.size] = key;
  batch_.weights[batch_.size] = weight;
  if (++batch_.size == RecordBatch::kCapacity) Flush();
}

void RecordSink::AddEach(std::span<const std::string_view> keys) {
  while (!keys.empty()) {
    const size_t count = std::min(keys.size(), RecordBatch::kCapacity - batch_.size);
    std::copy_n(keys.begin(), count, batch_.keys.begin() + batch_.size);
    if (batch_.weighted) std::fill_n(batch_.weights.begin() + batch_.size, count, Weight{});
    batch_.size += count;
    if (batch_.size == RecordBatch::kCapacity) Flush();
    keys = keys.subspan(count);
  }
}

}  // namespace keyway::sim

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

}  // namespace keyway::sim

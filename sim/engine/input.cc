#include "sim/engine/input.h"

namespace keyway::sim {

uint64_t InputReport::records() const {
  uint64_t sum = 0;
  for (const SourceReport& source : sources) sum += source.records;
  return sum;
}

uint64_t InputReport::bad_lines() const {
  uint64_t sum = 0;
  for (const SourceReport& source : sources) sum += source.bad_lines;
  return sum;
}

void InputReport::Merge(const InputReport& other) {
  const size_t first = sources.size();
  sources.insert(sources.end(), other.sources.begin(), other.sources.end());
  for (const BadLine& example : other.examples) {
    if (examples.size() == kExamples) break;
    examples.push_back(example);
    examples.back().source += first;
  }
}

}  // namespace keyway::sim

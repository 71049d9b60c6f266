// What was read: how many records, and what was wrong with the rest.
#ifndef KEYWAY_SIM_ENGINE_INPUT_H_
#define KEYWAY_SIM_ENGINE_INPUT_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "sim/source/source.h"

namespace keyway::sim {

struct BadLine {
  size_t source = 0;  // index into InputReport::sources
  uint64_t line = 0;  // from 1
  std::string text;   // shortened
  std::string reason;
};

struct InputReport {
  // How many bad lines are kept as examples: the first ones.
  static constexpr size_t kExamples = 10;

  struct SourceReport {
    std::string name;
    std::string format;
    Content content = Content::kKeys;
    uint64_t records = 0;
    uint64_t lines = 0;
    uint64_t bad_lines = 0;
    std::map<std::string, uint64_t> skipped;  // by reason
  };

  std::vector<SourceReport> sources;
  std::vector<BadLine> examples;

  uint64_t records() const;
  uint64_t bad_lines() const;
  // Appends the sources and examples of another part of the input.
  void Merge(const InputReport& other);
};

}  // namespace keyway::sim

#endif  // KEYWAY_SIM_ENGINE_INPUT_H_

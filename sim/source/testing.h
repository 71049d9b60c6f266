// What tests of sources look at: every record as text.
#ifndef KEYWAY_SIM_SOURCE_TESTING_H_
#define KEYWAY_SIM_SOURCE_TESTING_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "sim/source/source.h"

namespace keyway::sim {

struct Collected {
  struct Record {
    std::string key;
    Weight weight;
  };

  std::vector<Record> records = {};
  // "line 3: text: reason", lines from 0 and across the blocks.
  std::vector<std::string> bad = {};
  std::map<std::string, uint64_t> skipped = {};  // by reason
  uint64_t lines = 0;
  uint64_t blocks = 0;
  absl::Status status = {};  // of the source

  std::vector<std::string> keys() const;
  // "key keys/bytes/reads/writes"
  std::vector<std::string> weighted() const;
};

// Reads a source to its end, or its error.
Collected Collect(Source& source);

// Adds a single block.
void Collect(Block& block, Collected& collected);

}  // namespace keyway::sim

#endif  // KEYWAY_SIM_SOURCE_TESTING_H_

// Records of any source, written in any format, in their order and on all cores.
#ifndef KEYWAY_SIM_GENERATE_GENERATE_H_
#define KEYWAY_SIM_GENERATE_GENERATE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <ostream>
#include <vector>

#include "absl/status/statusor.h"
#include "sim/generate/output_format.h"
#include "sim/source/bytes/compressor.h"
#include "sim/source/source.h"

namespace keyway::sim {

struct GenerateOptions {
  const OutputFormat* format = nullptr;
  const Compressor* compressor = nullptr;  // or null
  double rate = 1e6;                       // items in a second, for formats that have times
  int threads = 0;                         // 0: one for each processor
  // Is told now and then how far the sources are, on the thread that called.
  std::function<void(uint64_t done, uint64_t in_all)> on_progress = {};
};

struct Generated {
  uint64_t items = 0;      // written
  uint64_t left_out = 0;   // keys that the format cannot hold, and records of many keys
  uint64_t bad_lines = 0;  // of the sources
};

// Writes the sources to their ends, one after the other. A census is written as keys that
// are set, requests as they are. What is written depends on the sources and the format and
// not on threads. Fails where a source does, and where `out` does.
absl::StatusOr<Generated> Generate(std::vector<std::unique_ptr<Source>> sources,
                                   const GenerateOptions& options, std::ostream& out);

}  // namespace keyway::sim

#endif  // KEYWAY_SIM_GENERATE_GENERATE_H_

// How records are written for other programs, and for the simulator to read again.
#ifndef KEYWAY_SIM_GENERATE_OUTPUT_FORMAT_H_
#define KEYWAY_SIM_GENERATE_OUTPUT_FORMAT_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace keyway::sim {

// One key, or one request.
struct Item {
  std::string_view key = {};
  uint64_t bytes = 0;  // of its value
  bool read = false;
  uint64_t time_us = 0;  // since the first one
};

struct OutputFormat {
  std::string_view name;
  std::string_view help;
  std::string_view header;  // before all items
  // Appends the item to `out`; false, and nothing is appended, where the format cannot hold
  // the key.
  bool (*append)(const Item& item, std::string& out);
};

// The format with that name, or null.
const OutputFormat* FindOutputFormat(std::string_view name);
std::span<const OutputFormat> AllOutputFormats();

}  // namespace keyway::sim

#endif  // KEYWAY_SIM_GENERATE_OUTPUT_FORMAT_H_

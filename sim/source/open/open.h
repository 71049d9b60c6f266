// From what the user writes after --keys to a source.
#ifndef KEYWAY_SIM_SOURCE_OPEN_OPEN_H_
#define KEYWAY_SIM_SOURCE_OPEN_OPEN_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "sim/source/source.h"

namespace keyway::sim {

struct SourceOptions {
  std::string format = {};     // empty: recognised by the first bytes
  std::string directory = {};  // where relative names start; empty: the working directory
};

// `text` is the name of a file (any format, compressed or not), "-" for the standard
// input, or KIND:DETAILS for what is no file: redis://HOST:PORT, memcached://HOST:PORT,
// zipf:…, and the other synthetic ones. A file whose name looks like that is ./NAME.
// Errors are lines for the user.
absl::StatusOr<std::unique_ptr<Source>> OpenSource(const std::string& text,
                                                   const SourceOptions& options);

// For --help and the README: every format and every kind, a line each.
struct SourceHelp {
  std::string_view name;
  std::string_view help;
};
std::vector<SourceHelp> AllFormats();
std::vector<SourceHelp> AllKinds();

}  // namespace keyway::sim

#endif  // KEYWAY_SIM_SOURCE_OPEN_OPEN_H_

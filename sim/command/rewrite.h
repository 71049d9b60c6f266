// Changes in a configuration file that leave everything else in it as it is: comments,
// order, spaces.
#ifndef KEYWAY_SIM_COMMAND_REWRITE_H_
#define KEYWAY_SIM_COMMAND_REWRITE_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace keyway::sim {

// How a pool is to place its keys.
struct NewPlacement {
  std::string hash;
  std::string distribution;
  std::vector<uint32_t> weights = {};  // of the servers, in the order of the file
};

// The text with the placement of one pool changed, where it differs. The result has been
// read again: it is the same configuration but for that. Errors are lines for the user.
absl::StatusOr<std::string> Rewrite(std::string_view text, const std::string& file,
                                    const std::string& pool, const NewPlacement& placement);

}  // namespace keyway::sim

#endif  // KEYWAY_SIM_COMMAND_REWRITE_H_

// Programs that do their work and end.
#ifndef KEYWAY_PROXY_TESTING_COMMAND_H_
#define KEYWAY_PROXY_TESTING_COMMAND_H_

#include <string>
#include <vector>

namespace keyway {

struct CommandResult {
  int exit_code;  // -1: it was ended by a signal, or by kTestDeadline
  std::string out;
  std::string err;
};

// Waits until the program ends; arguments[0] is its path. What it leaves running in the
// background is none of this function's business, and may have its output still.
CommandResult RunCommand(const std::vector<std::string>& arguments);

}  // namespace keyway

#endif  // KEYWAY_PROXY_TESTING_COMMAND_H_

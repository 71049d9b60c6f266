#include "sim/command/program_testing.h"

#include <sstream>

#include "sim/command/program.h"

namespace keyway::sim {

Ran RunSim(const std::vector<std::string>& arguments, const std::string& folder) {
  std::ostringstream output, messages;
  const int code =
      RunProgram(arguments, {.directory = folder, .output = output, .messages = messages});
  return {.code = code, .output = output.str(), .messages = messages.str()};
}

const char kThreeServers[] = R"(cache:
  listen: 127.0.0.1:22121
  hash: fnv1a_64
  distribution: ketama
  servers:
    - 10.0.0.1:6379:1 a
    - 10.0.0.2:6379:1 b
    - 10.0.0.3:6379:2 c
)";

}  // namespace keyway::sim

// The program as a test calls it.
#ifndef KEYWAY_SIM_COMMAND_PROGRAM_TESTING_H_
#define KEYWAY_SIM_COMMAND_PROGRAM_TESTING_H_

#include <string>
#include <vector>

namespace keyway::sim {

struct Ran {
  int code = -1;
  std::string output = {};
  std::string messages = {};
};

// With these arguments, in a folder. No terminal is there.
Ran RunSim(const std::vector<std::string>& arguments, const std::string& folder);

// A configuration of three servers: a, b, and c with twice their weight.
extern const char kThreeServers[];

}  // namespace keyway::sim

#endif  // KEYWAY_SIM_COMMAND_PROGRAM_TESTING_H_

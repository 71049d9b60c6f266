// The simulator: bazel run //sim -- COMMAND …

#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include "sim/command/program.h"
#include "sim/report/terminal.h"

namespace {

// Where the user is; bazel run starts programs elsewhere.
std::string UserDirectory() {
  const char* const directory = std::getenv("BUILD_WORKING_DIRECTORY");
  return directory != nullptr ? directory : "";
}

}  // namespace

int main(int argc, char* argv[]) {
  const keyway::sim::Context context = {.directory = UserDirectory(),
                                        .output = std::cout,
                                        .messages = std::cerr,
                                        .progress = isatty(STDERR_FILENO) == 1,
                                        .render = keyway::sim::RenderOptionsFor(STDOUT_FILENO)};
  return keyway::sim::RunProgram(std::vector<std::string>(argv + 1, argv + argc), context);
}

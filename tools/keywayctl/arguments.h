// The command line of keywayctl.
#ifndef KEYWAY_TOOLS_KEYWAYCTL_ARGUMENTS_H_
#define KEYWAY_TOOLS_KEYWAYCTL_ARGUMENTS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace keyway {

struct Arguments {
  std::string address = "127.0.0.1:22223";
  std::string pool;  // empty: not given
  bool json = false;
  bool force = false;
  bool help = false;
  std::vector<std::string> words;  // what is no option: a verb and what it is about
};

// Options and words may come in any order; behind "--" all are words. Fails with one
// line for the user.
absl::StatusOr<Arguments> ParseArguments(int argc, char* argv[]);

// A line for each option.
std::string OptionsText();

}  // namespace keyway

#endif  // KEYWAY_TOOLS_KEYWAYCTL_ARGUMENTS_H_

// The command line: finds the command, reads its options, runs it and shows its report.
#ifndef KEYWAY_SIM_COMMAND_PROGRAM_H_
#define KEYWAY_SIM_COMMAND_PROGRAM_H_

#include <string>
#include <vector>

#include "sim/command/command.h"

namespace keyway::sim {

// Exit codes.
inline constexpr int kFine = 0;
inline constexpr int kBroken = 1;    // a limit does not hold; what was compared differs
inline constexpr int kBadInput = 2;  // or wrong use

// `arguments` without the name of the program.
int RunProgram(const std::vector<std::string>& arguments, const Context& context);

}  // namespace keyway::sim

#endif  // KEYWAY_SIM_COMMAND_PROGRAM_H_

// All commands there are.
#ifndef KEYWAY_SIM_COMMAND_COMMANDS_H_
#define KEYWAY_SIM_COMMAND_COMMANDS_H_

#include <memory>
#include <span>
#include <string_view>

#include "sim/command/command.h"

namespace keyway::sim {

// One file each, named like the function.
std::unique_ptr<Analysis> MakeBalance();
std::unique_ptr<Analysis> MakeDiff();
std::unique_ptr<Analysis> MakeFailures();
std::unique_ptr<Analysis> MakeAdvise();
std::unique_ptr<Analysis> MakeCheck();

std::unique_ptr<Command> MakeVerify();
std::unique_ptr<Command> MakeGenerate();
std::unique_ptr<Command> MakeStudy();
std::unique_ptr<Command> MakeMap();
std::unique_ptr<Command> MakeReduce();
std::unique_ptr<Command> MakeFormats();

// Those that count keys, in the order of the documentation.
std::span<const AnalysisRow> AllAnalyses();
// The one with that name, or null.
const AnalysisRow* FindAnalysis(std::string_view name);

// The others.
std::span<const CommandRow> OtherCommands();

}  // namespace keyway::sim

#endif  // KEYWAY_SIM_COMMAND_COMMANDS_H_

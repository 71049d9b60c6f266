// What a command of the program is: its options, and what it does. A further one is a
// file with a class, a declaration in commands.h and a row in commands.cc.
#ifndef KEYWAY_SIM_COMMAND_COMMAND_H_
#define KEYWAY_SIM_COMMAND_COMMAND_H_

#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "sim/command/files.h"
#include "sim/engine/experiment.h"
#include "sim/report/report.h"

namespace CLI {
class App;
}

namespace keyway::sim {

// Where a command runs.
struct Context {
  std::string directory;      // where relative names of files start; empty: the working directory
  std::ostream& output;       // for what a command makes besides its report
  std::ostream& messages;     // for people, while it runs
  bool progress = false;      // whether the messages are read as they come, on a terminal
  RenderOptions render = {};  // what shows the output
};

class Command {
 public:
  virtual ~Command() = default;

  // Those of this command alone. Parsing stores their values here.
  virtual void AddOptions(CLI::App& app) = 0;

  // Once, after the options are set. A report with a broken verdict makes the program
  // fail with 1; errors are lines for the user and make it fail with 2.
  virtual absl::StatusOr<std::optional<Report>> Run(const Context& context) = 0;
};

struct CommandRow {
  std::string_view name;
  std::string_view help;     // a sentence
  std::string_view example;  // a command line
  std::unique_ptr<Command> (*make)();
  bool reports = true;  // otherwise it has no options for a report
};

// A text for a file that the user named.
struct NamedText {
  std::string file;
  std::string text;
};

// What an analysis makes of its counts.
struct Drawing {
  Report report = {};
  std::vector<NamedText> files = {};
};

// A command that is an experiment over keys, in two steps. Neither knows where the keys
// come from, nor in how many parts they were counted: `map` and `reduce` take the two
// steps in different processes, over the same options and the same texts of files, and
// have to come to the same report.
class Analysis {
 public:
  virtual ~Analysis() = default;

  virtual void AddOptions(CLI::App& app) = 0;

  // What to count. Depends on nothing but the options and what `files` gives.
  virtual absl::StatusOr<Experiment> Plan(Files& files) = 0;

  // After Plan. Depends on the plan and the outcome's counts; of the input only sums may
  // be shown (see input_report.h), because parts have other names and places than the
  // whole.
  virtual absl::StatusOr<Drawing> Draw(const Outcome& outcome) const = 0;
};

struct AnalysisRow {
  std::string_view name;
  std::string_view help;
  std::string_view example;
  std::unique_ptr<Analysis> (*make)();
};

}  // namespace keyway::sim

#endif  // KEYWAY_SIM_COMMAND_COMMAND_H_

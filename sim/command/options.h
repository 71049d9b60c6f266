// Options that several commands share.
#ifndef KEYWAY_SIM_COMMAND_OPTIONS_H_
#define KEYWAY_SIM_COMMAND_OPTIONS_H_

#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "sim/command/command.h"
#include "sim/engine/experiment.h"
#include "sim/engine/input.h"
#include "sim/report/report.h"
#include "sim/source/source.h"

namespace keyway::sim {

// The headings of --help under which the shared options stand. Options of an analysis
// itself stand under others.
inline constexpr char kKeysGroup[] = "Keys";
inline constexpr char kReportGroup[] = "Report";

// Options whose values are no plain text. `help` says what they do; its end, what is taken
// if they are missing, is the present value.
void AddShare(CLI::App& app, const std::string& name, double& share, const std::string& help);
void AddShare(CLI::App& app, const std::string& name, std::optional<double>& share,
              const std::string& help);
void AddNumber(CLI::App& app, const std::string& name, std::optional<double>& number,
               const std::string& help);

// Which keys, and how they are read.
struct KeysOptions {
  std::vector<std::string> sources;
  std::string format;
  double max_bad = 0.01;
  int threads = 0;
  bool no_progress = false;

  void AddTo(CLI::App& app);

  absl::StatusOr<std::vector<std::unique_ptr<Source>>> Open(const Context& context) const;
  // Reads them all, with a line of progress for a terminal. How many bad lines are too
  // many is judged by JudgeInput.
  absl::StatusOr<Outcome> Count(const Experiment& experiment, const Context& context) const;
};

// Shows the first bad lines, and fails if more than `max_bad` of all lines are.
absl::Status JudgeInput(const InputReport& input, double max_bad, std::ostream& messages);

// How a report is shown, and where.
struct ReportOptions {
  std::string format = "table";
  std::string output;  // empty: the standard output
  std::string color = "auto";
  std::string json, csv, html;  // files besides; or empty

  void AddTo(CLI::App& app);

  absl::Status Show(const Report& report, const Context& context) const;
};

// The options that the user set in `app`, as arguments that set them again: --name=value.
// Without the shared ones of the groups above.
std::vector<std::string> ArgumentsOf(const CLI::App& app);

}  // namespace keyway::sim

#endif  // KEYWAY_SIM_COMMAND_OPTIONS_H_

// An analysis whose keys are all read by this process.
#ifndef KEYWAY_SIM_COMMAND_ANALYSIS_COMMAND_H_
#define KEYWAY_SIM_COMMAND_ANALYSIS_COMMAND_H_

#include <memory>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "sim/command/command.h"
#include "sim/command/options.h"

namespace keyway::sim {

class AnalysisCommand : public Command {
 public:
  explicit AnalysisCommand(std::unique_ptr<Analysis> analysis) : analysis_(std::move(analysis)) {}

  void AddOptions(CLI::App& app) override;
  absl::StatusOr<std::optional<Report>> Run(const Context& context) override;

 private:
  const std::unique_ptr<Analysis> analysis_;
  KeysOptions keys_;
};

// The second step, with its files: the same where keys were counted elsewhere.
absl::StatusOr<std::optional<Report>> DrawAndWrite(const Analysis& analysis, const Outcome& outcome,
                                                   const Context& context);

}  // namespace keyway::sim

#endif  // KEYWAY_SIM_COMMAND_ANALYSIS_COMMAND_H_

#include "sim/command/analysis_command.h"

#include <CLI/App.hpp>

namespace keyway::sim {

void AnalysisCommand::AddOptions(CLI::App& app) {
  analysis_->AddOptions(app);
  keys_.AddTo(app);
}

absl::StatusOr<std::optional<Report>> AnalysisCommand::Run(const Context& context) {
  Files files(context.directory);
  const absl::StatusOr<Experiment> experiment = analysis_->Plan(files);
  if (!experiment.ok()) return experiment.status();
  const absl::StatusOr<Outcome> outcome = keys_.Count(*experiment, context);
  if (!outcome.ok()) return outcome.status();
  const absl::Status judged = JudgeInput(outcome->input, keys_.max_bad, context.messages);
  if (!judged.ok()) return judged;
  return DrawAndWrite(*analysis_, *outcome, context);
}

absl::StatusOr<std::optional<Report>> DrawAndWrite(const Analysis& analysis, const Outcome& outcome,
                                                   const Context& context) {
  if (outcome.input.records() == 0) {
    return absl::InvalidArgumentError("the input has no keys");
  }
  absl::StatusOr<Drawing> drawing = analysis.Draw(outcome);
  if (!drawing.ok()) return drawing.status();
  for (const NamedText& file : drawing->files) {
    const absl::Status written = WriteFile(file.file, context.directory, file.text);
    if (!written.ok()) return written;
  }
  return std::move(drawing->report);
}

}  // namespace keyway::sim

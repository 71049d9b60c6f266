#include <CLI/App.hpp>
#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "sim/command/commands.h"
#include "sim/command/options.h"
#include "sim/command/partial_output.h"
#include "sim/partial/partial.h"

namespace keyway::sim {
namespace {

// The first step of an analysis.
class Map : public Command {
 public:
  void AddOptions(CLI::App& app) override {
    app.require_subcommand(1);
    for (const AnalysisRow& row : AllAnalyses()) {
      auto entry = std::make_unique<Entry>();
      entry->app = app.add_subcommand(std::string(row.name), std::string(row.help));
      entry->analysis = row.make();
      entry->analysis->AddOptions(*entry->app);
      entry->keys.AddTo(*entry->app);
      entries_.push_back(std::move(entry));
    }
  }

  absl::StatusOr<std::optional<Report>> Run(const Context& context) override {
    Entry& entry = **std::ranges::find_if(
        entries_, [](const std::unique_ptr<Entry>& some) { return some->app->parsed(); });
    Files files(context.directory);
    const absl::StatusOr<Experiment> experiment = entry.analysis->Plan(files);
    if (!experiment.ok()) return experiment.status();
    const absl::StatusOr<Outcome> outcome = entry.keys.Count(*experiment, context);
    if (!outcome.ok()) return outcome.status();
    // How many are too many is a question to the whole input.
    const absl::Status shown = JudgeInput(outcome->input, 1, context.messages);
    if (!shown.ok()) return shown;

    const PartialPlan plan = {.command = entry.app->get_name(),
                              .arguments = ArgumentsOf(*entry.app),
                              .files = files.texts(),
                              .max_bad = entry.keys.max_bad};
    const absl::Status written = PutPartial(plan, *outcome, context);
    if (!written.ok()) return written;
    return std::nullopt;
  }

 private:
  struct Entry {
    CLI::App* app = nullptr;
    std::unique_ptr<Analysis> analysis;
    KeysOptions keys = {};
  };

  std::vector<std::unique_ptr<Entry>> entries_;  // their addresses are known to CLI11
};

}  // namespace

std::unique_ptr<Command> MakeMap() { return std::make_unique<Map>(); }

}  // namespace keyway::sim

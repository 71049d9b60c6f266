#include <CLI/App.hpp>
#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "sim/command/commands.h"
#include "sim/command/input_report.h"
#include "sim/command/measure.h"
#include "sim/command/moves_table.h"
#include "sim/command/pool.h"
#include "sim/command/spread_table.h"
#include "sim/figures/spread.h"

namespace keyway::sim {
namespace {

constexpr size_t kOld = 0, kNew = 1;

class Diff : public Analysis {
 public:
  void AddOptions(CLI::App& app) override {
    from_.AddTo(app, "--from", "The configuration of today");
    app.add_option("--to", to_.file, "The configuration to come")->required()->type_name("FILE");
  }

  absl::StatusOr<Experiment> Plan(Files& files) override {
    absl::StatusOr<Pool> old_pool = ReadPool(from_, files);
    if (!old_pool.ok()) return old_pool.status();
    to_.name = from_.name;
    absl::StatusOr<Pool> new_pool = ReadPool(to_, files);
    if (!new_pool.ok()) return new_pool.status();
    old_ = *std::move(old_pool);
    new_ = *std::move(new_pool);
    experiment_ = {};
    experiment_.scenarios.push_back(AddPool(old_.config, "from", experiment_));
    experiment_.scenarios.push_back(AddPool(new_.config, "to", experiment_));
    experiment_.scenarios[kNew].matrix = true;
    TellApart(experiment_.servers);
    return experiment_;
  }

  absl::StatusOr<Drawing> Draw(const Outcome& outcome) const override {
    Report report = {
        .command = "diff",
        .title = absl::StrFormat("From %s (%s) to %s (%s)", old_.file, Describe(old_.config),
                                 new_.file, Describe(new_.config)),
        .warnings = old_.warnings};
    for (const std::string& warning : new_.warnings) {
      if (old_.file != new_.file) report.warnings.push_back(warning);
    }
    report.facts.push_back({.id = "from", .title = "from", .value = old_.file});
    report.facts.push_back({.id = "to", .title = "to", .value = new_.file});
    AddInputFacts(outcome.input, outcome.tally, report);

    const MovesView moves(experiment_, outcome.tally, kNew);
    AddMissFacts(moves, report);
    report.tables.push_back(moves.SummaryTable());
    AddServerTables(outcome.tally, report);
    moves.AddMatrix(report);
    return Drawing{.report = std::move(report)};
  }

 private:
  std::vector<double> WeightsOf(size_t scenario) const {
    return Weights(experiment_.scenarios[scenario], experiment_.servers.size());
  }

  void AddServerTables(const Tally& tally, Report& report) const {
    const std::vector<double> before = WeightsOf(kOld), after = WeightsOf(kNew);
    const std::vector<Load> loads_after = LoadsOf(tally, kNew);
    for (const Load& load : LoadsOf(tally, kOld)) {
      const Load* const then = MainLoad(loads_after, load.measure->id);
      if (then == nullptr) continue;
      report.tables.push_back(ServerTable(load, *then, before, after));
      report.charts.push_back(
          {.kind = Chart::Kind::kBars,
           .title = absl::StrFormat("%s: share / fair share, before and after", load.measure->id),
           .table = std::string(load.measure->id),
           .label = "server",
           .values = {"load_before", "load_after"},
           .mark = 1,
           .mark_title = "fair share"});
    }
  }

  Table ServerTable(const Load& old_load, const Load& new_load, const std::vector<double>& before,
                    const std::vector<double>& after) const {
    const std::string id(old_load.measure->id);
    const Unit unit = old_load.measure->unit;
    Table table = {
        .id = id,
        .title = TitleOf(old_load) + ", before and after",
        .columns = {{.id = "server", .title = "server"},
                    {.id = "address", .title = "address"},
                    {.id = "weight_before", .title = "weight", .unit = Unit::kCount},
                    {.id = "weight_after", .title = "after", .unit = Unit::kCount},
                    {.id = "before", .title = id, .unit = unit},
                    {.id = "after", .title = "after", .unit = unit},
                    {.id = "load_before", .title = "share/fair", .unit = Unit::kRatio},
                    {.id = "load_after", .title = "after", .unit = Unit::kRatio, .bar = true}}};
    const std::vector<double> relative_before = RelativeLoads(old_load.servers, before);
    const std::vector<double> relative_after = RelativeLoads(new_load.servers, after);
    for (size_t i = 0; i < experiment_.servers.size(); ++i) {
      const auto here = [](double weight, const Value& value) {
        return weight > 0 ? value : Value();
      };
      table.rows.push_back(
          {experiment_.servers[i].name, experiment_.servers[i].address,
           here(before[i], CountValue(before[i])), here(after[i], CountValue(after[i])),
           here(before[i], CountValue(old_load.servers[i])),
           here(after[i], CountValue(new_load.servers[i])), here(before[i], relative_before[i]),
           here(after[i], relative_after[i])});
    }
    return table;
  }

  PoolOptions from_, to_;
  Pool old_, new_;
  Experiment experiment_;
};

}  // namespace

std::unique_ptr<Analysis> MakeDiff() { return std::make_unique<Diff>(); }

}  // namespace keyway::sim

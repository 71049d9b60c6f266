#include <CLI/App.hpp>
#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "sim/command/commands.h"
#include "sim/command/hot_keys.h"
#include "sim/command/input_report.h"
#include "sim/command/limits.h"
#include "sim/command/losses.h"
#include "sim/command/measure.h"
#include "sim/command/moves_table.h"
#include "sim/command/pool.h"
#include "sim/command/spread_table.h"
#include "sim/figures/spread.h"
#include "sim/report/text.h"

namespace keyway::sim {
namespace {

class Check : public Analysis {
 public:
  void AddOptions(CLI::App& app) override {
    pool_options_.AddTo(app, "--config", "The configuration that is checked");
    fair_options_.AddTo(app);
    app.add_option("--from", old_options_.file, "The configuration of today, for --max-moved")
        ->type_name("FILE");
    app.add_option("--limits", limits_file_, "A file of limits: 'limits:', below it NAME: VALUE")
        ->type_name("FILE");
    app.add_option("--measure", measure_, "keys, bytes or requests; otherwise the last there is")
        ->check(CLI::IsMember({"keys", "bytes", "requests"}).description(""))
        ->type_name("MEASURE");
    for (const Limit& limit : AllLimits()) AddLimit(app, limit);
  }

  absl::StatusOr<Experiment> Plan(Files& files) override {
    const absl::Status limits = ReadLimits(files);
    if (!limits.ok()) return limits;
    absl::StatusOr<Pool> pool = ReadPool(pool_options_, files);
    if (!pool.ok()) return pool.status();
    pool_ = *std::move(pool);
    experiment_ = {.hot_keys = true};
    experiment_.scenarios.push_back(AddPool(pool_.config, "all", experiment_));
    if (Need(Needs::kOldPool)) {
      const absl::Status status = PlanOldPool(files);
      if (!status.ok()) return status;
    }
    if (Need(Needs::kLosses)) PlanLosses();
    absl::StatusOr<std::vector<double>> fair =
        FairWeights(fair_options_, pool_, experiment_, files);
    if (!fair.ok()) return fair.status();
    fair_ = *std::move(fair);
    return experiment_;
  }

  absl::StatusOr<Drawing> Draw(const Outcome& outcome) const override {
    Report report = {
        .command = "check",
        .title = absl::StrFormat("Check of pool %s: %s", pool_.config.name, Describe(pool_.config)),
        .warnings = pool_.warnings};
    AddPoolFacts(pool_.config, report);
    AddInputFacts(outcome.input, outcome.tally, report);
    const std::vector<Load> loads = LoadsOf(outcome.tally, 0);
    const Load* const load = MainLoad(loads, measure_);
    if (load == nullptr) {
      return absl::InvalidArgumentError(
          absl::StrFormat("the input has no %s", measure_.empty() ? "keys" : measure_));
    }
    report.facts.push_back(
        {.id = "measure", .title = "load", .value = std::string(load->measure->id)});
    const CheckedFigures figures = FiguresOf(outcome.tally, *load);
    for (const auto& [id, bound] : limits_) {
      const absl::Status judged = Judge(*FindLimit(id), bound, figures, report);
      if (!judged.ok()) return judged;
    }
    return Drawing{.report = std::move(report)};
  }

 private:
  void AddLimit(CLI::App& app, const Limit& limit) {
    const bool share = limit.unit == Unit::kShare;
    app.add_option_function<std::string>(
           OptionOf(limit),
           [this, &limit](const std::string& text) {
             from_options_[std::string(limit.id)] = *ParseLimit(limit, text);
           },
           (limit.upper ? "At most: " : "At least: ") + std::string(limit.figure))
        ->check([&limit](const std::string& text) {
          return ParseLimit(limit, text) ? "" : "'" + text + "' is no limit";
        })
        ->type_name(share ? "SHARE" : "NUMBER")
        ->group("Limits");
  }

  absl::Status ReadLimits(Files& files) {
    limits_ = from_options_;
    if (!limits_file_.empty()) {
      const absl::StatusOr<std::string> text = files.Read(limits_file_);
      if (!text.ok()) return text.status();
      const absl::StatusOr<LimitValues> values = ParseLimits(*text, limits_file_);
      if (!values.ok()) return values.status();
      limits_.insert(values->begin(), values->end());
    }
    if (limits_.empty()) return absl::InvalidArgumentError("there is no limit to check");
    if (Need(Needs::kOldPool) && old_options_.file.empty()) {
      return absl::InvalidArgumentError("what moves needs --from, the configuration of today");
    }
    return absl::OkStatus();
  }

  bool Need(Needs needs) const {
    return std::ranges::any_of(
        limits_, [needs](const auto& limit) { return FindLimit(limit.first)->needs == needs; });
  }

  absl::Status PlanOldPool(Files& files) {
    old_options_.name = pool_options_.name;
    const absl::StatusOr<Pool> old_pool = ReadPool(old_options_, files);
    if (!old_pool.ok()) return old_pool.status();
    // Names stay those of the file that is checked.
    std::vector<Server> servers = experiment_.servers;
    old_scenario_ = experiment_.scenarios.size();
    experiment_.scenarios.push_back(AddPool(old_pool->config, "from", experiment_));
    std::ranges::copy(servers, experiment_.servers.begin());
    TellApart(experiment_.servers);
    return absl::OkStatus();
  }

  void PlanLosses() {
    const Scenario base = experiment_.scenarios.front();
    for (size_t server = 0; server < experiment_.servers.size(); ++server) {
      const bool part = std::ranges::find(base.servers, server) != base.servers.end();
      Scenario rest = Without(base, {server}, "without " + experiment_.servers[server].name);
      if (!part || rest.members.empty()) continue;
      losses_.emplace_back(server, experiment_.scenarios.size());
      experiment_.scenarios.push_back(std::move(rest));
    }
  }

  CheckedFigures FiguresOf(const Tally& tally, const Load& load) const {
    const Spread spread = SpreadOf(load.servers, fair_);
    CheckedFigures figures = {.max_to_mean = spread.max_to_mean,
                              .min_to_mean = spread.min_to_mean,
                              .variation = spread.variation,
                              .gini = spread.gini,
                              .outside = spread.outside,
                              .hot_key_share = 0};
    for (const Load& keys : LoadsOf(tally, 0)) {
      if (keys.measure->id == "keys" && !keys.estimate) {
        figures.p_value = ChiSquareTest(keys.servers, fair_).probability;
      }
    }
    const std::vector<HotKey> hottest = HotKeysOf(experiment_, tally, 1);
    if (!hottest.empty()) figures.hot_key_share = hottest.front().share;
    if (old_scenario_ != 0) {
      const MovesView moves(experiment_, tally, old_scenario_);
      if (const Moves* const main = moves.Main(load.measure->id)) {
        figures.moved_share = main->MovedShare();
        figures.avoidable_share = main->AvoidableShare();
      }
    }
    if (!load.estimate) AddLossFigures(tally, load, figures);
    return figures;
  }

  void AddLossFigures(const Tally& tally, const Load& load, CheckedFigures& figures) const {
    for (const auto& [server, scenario] : losses_) {
      const ScenarioTally& counts = tally.scenarios[scenario];
      std::vector<double> after;
      for (const Counts& one : counts.servers) {
        after.push_back(static_cast<double>(load.measure->of(one)));
      }
      const LossEffect effect =
          EffectOf(fair_, load.servers, after, static_cast<double>(load.measure->of(counts.moved)),
                   {server});
      figures.after_loss = std::max(figures.after_loss.value_or(0), effect.worst_load);
      figures.churn_share = std::max(figures.churn_share.value_or(0), effect.churn_share);
    }
  }

  absl::Status Judge(const Limit& limit, double bound, const CheckedFigures& figures,
                     Report& report) const {
    const std::optional<double> figure = figures.*limit.value;
    if (!figure) {
      return absl::InvalidArgumentError(
          absl::StrFormat("%s: this input does not tell the %s", OptionOf(limit), limit.figure));
    }
    const bool held = limit.upper ? *figure <= bound : *figure >= bound;
    report.facts.push_back({.id = std::string(limit.id).substr(4),
                            .title = std::string(limit.figure),
                            .unit = limit.unit,
                            .value = *figure});
    report.verdicts.push_back(
        {.id = std::string(limit.id),
         .figure = absl::StrFormat("%s is %s; the limit is %s", limit.figure,
                                   ToPeople(*figure, limit.unit), ToPeople(bound, limit.unit)),
         .held = held});
    return absl::OkStatus();
  }

  PoolOptions pool_options_;
  PoolOptions old_options_;
  FairOptions fair_options_;
  std::string limits_file_;
  std::string measure_;
  LimitValues from_options_;
  LimitValues limits_;
  Pool pool_;
  Experiment experiment_;
  std::vector<double> fair_;                       // by server
  size_t old_scenario_ = 0;                        // none
  std::vector<std::pair<size_t, size_t>> losses_;  // server, scenario
};

}  // namespace

std::unique_ptr<Analysis> MakeCheck() { return std::make_unique<Check>(); }

}  // namespace keyway::sim

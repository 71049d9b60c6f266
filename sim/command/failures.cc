#include <CLI/App.hpp>
#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "sim/command/capacity.h"
#include "sim/command/commands.h"
#include "sim/command/input_report.h"
#include "sim/command/losses.h"
#include "sim/command/measure.h"
#include "sim/command/pool.h"
#include "sim/command/spread_table.h"
#include "sim/figures/spread.h"

namespace keyway::sim {
namespace {

// With more servers, who takes over is not told: the counts would take too much memory.
constexpr size_t kMaxMatrixServers = 64;
// Of losses of several machines at once, those with the worst effects are listed.
constexpr size_t kListed = 20;

// One loss: a scenario of the experiment, by its index.
struct Loss {
  std::vector<size_t> machines = {};
  std::vector<size_t> servers = {};
  size_t scenario = 0;
};

// All losses of the same number of machines.
struct Level {
  size_t lost = 0;
  bool all = true;
  std::vector<Loss> losses = {};
};

// What the tally says of a loss.
struct Judged {
  const Loss* loss = nullptr;
  LossEffect effect = {};
  size_t overloaded = 0;
};

class Failures : public Analysis {
 public:
  void AddOptions(CLI::App& app) override {
    pool_options_.AddTo(app, "--config", "The configuration, as the proxy reads it");
    fair_options_.AddTo(app);
    app.add_option("--lose", lose_, "Up to how many fail at once")
        ->check(CLI::Range(1, 1000).description(""))
        ->type_name("NUMBER")
        ->capture_default_str();
    app.add_option("--by", by_, "What fails as one: a server, or all servers of a host")
        ->check(CLI::IsMember({"server", "host"}).description(""))
        ->type_name("UNIT")
        ->capture_default_str();
    app.add_option("--capacity", capacity_text_,
                   "What a server bears: 1.5 fair shares of today's load, or keys=2M, "
                   "bytes=64GiB, requests=50k")
        ->check([](const std::string& text) {
          return ParseCapacity(text) ? "" : "'" + text + "' is no capacity";
        })
        ->type_name("CAPACITY");
    app.add_option("--measure", measure_, "keys, bytes or requests; otherwise the last there is")
        ->check(CLI::IsMember({"keys", "bytes", "requests"}).description(""))
        ->type_name("MEASURE");
    app.add_option("--max-scenarios", max_scenarios_,
                   "If there are more ways to lose as many, so many are drawn")
        ->check(CLI::Range(1, 100000).description(""))
        ->type_name("NUMBER")
        ->capture_default_str();
    app.add_option("--seed", seed_, "Of the draw")->type_name("NUMBER")->capture_default_str();
  }

  absl::StatusOr<Experiment> Plan(Files& files) override {
    absl::StatusOr<Pool> pool = ReadPool(pool_options_, files);
    if (!pool.ok()) return pool.status();
    pool_ = *std::move(pool);
    experiment_ = {};
    experiment_.scenarios.push_back(AddPool(pool_.config, "all", experiment_));
    machines_ = MachinesOf(experiment_.servers, by_ == "host");
    if (lose_ >= machines_.size()) {
      return absl::InvalidArgumentError(
          absl::StrFormat("--lose %d leaves nothing of the %d %ss of pool %s", lose_,
                          machines_.size(), by_, pool_.config.name));
    }
    absl::StatusOr<std::vector<double>> fair =
        FairWeights(fair_options_, pool_, experiment_, files);
    if (!fair.ok()) return fair.status();
    fair_ = *std::move(fair);
    for (size_t lost = 1; lost <= lose_; ++lost) AddLevel(lost);
    return experiment_;
  }

  absl::StatusOr<Drawing> Draw(const Outcome& outcome) const override {
    Report report = {.command = "failures",
                     .title = absl::StrFormat("Failures in pool %s: %s", pool_.config.name,
                                              Describe(pool_.config)),
                     .warnings = pool_.warnings};
    if (!pool_.config.auto_eject_hosts) {
      report.warnings.push_back(
          "auto_eject_hosts is off: the proxy does not take failed servers out by itself, and "
          "requests for their keys fail; what follows is with it on");
    }
    AddPoolFacts(pool_.config, report);
    AddInputFacts(outcome.input, outcome.tally, report);
    const std::optional<Capacity> capacity = ParseCapacity(capacity_text_);
    std::string measure = measure_;
    if (measure.empty() && capacity && capacity->measure) measure = capacity->measure->id;
    const std::vector<Load> loads = LoadsOf(outcome.tally, 0);
    const Load* const before = MainLoad(loads, measure);
    if (before == nullptr || before->estimate) {
      return absl::InvalidArgumentError(
          absl::StrFormat("the input has no %s", measure.empty() ? "keys" : measure));
    }
    if (capacity && capacity->measure && capacity->measure != before->measure) {
      return absl::InvalidArgumentError("--capacity and --measure are of different measures");
    }
    report.facts.push_back(
        {.id = "measure", .title = "load", .value = std::string(before->measure->id)});
    AddTables(outcome.tally, *before, capacity, report);
    return Drawing{.report = std::move(report)};
  }

 private:
  void AddLevel(size_t lost) {
    Combinations combinations = Choose(machines_.size(), lost, max_scenarios_, seed_);
    Level level = {.lost = lost, .all = combinations.all};
    for (std::vector<size_t>& machines : combinations.chosen) {
      Loss loss = {.machines = std::move(machines), .scenario = experiment_.scenarios.size()};
      for (const size_t machine : loss.machines) {
        const std::vector<size_t>& servers = machines_[machine].servers;
        loss.servers.insert(loss.servers.end(), servers.begin(), servers.end());
      }
      Scenario scenario =
          Without(experiment_.scenarios.front(), loss.servers, "without " + NameOf(loss));
      scenario.matrix = lost == 1 && experiment_.servers.size() <= kMaxMatrixServers;
      experiment_.scenarios.push_back(std::move(scenario));
      level.losses.push_back(std::move(loss));
    }
    levels_.push_back(std::move(level));
  }

  std::string NameOf(const Loss& loss) const {
    std::string name;
    for (const size_t machine : loss.machines) {
      name += (name.empty() ? "" : ", ") + machines_[machine].name;
    }
    return name;
  }

  Judged Judge(const Tally& tally, const Load& before, const Loss& loss,
               const std::optional<Capacity>& capacity) const {
    const ScenarioTally& counts = tally.scenarios[loss.scenario];
    std::vector<double> after;
    for (const Counts& server : counts.servers) {
      after.push_back(static_cast<double>(before.measure->of(server)));
    }
    Judged judged = {
        .loss = &loss,
        .effect = EffectOf(fair_, before.servers, after,
                           static_cast<double>(before.measure->of(counts.moved)), loss.servers)};
    const std::vector<double> shares = Shares(fair_);
    for (size_t i = 0; capacity && i < fair_.size(); ++i) {
      if (fair_[i] <= 0) continue;
      const double limit = capacity->InFairShares(shares[i], before.sum);
      if (judged.effect.loads[i] > limit) ++judged.overloaded;
    }
    return judged;
  }

  void AddTables(const Tally& tally, const Load& before, const std::optional<Capacity>& capacity,
                 Report& report) const {
    Table curve = CurveTable(before, capacity.has_value());
    Table losses = LossTable(capacity.has_value());
    for (const Level& level : levels_) {
      std::vector<Judged> judged;
      for (const Loss& loss : level.losses) {
        judged.push_back(Judge(tally, before, loss, capacity));
      }
      AddCurveRow(level, judged, capacity.has_value(), curve);
      if (level.lost > 1) {
        std::ranges::stable_sort(judged, std::ranges::greater(),
                                 [](const Judged& one) { return one.effect.worst_load; });
        judged.resize(std::min(judged.size(), kListed));
      }
      for (const Judged& one : judged) AddLossRow(one, capacity.has_value(), losses);
    }
    report.tables.push_back(std::move(curve));
    report.charts.push_back({.kind = Chart::Kind::kLines,
                             .title = "The fullest server by the number of failures",
                             .table = "curve",
                             .label = "lost",
                             .values = {"mean_worst_load", "worst_load"},
                             .mark = MarkOf(before, capacity),
                             .mark_title = "capacity"});
    report.tables.push_back(std::move(losses));
    report.charts.push_back({.kind = Chart::Kind::kBars,
                             .title = "The fullest server after each loss",
                             .table = "losses",
                             .label = "lost",
                             .values = {"worst_load"},
                             .mark = MarkOf(before, capacity),
                             .mark_title = "capacity"});
    AddTakers(tally, before, report);
  }

  // The capacity as one line across all servers, if it is the same for all of them.
  double MarkOf(const Load& before, const std::optional<Capacity>& capacity) const {
    if (!capacity) return 0;
    const std::vector<double> shares = Shares(fair_);
    const auto [least, most] = std::ranges::minmax(shares);
    if (capacity->measure != nullptr && least != most) return 0;
    return capacity->InFairShares(most, before.sum);
  }

  // The row of no loss at all comes first.
  Table CurveTable(const Load& before, bool limited) const {
    Table table = {
        .id = "curve",
        .title = "Load of the fullest server, by the number of failures",
        .columns = {{.id = "lost", .title = "lost", .unit = Unit::kCount},
                    {.id = "scenarios", .title = "ways", .unit = Unit::kCount},
                    {.id = "all", .title = "all of them"},
                    {.id = "mean_worst_load", .title = "on average", .unit = Unit::kNumber},
                    {.id = "worst_load", .title = "at worst", .unit = Unit::kNumber, .bar = true},
                    {.id = "worst_loss", .title = "when lost"}},
        .note =
            "In fair shares of the load when all servers are alive: of n equal servers, one "
            "less means n / (n - 1) at best."};
    if (limited) {
      table.columns.push_back(
          {.id = "overloading_share", .title = "overload", .unit = Unit::kShare});
    }
    const double peak = SpreadOf(before.servers, fair_).max_to_mean;
    table.rows.push_back({uint64_t{0}, uint64_t{1}, "yes", peak, peak, Value()});
    if (limited) table.rows.back().push_back(Value());
    return table;
  }

  void AddCurveRow(const Level& level, const std::vector<Judged>& judged, bool limited,
                   Table& table) const {
    double sum = 0;
    const Judged* worst = &judged.front();
    uint64_t overloading = 0;
    for (const Judged& one : judged) {
      sum += one.effect.worst_load;
      if (one.effect.worst_load > worst->effect.worst_load) worst = &one;
      if (one.overloaded > 0) ++overloading;
    }
    const double count = static_cast<double>(judged.size());
    table.rows.push_back({static_cast<uint64_t>(level.lost), static_cast<uint64_t>(judged.size()),
                          level.all ? "yes" : "a sample", sum / count, worst->effect.worst_load,
                          NameOf(*worst->loss)});
    if (limited) table.rows.back().push_back(static_cast<double>(overloading) / count);
  }

  Table LossTable(bool limited) const {
    Table table = {
        .id = "losses",
        .title = "What each loss does",
        .columns = {{.id = "lost", .title = "lost"},
                    {.id = "lost_share", .title = "had", .unit = Unit::kShare},
                    {.id = "worst_server", .title = "fullest then"},
                    {.id = "worst_load", .title = "its load", .unit = Unit::kNumber, .bar = true},
                    {.id = "churn_share", .title = "moved for nothing", .unit = Unit::kShare}},
        .note =
            "moved for nothing: what is elsewhere although its server lives. All losses of "
            "one, and the worst of several."};
    if (limited) {
      table.columns.push_back({.id = "overloaded", .title = "overloaded", .unit = Unit::kCount});
    }
    return table;
  }

  void AddLossRow(const Judged& judged, bool limited, Table& table) const {
    const LossEffect& effect = judged.effect;
    table.rows.push_back({NameOf(*judged.loss), effect.lost_share,
                          experiment_.servers[effect.worst_server].name, effect.worst_load,
                          effect.churn_share});
    if (limited) table.rows.back().push_back(static_cast<uint64_t>(judged.overloaded));
  }

  // Who takes over what a lost machine had.
  void AddTakers(const Tally& tally, const Load& before, Report& report) const {
    Table table = {
        .id = "takers",
        .title = "Who takes over",
        .columns = {
            {.id = "lost", .title = "lost"},
            {.id = "taker", .title = "taken over by"},
            {.id = "taken", .title = std::string(before.measure->id), .unit = before.measure->unit},
            {.id = "taken_share", .title = "share of it", .unit = Unit::kShare, .bar = true}}};
    const size_t servers = experiment_.servers.size();
    for (const Loss& loss : levels_.front().losses) {
      const std::vector<Counts>& matrix = tally.scenarios[loss.scenario].matrix;
      if (matrix.empty()) return;
      double lost_load = 0;
      for (const size_t server : loss.servers) lost_load += before.servers[server];
      for (size_t to = 0; to < servers; ++to) {
        uint64_t taken = 0;
        for (const size_t from : loss.servers) {
          taken += before.measure->of(matrix[from * servers + to]);
        }
        if (taken == 0) continue;
        table.rows.push_back({NameOf(loss), experiment_.servers[to].name, taken,
                              static_cast<double>(taken) / lost_load});
      }
    }
    report.tables.push_back(std::move(table));
    report.charts.push_back({.kind = Chart::Kind::kMatrix,
                             .title = "Who takes over",
                             .table = "takers",
                             .label = "lost",
                             .values = {"taker", "taken"}});
  }

  PoolOptions pool_options_;
  FairOptions fair_options_;
  size_t lose_ = 1;
  std::string by_ = "server";
  std::string capacity_text_;
  std::string measure_;
  size_t max_scenarios_ = 256;
  uint64_t seed_ = 1;
  Pool pool_;
  Experiment experiment_;
  std::vector<double> fair_;  // by server
  std::vector<Machine> machines_;
  std::vector<Level> levels_;
};

}  // namespace

std::unique_ptr<Analysis> MakeFailures() { return std::make_unique<Failures>(); }

}  // namespace keyway::sim

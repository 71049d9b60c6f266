#include <CLI/App.hpp>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "sim/command/commands.h"
#include "sim/command/hot_keys.h"
#include "sim/command/input_report.h"
#include "sim/command/measure.h"
#include "sim/command/pool.h"
#include "sim/command/spread_table.h"
#include "sim/figures/ownership.h"
#include "sim/figures/spread.h"

namespace keyway::sim {
namespace {

class Balance : public Analysis {
 public:
  void AddOptions(CLI::App& app) override {
    pool_options_.AddTo(app, "--config", "The configuration, as the proxy reads it");
    fair_options_.AddTo(app);
    app.add_option("--hot", hot_keys_, "How many of the hottest keys are shown")
        ->check(CLI::Range(0, 1000).description(""))
        ->type_name("NUMBER")
        ->capture_default_str();
  }

  absl::StatusOr<Experiment> Plan(Files& files) override {
    absl::StatusOr<Pool> pool = ReadPool(pool_options_, files);
    if (!pool.ok()) return pool.status();
    pool_ = *std::move(pool);
    experiment_ = {.hot_keys = true};
    experiment_.scenarios.push_back(AddPool(pool_.config, "all", experiment_));
    const Scenario& scenario = experiment_.scenarios.front();
    absl::StatusOr<Ownership> ownership = OwnershipOf(scenario.options, scenario.members);
    if (!ownership.ok()) return ownership.status();
    ownership_ = *std::move(ownership);
    absl::StatusOr<std::vector<double>> fair =
        FairWeights(fair_options_, pool_, experiment_, files);
    if (!fair.ok()) return fair.status();
    fair_ = *std::move(fair);
    return experiment_;
  }

  absl::StatusOr<Drawing> Draw(const Outcome& outcome) const override {
    const Tally& tally = outcome.tally;
    const std::vector<Load> loads = LoadsOf(tally, 0);
    Report report = {.command = "balance",
                     .title = absl::StrFormat("Balance of pool %s: %s", pool_.config.name,
                                              Describe(pool_.config)),
                     .warnings = pool_.warnings};
    AddPoolFacts(pool_.config, report);
    AddInputFacts(outcome.input, tally, report);

    const std::vector<double> owned = OwnedByServer();
    report.tables.push_back(SpreadTable(loads, fair_, owned));
    AddServerTables(tally, loads, owned, report);
    AddHotKeys(experiment_, fair_, outcome.tally, hot_keys_, report);
    return Drawing{.report = std::move(report)};
  }

 private:
  size_t servers() const { return experiment_.servers.size(); }

  std::vector<double> OwnedByServer() const {
    std::vector<double> owned(servers());
    const Scenario& scenario = experiment_.scenarios.front();
    for (size_t i = 0; i < scenario.members.size(); ++i) {
      owned[scenario.servers[i]] += ownership_.shares[i];
    }
    return owned;
  }

  void AddServerTables(const Tally& tally, const std::vector<Load>& loads,
                       const std::vector<double>& owned, Report& report) const {
    report.tables.push_back(ServerTable(owned, MainLoad(loads, "keys")));
    report.charts.push_back({.kind = Chart::Kind::kBars,
                             .title = "What each server should have, owns, and got of the keys",
                             .table = "servers",
                             .label = "server",
                             .values = {"fair_share", "owned_share", "keys_share"}});
    for (const Load& load : loads) {
      report.tables.push_back(LoadTable(tally, load));
      report.charts.push_back(
          {.kind = Chart::Kind::kBars,
           .title = absl::StrFormat("%s: share / fair share", load.measure->title),
           .table = std::string(load.measure->id),
           .label = "server",
           .values = {"load"},
           .mark = 1,
           .mark_title = "fair share"});
    }
  }

  // `keys` may be null.
  Table ServerTable(const std::vector<double>& owned, const Load* keys) const {
    Table table = {.id = "servers",
                   .title = "Servers",
                   .columns = {{.id = "server", .title = "server"},
                               {.id = "address", .title = "address"},
                               {.id = "weight", .title = "weight", .unit = Unit::kCount},
                               {.id = "fair_share", .title = "fair", .unit = Unit::kShare},
                               {.id = "owned_share",
                                .title = "owned",
                                .unit = Unit::kShare,
                                .estimate = ownership_.error > 0},
                               {.id = "keys_share",
                                .title = "of keys",
                                .unit = Unit::kShare,
                                .bar = true,
                                .estimate = keys != nullptr && keys->estimate}},
                   .note = "owned: the part of all hash values that are the server's (" +
                           ownership_.method + ")"};
    const std::vector<double> weights = Weights(experiment_.scenarios.front(), servers());
    const std::vector<double> shares = Shares(fair_);
    const std::vector<double> got = keys == nullptr ? std::vector<double>() : Shares(keys->servers);
    for (size_t i = 0; i < servers(); ++i) {
      const Server& server = experiment_.servers[i];
      table.rows.push_back({server.name, server.address, CountValue(weights[i]), shares[i],
                            owned[i], got.empty() ? Value() : Value(got[i])});
    }
    return table;
  }

  // Where keys are requests, reads and writes too.
  Table LoadTable(const Tally& tally, const Load& load) const {
    const std::string id(load.measure->id);
    Table table = {
        .id = id, .title = TitleOf(load), .columns = {{.id = "server", .title = "server"}}};
    const bool requests = id == "requests";
    if (requests) {
      table.columns.push_back({.id = "reads", .title = "reads", .unit = Unit::kCount});
      table.columns.push_back({.id = "writes", .title = "writes", .unit = Unit::kCount});
    }
    table.columns.push_back(
        {.id = id, .title = id, .unit = load.measure->unit, .estimate = load.estimate});
    table.columns.push_back({.id = "share", .title = "share", .unit = Unit::kShare});
    table.columns.push_back(
        {.id = "load", .title = "share/fair", .unit = Unit::kRatio, .bar = true});

    const std::vector<double> shares = Shares(load.servers);
    const std::vector<double> relative = RelativeLoads(load.servers, fair_);
    for (size_t i = 0; i < servers(); ++i) {
      std::vector<Value> row = {experiment_.servers[i].name};
      if (requests) {
        const Counts& counts = tally.scenarios.front().servers[i];
        row.insert(row.end(), {counts.reads, counts.writes});
      }
      row.insert(row.end(), {CountValue(load.servers[i]), shares[i], relative[i]});
      table.rows.push_back(std::move(row));
    }
    return table;
  }

  PoolOptions pool_options_;
  FairOptions fair_options_;
  size_t hot_keys_ = 10;
  Pool pool_;
  Experiment experiment_;
  Ownership ownership_;
  std::vector<double> fair_;  // by server
};

}  // namespace

std::unique_ptr<Analysis> MakeBalance() { return std::make_unique<Balance>(); }

}  // namespace keyway::sim

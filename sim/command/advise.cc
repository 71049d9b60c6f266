#include <CLI/App.hpp>
#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "hashing/distribution.h"
#include "hashing/hash.h"
#include "sim/command/alternatives.h"
#include "sim/command/commands.h"
#include "sim/command/hot_keys.h"
#include "sim/command/input_report.h"
#include "sim/command/measure.h"
#include "sim/command/options.h"
#include "sim/command/pool.h"
#include "sim/command/rewrite.h"
#include "sim/command/spread_table.h"
#include "sim/command/traps.h"
#include "sim/figures/spread.h"

namespace keyway::sim {
namespace {

// What moving little means.
constexpr double kLittle = 0.1;

template <class Row>
std::vector<std::string> NamesOf(std::span<const Row> rows) {
  std::vector<std::string> names;
  for (const Row& row : rows) names.emplace_back(row.name);
  return names;
}

class Advise : public Analysis {
 public:
  void AddOptions(CLI::App& app) override {
    pool_options_.AddTo(app, "--config", "The configuration of today");
    fair_options_.AddTo(app);
    app.add_option("--hash", hashes_, "Only these hash functions")
        ->check(CLI::IsMember(NamesOf(hashing::AllHashes())).description(""))
        ->type_name("NAME");
    app.add_option("--distribution", distributions_, "Only these distributions")
        ->check(CLI::IsMember(NamesOf(hashing::AllDistributions())).description(""))
        ->type_name("NAME");
    AddShare(app, "--max-moved", max_moved_, "Recommend nothing that moves more");
    app.add_flag("--nutcracker", nutcracker_, "Recommend only what nutcracker 0.5.0 has");
    app.add_option("--measure", measure_, "keys, bytes or requests; otherwise the last there is")
        ->check(CLI::IsMember({"keys", "bytes", "requests"}).description(""))
        ->type_name("MEASURE");
    app.add_option("--write", write_, "Write the configuration with the recommendation")
        ->type_name("FILE");
  }

  absl::StatusOr<Experiment> Plan(Files& files) override {
    absl::StatusOr<Pool> pool = ReadPool(pool_options_, files);
    if (!pool.ok()) return pool.status();
    pool_ = *std::move(pool);
    text_ = *files.Read(pool_options_.file);
    traps_ = TrapsOf(pool_.config);

    experiment_ = {.hot_keys = true};
    const Scenario base = AddPool(pool_.config, "", experiment_);
    experiment_.scenarios = {base};
    absl::StatusOr<std::vector<double>> fair =
        FairWeights(fair_options_, pool_, experiment_, files);
    if (!fair.ok()) return fair.status();
    fair_ = *std::move(fair);
    experiment_.scenarios.clear();
    alternatives_ = AlternativesOf(pool_.config, FairByMember(base), hashes_, distributions_);
    if (alternatives_.empty()) return absl::InvalidArgumentError("nothing can place this pool");
    for (const Alternative& alternative : alternatives_) {
      Scenario scenario = base;
      scenario.id = NameOf(alternative);
      scenario.options = alternative.options;
      scenario.members = alternative.members;
      experiment_.scenarios.push_back(std::move(scenario));
    }
    if (!pool_.config.hash_tag.empty()) {
      Scenario untagged = experiment_.scenarios.front();
      untagged.id = "without hash tag";
      untagged.options.hash_tag.clear();
      experiment_.scenarios.push_back(std::move(untagged));
    }
    return experiment_;
  }

  absl::StatusOr<Drawing> Draw(const Outcome& outcome) const override {
    Report report = {.command = "advise",
                     .title = absl::StrFormat("Advice for pool %s: %s", pool_.config.name,
                                              Describe(pool_.config)),
                     .warnings = pool_.warnings};
    report.warnings.insert(report.warnings.end(), traps_.begin(), traps_.end());
    AddPoolFacts(pool_.config, report);
    AddInputFacts(outcome.input, outcome.tally, report);
    const std::vector<Load> loads = LoadsOf(outcome.tally, 0);
    const Load* const base = MainLoad(loads, measure_);
    if (base == nullptr || base->estimate) {
      return absl::InvalidArgumentError(
          absl::StrFormat("the input has no %s", measure_.empty() ? "keys" : measure_));
    }
    report.facts.push_back(
        {.id = "measure", .title = "load", .value = std::string(base->measure->id)});
    const double tolerance = ChanceOf(loads.front().sum, experiment_.servers.size());
    report.facts.push_back({.id = "tolerance",
                            .title = "peaks that differ less are equal",
                            .unit = Unit::kRatio,
                            .value = tolerance,
                            .note = "1 % and two standard deviations of chance"});
    const std::vector<Candidate> candidates = CandidatesOf(outcome.tally, *base->measure);
    AddHashTagTrap(outcome.tally, *base->measure, candidates.front().peak, report);
    AddHotKeyTrap(outcome.tally, report);

    const std::optional<size_t> best = BestOf(candidates, max_moved_, nutcracker_, tolerance);
    report.tables.push_back(Recommendations(candidates, best, tolerance));
    report.tables.push_back(Ranking(candidates));
    report.charts.push_back({.kind = Chart::Kind::kBars,
                             .title = "max/mean of each alternative",
                             .table = "alternatives",
                             .label = "alternative",
                             .values = {"max_to_mean"},
                             .mark = 1,
                             .mark_title = "fair share"});
    return WithFile(std::move(report), best);
  }

 private:
  // No key has a place today, and any placement is another one.
  bool IsRandom() const { return pool_.config.distribution == "random"; }

  static std::string NameOf(const Alternative& alternative) {
    return absl::StrFormat("%s, %s%s", alternative.options.distribution, alternative.options.hash,
                           alternative.tuned ? ", tuned weights" : "");
  }

  Spread SpreadIn(const Tally& tally, size_t scenario, const Measure& measure) const {
    std::vector<double> loads;
    for (const Counts& counts : tally.scenarios[scenario].servers) {
      loads.push_back(static_cast<double>(measure.of(counts)));
    }
    return SpreadOf(loads, fair_);
  }

  // Members of one server share what it should have.
  std::vector<uint32_t> FairByMember(const Scenario& base) const {
    const std::vector<double> weights = Weights(base, experiment_.servers.size());
    std::vector<uint32_t> fair;
    for (size_t i = 0; i < base.members.size(); ++i) {
      const size_t server = base.servers[i];
      const double part = base.members[i].weight / weights[server];
      fair.push_back(std::max(1u, static_cast<uint32_t>(std::lround(fair_[server] * part))));
    }
    return fair;
  }

  std::vector<Candidate> CandidatesOf(const Tally& tally, const Measure& measure) const {
    const double sum = static_cast<double>(measure.of(Sum(tally.scenarios.front().servers)));
    std::vector<Candidate> candidates;
    for (size_t i = 0; i < alternatives_.size(); ++i) {
      candidates.push_back(
          {.alternative = i,
           .peak = SpreadIn(tally, i, measure).max_to_mean,
           .moved =
               IsRandom() ? 1 : static_cast<double>(measure.of(tally.scenarios[i].moved)) / sum,
           .stable = alternatives_[i].churn <= kMaxChurn,
           .nutcracker = alternatives_[i].nutcracker});
    }
    return candidates;
  }

  void AddHashTagTrap(const Tally& tally, const Measure& measure, double peak,
                      Report& report) const {
    if (pool_.config.hash_tag.empty()) return;
    const std::string trap =
        HashTagTrap(pool_.config, peak, SpreadIn(tally, alternatives_.size(), measure).max_to_mean);
    if (!trap.empty()) report.warnings.push_back(trap);
  }

  void AddHotKeyTrap(const Tally& tally, Report& report) const {
    for (const HotKey& key : HotKeysOf(experiment_, tally, 1)) {
      const double fair = key.server ? Shares(fair_)[*key.server] : 0;
      const std::string trap = fair > 0 ? HotKeyTrap(key.name, key.share, fair) : "";
      if (!trap.empty()) report.warnings.push_back(trap);
    }
  }

  static std::vector<Column> Columns() {
    return {{.id = "alternative", .title = "placement"},
            {.id = "max_to_mean", .title = "max/mean", .unit = Unit::kRatio, .bar = true},
            {.id = "moved_share", .title = "moves", .unit = Unit::kShare},
            {.id = "churn_share", .title = "on loss", .unit = Unit::kShare},
            {.id = "nutcracker", .title = "nutcracker"}};
  }

  std::vector<Value> RowOf(const Candidate& candidate) const {
    const Alternative& alternative = alternatives_[candidate.alternative];
    return {NameOf(alternative), candidate.peak, candidate.moved, alternative.churn,
            alternative.nutcracker ? "yes" : "no"};
  }

  Table Recommendations(const std::vector<Candidate>& candidates, std::optional<size_t> best,
                        double tolerance) const {
    Table table = {.id = "recommendations", .title = "Recommendations"};
    table.columns = Columns();
    table.columns.insert(table.columns.begin(), {.id = "for", .title = "if"});
    const auto add = [&](std::string what, std::optional<size_t> index) {
      if (!index) return;
      std::vector<Value> row = RowOf(candidates[*index]);
      row.insert(row.begin(), std::move(what));
      table.rows.push_back(std::move(row));
    };
    if (!IsRandom()) add("nothing changes", 0);
    add("no key may move", BestOf(candidates, 0, false, tolerance));
    add("few may move (10 %)", BestOf(candidates, kLittle, false, tolerance));
    add("any may move", BestOf(candidates, 1, false, tolerance));
    add("any, with nutcracker", BestOf(candidates, 1, true, tolerance));
    add("recommended", best);
    table.note =
        "nutcracker: whether version 0.5.0 has it; with the options given, the "
        "recommended one is written by --write. Tuned weights are not what servers should "
        "have: compare them with --fair FILE, the file of today.";
    return table;
  }

  Table Ranking(std::vector<Candidate> candidates) const {
    std::ranges::stable_sort(candidates, [](const Candidate& a, const Candidate& b) {
      return std::tuple(!a.stable, a.peak, a.moved) < std::tuple(!b.stable, b.peak, b.moved);
    });
    Table table = {.id = "alternatives",
                   .title = "All alternatives: those fit for losses first, and the most even first",
                   .columns = Columns(),
                   .note =
                       "moves: from today's placement. on loss: what moves besides the keys "
                       "of the server that is lost; more than 10 % is not recommended.",
                   .ranked = true};
    for (const Candidate& candidate : candidates) table.rows.push_back(RowOf(candidate));
    return table;
  }

  absl::StatusOr<Drawing> WithFile(Report report, std::optional<size_t> best) const {
    Drawing drawing = {.report = std::move(report)};
    if (write_.empty()) return drawing;
    if (!best) return absl::InvalidArgumentError("nothing can be recommended; no file is written");
    const Alternative& alternative = alternatives_[*best];
    NewPlacement placement = {.hash = alternative.options.hash,
                              .distribution = alternative.options.distribution};
    for (const hashing::Member& member : alternative.members) {
      placement.weights.push_back(member.weight);
    }
    absl::StatusOr<std::string> text = Rewrite(text_, pool_.file, pool_.config.name, placement);
    if (!text.ok()) return text.status();
    drawing.files.push_back({.file = write_, .text = *std::move(text)});
    return drawing;
  }

  PoolOptions pool_options_;
  FairOptions fair_options_;
  std::vector<std::string> hashes_, distributions_;
  double max_moved_ = 1;
  bool nutcracker_ = false;
  std::string measure_;
  std::string write_;
  Pool pool_;
  std::string text_;  // of the file
  std::vector<Alternative> alternatives_;
  std::vector<std::string> traps_;
  Experiment experiment_;
  std::vector<double> fair_;  // by server
};

}  // namespace

std::unique_ptr<Analysis> MakeAdvise() { return std::make_unique<Advise>(); }

}  // namespace keyway::sim

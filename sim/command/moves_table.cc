#include "sim/command/moves_table.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "sim/command/pool.h"
#include "sim/figures/moves.h"

namespace keyway::sim {

MovesView::MovesView(const Experiment& experiment, const Tally& tally, size_t scenario)
    : experiment_(experiment), tally_(tally), scenario_(scenario) {
  const size_t servers = experiment.servers.size();
  needed_share_ = NeededMoves(Weights(experiment.scenarios.front(), servers),
                              Weights(experiment.scenarios[scenario], servers));
  const ScenarioTally& counts = tally.scenarios[scenario];
  for (const Load& load : LoadsOf(tally, 0)) {
    Moves moves = {.measure = load.measure, .sum = load.sum, .estimate = load.estimate};
    moves.moved = load.estimate ? counts.moved_keys.Estimate()
                                : static_cast<double>(load.measure->of(counts.moved));
    moves.needed = needed_share_ * moves.sum;
    moves.avoidable = std::max(0.0, moves.moved - moves.needed);
    if (!load.estimate) moves.between_unchanged = BetweenUnchanged(*load.measure);
    all_.push_back(moves);
  }
}

double MovesView::BetweenUnchanged(const Measure& measure) const {
  const std::vector<Counts>& matrix = tally().matrix;
  if (matrix.empty()) return 0;
  const size_t servers = experiment_.servers.size();
  const std::vector<double> before = Weights(experiment_.scenarios.front(), servers);
  const std::vector<double> after = Weights(experiment_.scenarios[scenario_], servers);
  double sum = 0;
  for (size_t from = 0; from < servers; ++from) {
    for (size_t to = 0; to < servers; ++to) {
      const bool unchanged = before[from] == after[from] && before[to] == after[to];
      if (from != to && unchanged)
        sum += static_cast<double>(measure.of(matrix[from * servers + to]));
    }
  }
  return sum;
}

const Moves* MovesView::Main(std::string_view id) const {
  if (id.empty()) return all_.empty() ? nullptr : &all_.back();
  const auto found =
      std::ranges::find_if(all_, [id](const Moves& moves) { return moves.measure->id == id; });
  return found == all_.end() ? nullptr : &*found;
}

Table MovesView::SummaryTable() const {
  Table table = {
      .id = "moves",
      .title = "What moves",
      .columns = {{.id = "measure", .title = "of"},
                  {.id = "moved", .title = "moved", .unit = Unit::kCount},
                  {.id = "moved_share", .title = "share", .unit = Unit::kShare, .bar = true},
                  {.id = "needed_share", .title = "needed", .unit = Unit::kShare},
                  {.id = "avoidable_share", .title = "avoidable", .unit = Unit::kShare},
                  {.id = "between_unchanged_share",
                   .title = "between unchanged servers",
                   .unit = Unit::kShare}},
      .note =
          "needed: what any scheme moves to keep servers at their fair shares, the total "
          "variation distance of the weights before and after; avoidable: the rest."};
  for (const Moves& moves : all_) {
    const auto share = [&moves](double part) { return moves.sum > 0 ? part / moves.sum : 0; };
    table.rows.push_back({std::string(moves.measure->id), CountValue(moves.moved),
                          share(moves.moved), share(moves.needed), share(moves.avoidable),
                          moves.estimate ? Value() : Value(share(moves.between_unchanged))});
  }
  return table;
}

void MovesView::AddMatrix(Report& report) const {
  const Moves* const main = Main();
  if (main == nullptr) return;
  Table table = {.id = "matrix",
                 .title = "From server to server",
                 .columns = {{.id = "from", .title = "from"}, {.id = "to", .title = "to"}}};
  std::vector<const Measure*> measures;
  for (const Moves& moves : all_) {
    if (moves.estimate) continue;
    measures.push_back(moves.measure);
    table.columns.push_back({.id = std::string(moves.measure->id),
                             .title = std::string(moves.measure->title),
                             .unit = moves.measure->unit});
  }
  table.columns.push_back({.id = "moved_share",
                           .title = "share of all " + std::string(main->measure->title),
                           .unit = Unit::kShare,
                           .bar = true});
  const size_t servers = experiment_.servers.size();
  const std::vector<Counts>& matrix = tally().matrix;
  for (size_t way = 0; way < matrix.size(); ++way) {
    const size_t from = way / servers, to = way % servers;
    const uint64_t moved = main->measure->of(matrix[way]);
    if (from == to || moved == 0) continue;
    std::vector<Value> row = {experiment_.servers[from].name, experiment_.servers[to].name};
    for (const Measure* measure : measures) row.push_back(measure->of(matrix[way]));
    row.push_back(static_cast<double>(moved) / main->sum);
    table.rows.push_back(std::move(row));
  }
  if (table.rows.empty()) return;
  report.tables.push_back(std::move(table));
  report.charts.push_back({.kind = Chart::Kind::kMatrix,
                           .title = "What moves from server to server",
                           .table = "matrix",
                           .label = "from",
                           .values = {"to", std::string(main->measure->id)}});
}

void AddMissFacts(const MovesView& moves, Report& report) {
  const Moves* const keys = moves.Main("keys");
  if (keys != nullptr) {
    report.facts.push_back({.id = "extra_misses",
                            .title = "extra misses after the change",
                            .unit = Unit::kCount,
                            .value = CountValue(keys->moved),
                            .estimate = keys->estimate,
                            .note = "caches: each moved key is missed once, if it is asked for; "
                                    "stores: these keys have to be copied before"});
  }
  const Counts base = Sum(moves.base().servers);
  const uint64_t reads = base.reads;
  const bool requests = reads > 0;
  const double part = requests ? static_cast<double>(moves.tally().moved.reads)
                      : keys   ? keys->moved
                               : 0;
  const double whole = requests ? static_cast<double>(reads) : keys ? keys->sum : 0;
  if (whole == 0) return;
  report.facts.push_back(
      {.id = "first_miss_share",
       .title = requests ? "reads that miss right after it" : "keys that miss right after it",
       .unit = Unit::kShare,
       .value = part / whole,
       .note = "until the moved keys are back in the caches"});
}

}  // namespace keyway::sim

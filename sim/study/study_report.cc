#include "sim/study/study_report.h"

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "sim/figures/moves.h"
#include "sim/source/synthetic/zipf.h"

namespace keyway::sim {
namespace {

Value ValueOf(const std::optional<double>& figure) {
  return figure ? Value(*figure) : Value(std::monostate());
}

// What tells the cases apart, the first columns of each table.
std::vector<Column> CaseColumns() {
  return {{.id = "distribution", .title = "distribution"},
          {.id = "parameter", .title = "with", .unit = Unit::kCount},
          {.id = "servers", .title = "servers", .unit = Unit::kCount}};
}

std::vector<Value> CaseValues(const CaseResult& result) {
  Value parameter = std::monostate();
  if (!result.kind->parameter.empty()) parameter = uint64_t{result.parameter};
  return {std::string(result.kind->name), parameter, uint64_t{result.servers}};
}

void Append(std::vector<Value> values, std::vector<Value>& row) {
  row.insert(row.end(), std::make_move_iterator(values.begin()),
             std::make_move_iterator(values.end()));
}

Table LoadTable(const StudyOptions& options, std::span<const CaseResult> results) {
  Table table = {.id = "loads", .title = "Load of a server by its fair share"};
  table.columns = CaseColumns();
  const Column figures[] = {
      {.id = "deviation", .title = "std", .unit = Unit::kRatio},
      {.id = "expected_deviation", .title = "theory", .unit = Unit::kRatio},
      {.id = "low", .title = "low", .unit = Unit::kRatio},
      {.id = "high", .title = "high", .unit = Unit::kRatio},
      {.id = "max_median", .title = "max", .unit = Unit::kRatio},
      {.id = "max_mean", .title = "mean", .unit = Unit::kRatio},
      {.id = "max_p95", .title = "95 %", .unit = Unit::kRatio},
      {.id = "min_median", .title = "min", .unit = Unit::kRatio},
      {.id = "method", .title = "shares"},
  };
  table.columns.insert(table.columns.end(), std::begin(figures), std::end(figures));
  for (const CaseResult& result : results) {
    std::vector<Value> row = CaseValues(result);
    Append({result.deviation, ValueOf(result.expected_deviation), result.low, result.high,
            result.peak.median, result.peak.mean, result.peak.p95, result.trough.median,
            std::string(result.exact ? "exact" : "sampled")},
           row);
    table.rows.push_back(std::move(row));
  }
  table.note = absl::StrFormat(
      "std: root of the mean square deviation from 1; theory: the same, of a ring of random "
      "points; low to high: %g %% of the servers; max and min: the fullest and the emptiest "
      "server, "
      "medians over the repetitions, then mean and 95th percentile of max; shares: exact from arcs "
      "and entries, or sampled with so many keys.",
      100 * options.interval);
  return table;
}

bool WasTried(const CaseResult& result) { return result.chance || result.spilled; }

Table TrialTable(std::span<const CaseResult> results) {
  Table table = {.id = "trials", .title = "Of the keys that were tried"};
  table.columns = CaseColumns();
  table.columns.push_back({.id = "p_value", .title = "p", .unit = Unit::kProbability});
  table.columns.push_back({.id = "spilled", .title = "spilled", .unit = Unit::kShare});
  for (const CaseResult& result : results) {
    if (!WasTried(result)) continue;
    std::vector<Value> row = CaseValues(result);
    row.push_back(ValueOf(result.chance));
    row.push_back(ValueOf(result.spilled));
    table.rows.push_back(std::move(row));
  }
  table.note =
      "p: how likely chance alone spreads them so, if all servers have their fair shares "
      "(chi-square, the sum over the repetitions); spilled: what the bound put elsewhere.";
  return table;
}

Table ChangeTable(std::span<const CaseResult> results) {
  Table table = {.id = "changes", .title = "What moves when servers come and go"};
  table.columns = CaseColumns();
  const Column figures[] = {
      {.id = "change", .title = "change"},
      {.id = "needed", .title = "needed", .unit = Unit::kShare},
      {.id = "moved", .title = "moved", .unit = Unit::kShare},
      {.id = "between_staying", .title = "between staying", .unit = Unit::kShare},
      {.id = "p_value", .title = "p even", .unit = Unit::kProbability},
  };
  table.columns.insert(table.columns.end(), std::begin(figures), std::end(figures));
  for (const CaseResult& result : results) {
    for (const auto& [change, summary] :
         {std::pair("joining", &result.added), {"leaving", &result.removed}}) {
      if (!*summary) continue;
      std::vector<Value> row = CaseValues(result);
      Append({std::string(change), (*summary)->needed, (*summary)->moved,
              (*summary)->between_staying, ValueOf((*summary)->evenness)},
             row);
      table.rows.push_back(std::move(row));
    }
  }
  table.note =
      "needed: what any scheme moves that keeps the fair shares; between staying: from a server "
      "that stays to one that stays; p even: how likely chance spreads what moves so, if it goes "
      "by weight to the servers that can take it.";
  return table;
}

Table ServerTable(const CaseResult& result) {
  Table table = {
      .id = "servers",
      .title = "Servers",
      .columns = {{.id = "server", .title = "server"},
                  {.id = "load", .title = "load / fair", .unit = Unit::kRatio, .bar = true}}};
  for (size_t server = 0; server < result.first.labels.size(); ++server) {
    table.rows.push_back({result.first.labels[server], result.first.loads[server]});
  }
  return table;
}

// The limit that popularity sets, whatever the distribution.
Table FloorTable(const StudyOptions& options) {
  Table table = {.id = "hot_key",
                 .title = "What the most popular key alone comes to",
                 .columns = {{.id = "servers", .title = "servers", .unit = Unit::kCount},
                             {.id = "max_to_mean", .title = "max/mean", .unit = Unit::kRatio}},
                 .note = "The server that has it, if all other requests lie evenly."};
  const double top = ZipfTopShare(1, options.keys, *options.zipf);
  for (const uint32_t servers : options.servers) {
    table.rows.push_back({uint64_t{servers}, HotKeyFloor(top, 1.0 / servers)});
  }
  return table;
}

void AddFacts(const StudyOptions& options, Report& report) {
  report.facts = {
      {.id = "repetitions",
       .title = "repetitions",
       .unit = Unit::kCount,
       .value = uint64_t{options.repetitions}},
      {.id = "labels", .title = "labels", .value = options.labels},
      {.id = "keys", .title = "keys tried", .unit = Unit::kCount, .value = options.keys},
      {.id = "seed", .title = "seed", .unit = Unit::kCount, .value = options.seed},
  };
  if (!options.zipf) return;
  report.facts.push_back({.id = "zipf_exponent",
                          .title = "Zipf exponent",
                          .unit = Unit::kNumber,
                          .value = *options.zipf});
  for (const uint64_t top : {1, 10, 100}) {
    report.facts.push_back({.id = absl::StrFormat("top_%d_share", top),
                            .title = absl::StrFormat("requests of the top %d", top),
                            .unit = Unit::kShare,
                            .value = ZipfTopShare(top, options.keys, *options.zipf)});
  }
}

// Along what varies, if that is one thing.
void AddChart(std::span<const CaseResult> results, Report& report) {
  std::set<std::string_view> names;
  std::set<uint32_t> parameters, servers;
  for (const CaseResult& result : results) {
    names.insert(result.kind->name);
    parameters.insert(result.parameter);
    servers.insert(result.servers);
  }
  const bool by_name = servers.size() == 1 && names.size() == results.size();
  const bool by_parameter = parameters.size() == results.size() && names.size() == 1;
  const bool by_servers = servers.size() == results.size() && names.size() == 1;
  if (results.size() < 2 || (!by_name && !by_parameter && !by_servers)) return;
  const char* const label = by_name ? "distribution" : by_servers ? "servers" : "parameter";
  report.charts.push_back({.kind = by_name ? Chart::Kind::kBars : Chart::Kind::kLines,
                           .title = "The fullest and the emptiest server",
                           .table = "loads",
                           .label = label,
                           .values = {"max_median", "min_median"},
                           .mark = 1,
                           .mark_title = "fair share"});
}

}  // namespace

Report StudyReport(const StudyOptions& options, std::span<const CaseResult> results) {
  Report report = {.command = "study", .title = "Study of distributions"};
  AddFacts(options, report);
  report.tables.push_back(LoadTable(options, results));
  if (std::ranges::any_of(results, WasTried)) report.tables.push_back(TrialTable(results));
  if (options.add > 0 || options.remove > 0) report.tables.push_back(ChangeTable(results));
  if (options.zipf) report.tables.push_back(FloorTable(options));
  AddChart(results, report);
  if (results.size() == 1 && options.repetitions == 1) {
    report.tables.push_back(ServerTable(results.front()));
    report.charts.push_back({.kind = Chart::Kind::kBars,
                             .title = "Load of each server by its fair share",
                             .table = "servers",
                             .label = "server",
                             .values = {"load"},
                             .mark = 1,
                             .mark_title = "fair share"});
  }
  return report;
}

}  // namespace keyway::sim

#include "sim/command/spread_table.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "absl/strings/str_format.h"
#include "sim/figures/spread.h"

namespace keyway::sim {
namespace {

// Only keys are placed one by one and independently; bytes and requests are not.
bool CanBeTested(const Load& load) { return load.measure->id == "keys" && !load.estimate; }

}  // namespace

void AddPoolFacts(const PoolConfig& pool, Report& report) {
  report.facts.push_back({.id = "pool", .title = "pool", .value = pool.name});
  report.facts.push_back({.id = "servers",
                          .title = "servers",
                          .unit = Unit::kCount,
                          .value = static_cast<uint64_t>(pool.servers.size())});
  report.facts.push_back(
      {.id = "distribution", .title = "distribution", .value = pool.distribution});
  report.facts.push_back({.id = "hash", .title = "hash", .value = pool.hash});
  report.facts.push_back({.id = "hash_tag", .title = "hash tag", .value = pool.hash_tag});
}

Table SpreadTable(std::span<const Load> loads, std::span<const double> fair,
                  std::span<const double> owned) {
  Table table = {
      .id = "spread",
      .title = "Spread over the servers",
      .columns = {{.id = "measure", .title = "of"},
                  {.id = "max_to_mean", .title = "max/mean", .unit = Unit::kRatio},
                  {.id = "min_to_mean", .title = "min/mean", .unit = Unit::kRatio},
                  {.id = "coefficient_of_variation", .title = "variation", .unit = Unit::kRatio},
                  {.id = "gini", .title = "Gini", .unit = Unit::kRatio},
                  {.id = "outside_share", .title = "outside ±15 %", .unit = Unit::kShare},
                  {.id = "chi_square", .title = "chi²", .unit = Unit::kNumber},
                  {.id = "p_value", .title = "p", .unit = Unit::kProbability},
                  {.id = "p_value_owned", .title = "p owned", .unit = Unit::kProbability}},
      .note = "Servers are compared by share / fair share."};
  if (std::ranges::any_of(loads, CanBeTested)) {
    table.note +=
        " p: how likely chance alone gives a spread like this one if servers own their fair "
        "shares; p owned: if they own what they do (near 0: the hash function does not spread "
        "these keys evenly).";
  }
  for (const Load& load : loads) {
    const Spread spread = SpreadOf(load.servers, fair);
    std::vector<Value> row = {std::string(load.measure->id),
                              spread.max_to_mean,
                              spread.min_to_mean,
                              spread.variation,
                              spread.gini,
                              spread.outside};
    std::vector<Value> tests(3);
    if (CanBeTested(load)) {
      const ChiSquare test = ChiSquareTest(load.servers, fair);
      tests = {test.statistic, test.probability, std::monostate()};
      if (!owned.empty()) tests[2] = ChiSquareTest(load.servers, owned).probability;
    }
    row.insert(row.end(), tests.begin(), tests.end());
    table.rows.push_back(std::move(row));
  }
  return table;
}

std::vector<double> Shares(std::span<const double> loads) {
  const double sum = std::accumulate(loads.begin(), loads.end(), 0.0);
  std::vector<double> shares;
  for (const double load : loads) shares.push_back(sum > 0 ? load / sum : 0);
  return shares;
}

std::string TitleOf(const Load& load) {
  if (load.estimate) return absl::StrFormat("Different %s by server", load.measure->title);
  std::string title(load.measure->title);
  title[0] = static_cast<char>(title[0] - 'a' + 'A');
  return title + " by server";
}

}  // namespace keyway::sim

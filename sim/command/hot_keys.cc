#include "sim/command/hot_keys.h"

#include <string_view>
#include <utility>

#include "absl/strings/str_format.h"
#include "sim/command/measure.h"
#include "sim/command/spread_table.h"
#include "sim/figures/moves.h"

namespace keyway::sim {
namespace {

// Below this part of everything, whether a key is noticed depends on the order of the
// input (see heavy_hitters.h).
constexpr double kKnownShare = 3.0 / HeavyHitters::kShare;

// As Experiment::hot_keys says.
std::string_view WeighedBy(const Tally& tally) {
  const Counts sum = Sum(tally.scenarios.front().servers);
  if (sum.requests() > 0) return "requests";
  return sum.bytes > 0 ? "bytes" : "keys";
}

std::string TitleBy(std::string_view weight) {
  if (weight == "requests") return "Hottest keys";
  return weight == "bytes" ? "Largest keys" : "Keys that come most often";
}

}  // namespace

std::vector<HotKey> HotKeysOf(const Experiment& experiment, const Tally& tally, size_t count) {
  const Scenario& scenario = experiment.scenarios.front();
  const auto placement = hashing::Placement::Make(scenario.options, scenario.members);
  std::vector<HotKey> keys;
  if (!placement.ok() || tally.hot_keys.empty()) return keys;
  const double total = static_cast<double>(tally.hot_keys.total());
  for (const HeavyHitters::Heavy& heavy : tally.hot_keys.Top(count)) {
    const double share = static_cast<double>(heavy.estimate) / total;
    if (share < kKnownShare || heavy.estimate == 1) break;
    HotKey& key = keys.emplace_back();
    key = {.name = heavy.name, .weight = heavy.estimate, .share = share};
    if (heavy.name.size() < HeavyHitters::kMaxNameBytes) {
      key.server = scenario.servers[placement->MemberFor(heavy.name)];
    }
  }
  return keys;
}

void AddHotKeys(const Experiment& experiment, std::span<const double> fair, const Tally& tally,
                size_t count, Report& report) {
  const std::string weight(WeighedBy(tally));
  const std::vector<HotKey> hottest = HotKeysOf(experiment, tally, 1);
  const std::vector<HotKey> keys = HotKeysOf(experiment, tally, count);
  const bool any = !hottest.empty();
  Fact share = {.id = "hottest_key_share",
                .title = "hottest key's share of " + weight,
                .unit = Unit::kShare,
                .estimate = any};
  Fact floor = {.id = "hottest_key_max_to_mean",
                .title = "max/mean that this forces",
                .unit = Unit::kRatio,
                .estimate = any};
  if (any) {
    share.value = hottest.front().share;
    share.note =
        absl::StrFormat("count-min sketch: at most %.2g%% of all too high, in 99 of 100 cases",
                        100 * HeavyHitters::kErrorShare);
    if (const auto server = hottest.front().server) {
      floor.value = HotKeyFloor(hottest.front().share, Shares(fair)[*server]);
    }
    floor.note = "its server, if all other load were spread fairly: no hash function does better";
  }
  report.facts.push_back(std::move(share));
  report.facts.push_back(std::move(floor));
  if (keys.empty()) return;
  Table table = {
      .id = "hot_keys",
      .title = TitleBy(weight),
      .columns = {
          {.id = "key", .title = "key"},
          {.id = "server", .title = "server"},
          {.id = weight, .title = weight, .unit = FindMeasure(weight)->unit, .estimate = true},
          {.id = "share", .title = "share", .unit = Unit::kShare, .bar = true, .estimate = true}}};
  for (const HotKey& key : keys) {
    const Value server = key.server ? Value(experiment.servers[*key.server].name) : Value();
    table.rows.push_back({key.name, server, key.weight, key.share});
  }
  report.tables.push_back(std::move(table));
}

}  // namespace keyway::sim

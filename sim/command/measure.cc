#include "sim/command/measure.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

namespace keyway::sim {
namespace {

constexpr Measure kMeasures[] = {
    {"keys", "keys", Unit::kCount, [](const Counts& counts) { return counts.keys; }},
    {"bytes", "bytes", Unit::kBytes, [](const Counts& counts) { return counts.bytes; }},
    {"requests", "requests", Unit::kCount, [](const Counts& counts) { return counts.requests(); }},
};

Load LoadOf(const Measure& measure, std::span<const Counts> servers) {
  Load load = {.measure = &measure};
  for (const Counts& counts : servers) {
    load.servers.push_back(static_cast<double>(measure.of(counts)));
  }
  load.sum = std::accumulate(load.servers.begin(), load.servers.end(), 0.0);
  return load;
}

Load DifferentKeys(const Tally& tally) {
  Load load = {.measure = &kMeasures[0], .estimate = true};
  for (const HyperLogLog& keys : tally.different_keys) {
    load.servers.push_back(std::round(keys.Estimate()));
  }
  load.sum = std::accumulate(load.servers.begin(), load.servers.end(), 0.0);
  return load;
}

}  // namespace

std::span<const Measure> AllMeasures() { return kMeasures; }

const Measure* FindMeasure(std::string_view id) {
  const auto found = std::ranges::find(kMeasures, id, &Measure::id);
  return found == std::end(kMeasures) ? nullptr : found;
}

std::vector<Load> LoadsOf(const Tally& tally, size_t scenario) {
  std::vector<Load> loads;
  for (const Measure& measure : kMeasures) {
    Load load = LoadOf(measure, tally.scenarios[scenario].servers);
    if (load.sum == 0 && measure.id == "keys" && scenario == 0) load = DifferentKeys(tally);
    if (load.sum > 0) loads.push_back(std::move(load));
  }
  return loads;
}

const Load* MainLoad(std::span<const Load> loads, std::string_view id) {
  if (id.empty()) return loads.empty() ? nullptr : &loads.back();
  const auto found =
      std::ranges::find_if(loads, [id](const Load& load) { return load.measure->id == id; });
  return found == loads.end() ? nullptr : &*found;
}

Counts Sum(std::span<const Counts> counts) {
  Counts sum;
  for (const Counts& part : counts) sum += part;
  return sum;
}

Value CountValue(double number) { return static_cast<uint64_t>(std::llround(number)); }

}  // namespace keyway::sim

#include "sim/command/losses.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>
#include <set>
#include <utility>

namespace keyway::sim {
namespace {

// The number of combinations, or more than `limit`.
size_t CountUpTo(size_t machines, size_t lost, size_t limit) {
  double count = 1;
  for (size_t i = 0; i < lost; ++i) {
    count = count * static_cast<double>(machines - i) / static_cast<double>(i + 1);
  }
  return count > static_cast<double>(limit) ? limit + 1 : static_cast<size_t>(std::lround(count));
}

// The combination after this one in lexicographic order; false after the last.
bool Next(std::vector<size_t>& combination, size_t machines) {
  const size_t lost = combination.size();
  for (size_t i = lost; i-- > 0;) {
    if (combination[i] == machines - lost + i) continue;
    ++combination[i];
    for (size_t j = i + 1; j < lost; ++j) combination[j] = combination[j - 1] + 1;
    return true;
  }
  return false;
}

// Floyd's way to draw without repetition. Bentley, Floyd: A sample of brilliance, CACM
// 30 (9), 1987. The remainder's bias is below 2^-50.
std::vector<size_t> Draw(size_t machines, size_t lost, std::mt19937_64& random) {
  std::set<size_t> drawn;
  for (size_t i = machines - lost; i < machines; ++i) {
    const size_t candidate = random() % (i + 1);
    drawn.insert(drawn.contains(candidate) ? i : candidate);
  }
  return {drawn.begin(), drawn.end()};
}

std::string HostOf(const std::string& address) {
  return address.starts_with('/') ? address : address.substr(0, address.rfind(':'));
}

}  // namespace

std::vector<Machine> MachinesOf(const std::vector<Server>& servers, bool by_host) {
  std::vector<Machine> machines;
  for (size_t i = 0; i < servers.size(); ++i) {
    const std::string name = by_host ? HostOf(servers[i].address) : servers[i].name;
    auto machine = machines.end();
    if (by_host) machine = std::ranges::find(machines, name, &Machine::name);
    if (machine == machines.end()) machine = machines.insert(machine, {.name = name});
    machine->servers.push_back(i);
  }
  return machines;
}

Combinations Choose(size_t machines, size_t lost, size_t limit, uint64_t seed) {
  Combinations combinations;
  if (CountUpTo(machines, lost, limit) <= limit) {
    std::vector<size_t> combination(lost);
    std::iota(combination.begin(), combination.end(), size_t{0});
    do {
      combinations.chosen.push_back(combination);
    } while (Next(combination, machines));
    return combinations;
  }
  combinations.all = false;
  std::mt19937_64 random(seed);
  std::set<std::vector<size_t>> drawn;
  while (drawn.size() < limit) drawn.insert(Draw(machines, lost, random));
  combinations.chosen.assign(drawn.begin(), drawn.end());
  return combinations;
}

Scenario Without(const Scenario& base, const std::vector<size_t>& lost, std::string id) {
  Scenario scenario = {.id = std::move(id), .options = base.options};
  for (size_t i = 0; i < base.members.size(); ++i) {
    if (std::ranges::find(lost, base.servers[i]) != lost.end()) continue;
    scenario.members.push_back(base.members[i]);
    scenario.servers.push_back(base.servers[i]);
  }
  return scenario;
}

LossEffect EffectOf(const std::vector<double>& fair, const std::vector<double>& before,
                    const std::vector<double>& after, double moved,
                    const std::vector<size_t>& lost) {
  LossEffect effect = {.loads = std::vector<double>(fair.size())};
  const double sum = std::accumulate(before.begin(), before.end(), 0.0);
  const double weights = std::accumulate(fair.begin(), fair.end(), 0.0);
  if (sum <= 0) return effect;
  double lost_load = 0;
  for (const size_t server : lost) lost_load += before[server];
  effect.lost_share = lost_load / sum;
  effect.churn_share = std::max(0.0, moved - lost_load) / sum;
  for (size_t i = 0; i < fair.size(); ++i) {
    if (fair[i] <= 0) continue;
    effect.loads[i] = (after[i] / sum) / (fair[i] / weights);
    if (effect.loads[i] > effect.worst_load) {
      effect.worst_load = effect.loads[i];
      effect.worst_server = i;
    }
  }
  return effect;
}

}  // namespace keyway::sim

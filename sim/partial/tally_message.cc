#include "sim/partial/tally_message.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/sketch/heavy_hitters.h"
#include "sim/sketch/hyper_log_log.h"

namespace keyway::sim {
namespace {

constexpr uint64_t Counts::*kColumns[] = {&Counts::keys, &Counts::bytes, &Counts::reads,
                                          &Counts::writes};
// What a register can hold: the bits after those that choose it, and one more.
constexpr uint8_t kMaxRegister = 64 - HyperLogLog::kPrecision + 1;

absl::Status Misfit() {
  return absl::InvalidArgumentError("a damaged partial result: its counts are of something else");
}

// `at(i)` is the number of place i of `places`.
template <class At>
void PutNumbers(size_t places, const At& at, v1::Numbers& message) {
  uint32_t zeros = 0;
  for (size_t place = 0; place < places; ++place) {
    const uint64_t value = at(place);
    if (value == 0) {
      ++zeros;
    } else {
      message.add_zeros(zeros);
      message.add_values(value);
      zeros = 0;
    }
  }
}

// Calls `add(place, number)` for each that is not zero; false if one has no place.
template <class Add>
bool EachNumber(const v1::Numbers& message, size_t places, const Add& add) {
  if (message.zeros_size() != message.values_size()) return false;
  size_t place = 0;
  for (int i = 0; i < message.values_size(); ++i, ++place) {
    if (message.zeros(i) >= places - place) return false;
    place += message.zeros(i);
    add(place, message.values(i));
  }
  return true;
}

void PutCounts(std::span<const Counts> counts, v1::Counts& message) {
  for (uint64_t Counts::*const column : kColumns) {
    PutNumbers(
        counts.size(), [&](size_t place) { return counts[place].*column; }, *message.add_columns());
  }
}

bool AddCounts(const v1::Counts& message, std::span<Counts> counts) {
  if (static_cast<size_t>(message.columns_size()) != std::size(kColumns)) return false;
  for (int i = 0; i < message.columns_size(); ++i) {
    const auto add = [&](size_t place, uint64_t number) { counts[place].*kColumns[i] += number; };
    if (!EachNumber(message.columns(i), counts.size(), add)) return false;
  }
  return true;
}

std::string RegistersOf(const HyperLogLog& sketch) {
  const std::span<const uint8_t> registers = sketch.registers();
  return std::string(registers.begin(), registers.end());
}

bool AddRegisters(std::string_view text, HyperLogLog& sketch) {
  if (text.empty()) return true;
  const std::vector<uint8_t> registers(text.begin(), text.end());
  if (registers.size() != HyperLogLog::kRegisters) return false;
  if (std::ranges::max(registers) > kMaxRegister) return false;
  sketch.Merge(HyperLogLog(registers));
  return true;
}

void PutHotKeys(Heat heat, const HeavyHitters& hot_keys, v1::HeavyHitters& message) {
  message.set_heat(static_cast<uint32_t>(heat));
  message.set_total(hot_keys.total());
  const std::vector<uint64_t> cells = hot_keys.cells();
  PutNumbers(
      cells.size(), [&](size_t cell) { return cells[cell]; }, *message.mutable_cells());
  for (const HeavyHitters::Candidate& candidate : hot_keys.candidates()) {
    message.add_fingerprints(candidate.fingerprint);
    message.add_seen(candidate.seen);
    message.add_names(candidate.name);
  }
}

bool AddHotKeys(const v1::HeavyHitters& message, Tally& tally) {
  const int count = message.fingerprints_size();
  if (message.seen_size() != count || message.names_size() != count) return false;
  if (static_cast<size_t>(count) > HeavyHitters::kMaxCandidates) return false;
  if (message.total() == 0) return count == 0 && message.cells().values_size() == 0;
  if (message.heat() == 0 || message.heat() > static_cast<uint32_t>(Heat::kRequests)) return false;

  std::vector<uint64_t> cells(HeavyHitters::kRows * HeavyHitters::kWidth);
  const auto set = [&](size_t cell, uint64_t number) { cells[cell] = number; };
  if (!EachNumber(message.cells(), cells.size(), set)) return false;
  std::vector<HeavyHitters::Candidate> candidates;
  for (int i = 0; i < count; ++i) {
    if (message.names(i).size() > HeavyHitters::kMaxNameBytes) return false;
    candidates.push_back({.fingerprint = message.fingerprints(i),
                          .seen = message.seen(i),
                          .name = message.names(i)});
  }
  if (!tally.HotBy(static_cast<Heat>(message.heat()))) return true;
  tally.hot_keys.Merge(HeavyHitters(message.total(), cells, candidates));
  return true;
}

bool AddScenario(const v1::ScenarioTally& message, ScenarioTally& tally) {
  return AddCounts(message.servers(), tally.servers) &&
         AddCounts(message.moved(), std::span(&tally.moved, 1)) &&
         AddRegisters(message.moved_keys(), tally.moved_keys) &&
         AddCounts(message.matrix(), tally.matrix);
}

bool AddDifferentKeys(const v1::Tally& message, size_t servers,
                      std::vector<HyperLogLog>& different_keys) {
  const int count = message.different_keys_size();
  if (count == 0) return true;
  if (static_cast<size_t>(count) != servers) return false;
  different_keys.resize(servers);
  for (int i = 0; i < count; ++i) {
    if (!AddRegisters(message.different_keys(i), different_keys[static_cast<size_t>(i)])) {
      return false;
    }
  }
  return true;
}

}  // namespace

void PutTally(const Tally& tally, v1::Tally& message) {
  for (const ScenarioTally& scenario : tally.scenarios) {
    v1::ScenarioTally& to = *message.add_scenarios();
    PutCounts(scenario.servers, *to.mutable_servers());
    PutCounts(std::span(&scenario.moved, 1), *to.mutable_moved());
    to.set_moved_keys(RegistersOf(scenario.moved_keys));
    PutCounts(scenario.matrix, *to.mutable_matrix());
  }
  PutHotKeys(tally.heat, tally.hot_keys, *message.mutable_hot_keys());
  for (const HyperLogLog& sketch : tally.different_keys) {
    message.add_different_keys(RegistersOf(sketch));
  }
}

absl::Status AddTally(const v1::Tally& message, Tally& tally) {
  const size_t scenarios = tally.scenarios.size();
  if (static_cast<size_t>(message.scenarios_size()) != scenarios) return Misfit();
  for (size_t i = 0; i < scenarios; ++i) {
    if (!AddScenario(message.scenarios(static_cast<int>(i)), tally.scenarios[i])) return Misfit();
  }
  const size_t servers = scenarios == 0 ? 0 : tally.scenarios.front().servers.size();
  if (!AddDifferentKeys(message, servers, tally.different_keys)) return Misfit();
  return AddHotKeys(message.hot_keys(), tally) ? absl::OkStatus() : Misfit();
}

}  // namespace keyway::sim

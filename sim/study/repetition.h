// One fleet with its own labels, its own keys and its own changes, measured once.
#ifndef KEYWAY_SIM_STUDY_REPETITION_H_
#define KEYWAY_SIM_STUDY_REPETITION_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "sim/figures/spread.h"
#include "sim/study/scheme.h"

namespace keyway::sim {

// What all repetitions of a case have in common.
struct Setup {
  const SchemeKind* kind = nullptr;
  uint32_t parameter = 0;
  uint32_t servers = 0;
  std::vector<uint32_t> weights = {};  // of the servers, again and again; empty: 1
  std::string labels = "server{id}";   // a key template; numbers go on over repetitions
  uint64_t keys = 0;                   // how many are tried, where trying is needed
  bool sampled = false;                // try, also where the shares can be computed
  // Of each key, adding up to 1; empty: all alike.
  std::span<const double> popularity = {};
  uint32_t add = 0;
  uint32_t remove = 0;
  uint64_t seed = 1;
};

// What a change moves, as parts of all keys (or requests, where keys have popularity).
struct Movement {
  double moved = 0;
  double needed = 0;  // any scheme has to that keeps the fair shares
  double between_staying = 0;
  // Whether what moved spread over those that can take it by their weights; not where
  // keys have popularity.
  std::optional<ChiSquare> evenness = {};
};

struct Repetition {
  std::vector<std::string> labels = {};  // of the first repetition only, which may be shown
  std::vector<double> loads = {};        // of each server, by its fair share
  bool exact = false;                    // computed, not tried
  Spread spread = {};
  std::optional<ChiSquare> chance = {};  // whether tried keys, all alike, lie by weight
  std::optional<double> spilled = {};    // the part of the keys that a bound put elsewhere
  std::optional<Movement> added = {};
  std::optional<Movement> removed = {};
};

// Depends on nothing but the setup and the number. Fails where a scheme refuses.
absl::StatusOr<Repetition> Repeat(const Setup& setup, uint64_t number);

}  // namespace keyway::sim

#endif  // KEYWAY_SIM_STUDY_REPETITION_H_

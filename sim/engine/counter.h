// Batches of records into a tally: the inner loop of every experiment. Private to this
// folder.
#ifndef KEYWAY_SIM_ENGINE_COUNTER_H_
#define KEYWAY_SIM_ENGINE_COUNTER_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "hashing/placement.h"
#include "sim/engine/experiment.h"
#include "sim/engine/tally.h"
#include "sim/source/record.h"
#include "sim/source/source.h"

namespace keyway::sim {

// The placements of an experiment, for all threads. Scenarios with the same hash and the
// same tag share the hash values of a key.
class Placements {
 public:
  static absl::StatusOr<Placements> Make(const Experiment& experiment);

  struct Group {
    const hashing::Placement* hasher = nullptr;
    std::vector<size_t> scenarios;
  };

  // The first has the base.
  std::span<const Group> groups() const { return groups_; }
  const hashing::Placement& operator[](size_t scenario) const { return placements_[scenario]; }

 private:
  std::vector<hashing::Placement> placements_;
  std::vector<Group> groups_;
};

// One thread's part of a tally. Allocates nothing for a record.
class Counter {
 public:
  // Both outlive the counter.
  Counter(const Experiment& experiment, const Placements& placements);

  // Requests are also counted by different keys.
  void Count(const RecordBatch& batch, Content content);

  Tally TakeTally() { return std::move(tally_); }

 private:
  using Places = std::array<uint32_t, RecordBatch::kCapacity>;

  void CountScenario(size_t scenario, const RecordBatch& batch, Content content);
  void CountMoves(size_t scenario, const RecordBatch& batch, Content content);
  void CountKeys(const RecordBatch& batch, Content content);
  void CountHotKeys(const RecordBatch& batch);

  const Experiment& experiment_;
  const Placements& placements_;
  Tally tally_;
  // Of the batch at hand.
  std::array<uint64_t, RecordBatch::kCapacity> hashes_;
  std::array<uint64_t, RecordBatch::kCapacity> fingerprints_;
  Places base_;    // the servers of the base scenario
  Places places_;  // those of the scenario that is counted
};

}  // namespace keyway::sim

#endif  // KEYWAY_SIM_ENGINE_COUNTER_H_

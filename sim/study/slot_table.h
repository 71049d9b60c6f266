// A fixed number of slots dealt out to servers, as Redis Cluster (16384), Valkey and Codis
// (1024) do, and what a re-shard that moves no more than it must makes of it.
#ifndef KEYWAY_SIM_STUDY_SLOT_TABLE_H_
#define KEYWAY_SIM_STUDY_SLOT_TABLE_H_

#include <cstdint>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace keyway::sim {

// A value.
class SlotTable {
 public:
  // Ranges in the order of the servers, as `redis-cli --cluster create` deals them: each
  // ends at the slot nearest to where it should. Weights of 0 are of servers that have
  // none. Fails without weight, and with fewer slots than servers.
  static absl::StatusOr<SlotTable> Make(uint32_t slots, std::span<const uint32_t> weights);

  // Moves as few slots as lead to new weights: each server has its part, rounded up or
  // down. Who had no slot yet gets the lower number. Fails like Make.
  absl::Status Reshard(std::span<const uint32_t> weights);

  // The server of each slot: an index into the weights.
  std::span<const uint32_t> servers() const { return servers_; }

 private:
  std::vector<uint32_t> servers_;
};

}  // namespace keyway::sim

#endif  // KEYWAY_SIM_STUDY_SLOT_TABLE_H_

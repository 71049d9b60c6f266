// Keys through the proxy's own placement into a tally.
#ifndef KEYWAY_SIM_EXPERIMENT_H_
#define KEYWAY_SIM_EXPERIMENT_H_

#include <cstdint>
#include <functional>

#include "absl/status/statusor.h"
#include "hashing/placement.h"
#include "proxy/config/config.h"
#include "sim/source/lines.h"
#include "sim/tally.h"

namespace keyway::sim {

// Where the proxy puts keys of this pool while all its servers are alive. The members are
// the pool's servers in their order.
absl::StatusOr<hashing::Placement> PlacementOf(const PoolConfig& pool);

// Is told from time to time how many keys have been placed.
using OnProgress = std::function<void(uint64_t keys)>;

// Places every key of the pool's source; fails where the source fails.
absl::StatusOr<Tally> PlaceKeys(const PoolConfig& pool, LineSource& source,
                                const OnProgress& on_progress);

}  // namespace keyway::sim

#endif  // KEYWAY_SIM_EXPERIMENT_H_

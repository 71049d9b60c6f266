// The keys of a Redis server.
#ifndef KEYWAY_SIM_SOURCE_LIVE_REDIS_H_
#define KEYWAY_SIM_SOURCE_LIVE_REDIS_H_

#include <memory>

#include "absl/status/statusor.h"
#include "sim/source/live/server.h"
#include "sim/source/source.h"

namespace keyway::sim {

absl::StatusOr<std::unique_ptr<Source>> OpenRedis(const LiveServer& server);

}  // namespace keyway::sim

#endif  // KEYWAY_SIM_SOURCE_LIVE_REDIS_H_

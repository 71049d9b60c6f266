// The keys of servers that run. They are only looked at: nothing is changed, and no key
// counts as used.
#ifndef KEYWAY_SIM_SOURCE_LIVE_LIVE_H_
#define KEYWAY_SIM_SOURCE_LIVE_LIVE_H_

#include <memory>
#include <string_view>

#include "absl/status/statusor.h"
#include "sim/source/live/server.h"
#include "sim/source/source.h"

namespace keyway::sim {

// A census. Redis: by SCAN, which gives every key that is there from the first look to the
// last, and may give one twice if its table is resized meanwhile; the size, if asked for,
// is that of MEMORY USAGE. Memcached: by "lru_crawler metadump all", in its format. Fails
// where the server cannot be reached.
absl::StatusOr<std::unique_ptr<Source>> OpenLive(const LiveServer& server);

// The same for what the user writes behind redis://, redis-socket:, memcached:// and
// memcached-socket:, as server.h has it.
absl::StatusOr<std::unique_ptr<Source>> OpenRedisAt(std::string_view details);
absl::StatusOr<std::unique_ptr<Source>> OpenRedisSocketAt(std::string_view details);
absl::StatusOr<std::unique_ptr<Source>> OpenMemcachedAt(std::string_view details);
absl::StatusOr<std::unique_ptr<Source>> OpenMemcachedSocketAt(std::string_view details);

}  // namespace keyway::sim

#endif  // KEYWAY_SIM_SOURCE_LIVE_LIVE_H_

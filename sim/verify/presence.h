// Whether a server has keys, or a proxy finds them. Asking changes nothing: no key counts
// as used, but for those that a proxy of memcached is asked for.
#ifndef KEYWAY_SIM_VERIFY_PRESENCE_H_
#define KEYWAY_SIM_VERIFY_PRESENCE_H_

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "sim/source/live/connection.h"
#include "sim/source/live/server.h"

namespace keyway::sim {

struct Answer {
  bool there = false;
  std::string error = {};  // instead of a yes or no; of a proxy that cannot reach the server
};

class Presence {
 public:
  virtual ~Presence() = default;

  // One answer for each key, in their order. Fails if the connection does.
  virtual absl::StatusOr<std::vector<Answer>> Ask(std::span<const std::string_view> keys) = 0;
};

// Proxies of memcached know fewer commands than memcached.
enum class Asked { kServer, kProxy };

absl::StatusOr<std::unique_ptr<Presence>> OpenPresence(const LiveServer& server, Asked asked);

// Whether the protocol has a way to ask for the key.
bool CanAsk(const LiveServer& server, std::string_view key);

}  // namespace keyway::sim

#endif  // KEYWAY_SIM_VERIFY_PRESENCE_H_

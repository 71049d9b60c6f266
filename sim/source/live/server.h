// Servers that run, as the user names them.
#ifndef KEYWAY_SIM_SOURCE_LIVE_SERVER_H_
#define KEYWAY_SIM_SOURCE_LIVE_SERVER_H_

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "proxy/base/endpoint.h"

namespace keyway::sim {

struct LiveServer {
  Endpoint endpoint = {};
  // How long to wait while memcached's crawler is busy, with what others want of it or with
  // its own rounds.
  std::chrono::milliseconds busy_patience = std::chrono::seconds(10);
  bool redis = true;  // otherwise memcached, which has none of the following
  std::string user = {};
  std::string password = {};
  uint64_t database = 0;
  std::string match = {};  // a glob pattern for keys; empty: all
  uint64_t count = 1000;   // keys that one SCAN looks at
  bool memory = false;     // whether to ask for the memory of each key
};

// [user:password@]HOST:PORT[/database][?match=…&count=…&memory=yes]; %XX in the user, the
// password and the pattern stands for any byte.
absl::StatusOr<LiveServer> ParseRedis(std::string_view text);
// The same for a unix socket: /PATH[?db=…&user=…&password=…&match=…&count=…&memory=yes].
absl::StatusOr<LiveServer> ParseRedisSocket(std::string_view text);
// HOST:PORT, and /PATH.
absl::StatusOr<LiveServer> ParseMemcached(std::string_view text);
absl::StatusOr<LiveServer> ParseMemcachedSocket(std::string_view text);

// What messages call it: redis://10.0.0.1:6379/0, without the password.
std::string NameOf(const LiveServer& server);

}  // namespace keyway::sim

#endif  // KEYWAY_SIM_SOURCE_LIVE_SERVER_H_

// What the control thread knows at one moment, for operators. Plain values, which any
// thread may keep.
#ifndef KEYWAY_PROXY_CONTROL_CONTROL_REPORT_H_
#define KEYWAY_PROXY_CONTROL_CONTROL_REPORT_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "proxy/control/health.h"
#include "proxy/net/event_loop.h"
#include "proxy/routing/snapshot.h"

namespace keyway {

struct ServerReport {
  Health::State health = Health::State::kLive;
  bool ejected_by_hand = false;
  int failures = 0;                    // in a row, of one worker, while it is live
  std::optional<Duration> next_probe;  // while kEjected: how long until then
};

struct PoolReport {
  std::shared_ptr<const PoolRoute> route;  // as published last; lags by a turn at most
  std::vector<ServerReport> servers;       // in the order of the configuration
};

struct ControlReport {
  WallTime now;
  uint64_t generation = 0;        // of the snapshot published last; 0: none yet
  std::vector<PoolReport> pools;  // in the order of the configuration
};

// A server in an operator's words.
struct ServerName {
  std::string pool;
  std::string server;
};

// What an order of an operator has come to.
struct OrderReport {
  bool changed = false;  // false: it was so already
  uint64_t generation = 0;
  PoolReport pool;
  size_t server = 0;  // its index there
};

// NOT_FOUND, or INVALID_ARGUMENT for no name, in words that list what there is.
absl::Status NoSuchPool(const std::string& name, const std::vector<std::string>& pools);
absl::Status NoSuchServer(const ServerName& name, const std::vector<std::string>& servers);

}  // namespace keyway

#endif  // KEYWAY_PROXY_CONTROL_CONTROL_REPORT_H_

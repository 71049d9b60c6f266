// What workers route by: immutable, built by the control thread, shared by all.
#ifndef KEYWAY_PROXY_ROUTING_SNAPSHOT_H_
#define KEYWAY_PROXY_ROUTING_SNAPSHOT_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "hashing/placement.h"
#include "proxy/base/endpoint.h"
#include "proxy/config/config.h"
#include "proxy/net/address.h"

namespace keyway {

// Names a server within a snapshot.
struct ServerId {
  uint32_t pool = 0;
  uint32_t server = 0;
  friend bool operator==(const ServerId&, const ServerId&) = default;
};

// One pool's servers and where its keys go.
class PoolRoute {
 public:
  static constexpr size_t kNoServer = static_cast<size_t>(-1);

  // For each server, in the order of `config.servers`: whether it takes keys, and
  // where it is. Fails as hashing::Placement::Make does.
  static absl::StatusOr<std::shared_ptr<const PoolRoute>> Make(
      std::shared_ptr<const PoolConfig> config, const std::vector<bool>& live,
      std::vector<std::optional<Address>> addresses);

  const PoolConfig& config() const { return *config_; }
  size_t server_count() const { return config_->servers.size(); }

  // Index of the server that has `key`; kNoServer when none is live.
  size_t ServerFor(std::string_view key) const {
    return placement_ ? live_[placement_->MemberFor(key)] : kNoServer;
  }
  // The same of several keys, each into its place in `servers`, which is as long. False when
  // none is live.
  bool ServersFor(std::span<const std::string_view> keys, std::span<uint32_t> servers) const;
  // Why: the finding's member is the server's index. Nothing when none is live.
  std::optional<hashing::Explanation> Explain(std::string_view key) const;
  // The same pool with other servers live.
  absl::StatusOr<std::shared_ptr<const PoolRoute>> WithLive(const std::vector<bool>& live) const;
  absl::StatusOr<std::shared_ptr<const PoolRoute>> WithAllLive() const;

  bool IsLive(size_t server) const { return is_live_[server]; }
  // Where to connect to; nothing while the server's name cannot be resolved.
  const std::optional<Address>& address(size_t server) const { return addresses_[server]; }

 private:
  PoolRoute() = default;

  std::shared_ptr<const PoolConfig> config_;
  std::optional<hashing::Placement> placement_;  // over the live servers
  std::vector<uint32_t> live_;                   // placement's index → server's index
  std::vector<bool> is_live_;
  std::vector<std::optional<Address>> addresses_;
};

struct RoutingSnapshot {
  uint64_t generation = 0;
  std::vector<std::shared_ptr<const PoolRoute>> pools;  // in the order of the configuration
};

// A worker, as the control thread sees it. Callable from that thread; the snapshot
// is in force once the worker's loop has run the task.
class SnapshotSink {
 public:
  virtual ~SnapshotSink() = default;
  virtual void Adopt(std::shared_ptr<const RoutingSnapshot> snapshot) = 0;
};

// The control thread, as one worker sees it. Callable from any thread.
class ServerEvents {
 public:
  virtual ~ServerEvents() = default;
  // A connection to the server ended badly, or a request to it timed out. `cause` is
  // what clients are told.
  virtual void OnFailed(ServerId server, std::string cause) = 0;
  // A reply came after a failure.
  virtual void OnRecovered(ServerId server) = 0;
};

}  // namespace keyway

#endif  // KEYWAY_PROXY_ROUTING_SNAPSHOT_H_

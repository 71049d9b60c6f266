// One worker's connections to one server.
#ifndef KEYWAY_PROXY_UPSTREAM_SERVER_POOL_H_
#define KEYWAY_PROXY_UPSTREAM_SERVER_POOL_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "proxy/base/log.h"
#include "proxy/config/config.h"
#include "proxy/routing/snapshot.h"
#include "proxy/upstream/connection.h"

namespace keyway {

class ServerPool;

// A connection that nobody else uses. Returned by the destructor, before the pool goes:
// kept for the next session when nothing is outstanding on it, else closed.
class Lease {
 public:
  Lease() = default;
  Lease(ServerPool& pool, Connection& connection) : pool_(&pool), connection_(&connection) {}
  Lease(Lease&& other) noexcept
      : pool_(std::exchange(other.pool_, nullptr)),
        connection_(std::exchange(other.connection_, nullptr)) {}
  Lease& operator=(Lease&& other) noexcept {
    std::swap(pool_, other.pool_);
    std::swap(connection_, other.connection_);
    return *this;
  }
  ~Lease();

  explicit operator bool() const { return connection_ != nullptr; }
  Connection& operator*() const { return *connection_; }
  Connection* operator->() const { return connection_; }

 private:
  ServerPool* pool_ = nullptr;
  Connection* connection_ = nullptr;
};

// The shared connections of a server, made when they are first needed, and those
// lent to single sessions.
class ServerPool : private ConnectionOwner {
 public:
  struct Parts {
    EventLoop& loop;
    const Codec& codec;
    WorkerStats& worker_stats;
    ServerStats& stats;
    ServerEvents& events;
    Logger& logger;
  };

  ServerPool(const Parts& parts, ServerId id, const PoolConfig& pool, const ServerConfig& server);
  ~ServerPool() override;

  const std::string& name() const { return target_.name; }

  // Where to connect to from now on; nothing when the name cannot be resolved. Requests
  // under way are answered where they were sent, and so is what their clients send until
  // then; all else goes to the new address.
  void SetAddress(const std::optional<Address>& address);
  void Preconnect();

  // The shared connection for the request that `sink` stands for. Requests with one
  // `affinity` use the same one, and so stay in order; only one whose client waits for
  // no other reply may go over another one than before. Null when there is none, with
  // the reason in `failure`.
  Connection* ForRequest(uint64_t affinity, const ReplySink& sink, Failure& failure);

  // A connection for one session alone; empty when there is none.
  Lease Acquire(Failure& failure);

  // Holds `connection` back because a client does not take its reply: it is read from
  // no more until Resume. New requests go over another one, but for those that must
  // not overtake what their client has sent over this one.
  void Hold(Connection& connection);
  void Resume(Connection& connection);

 private:
  friend class Lease;

  // A connection that was held, or goes to an old address, until it is idle; and the
  // clients that still use it.
  struct Retired {
    std::unique_ptr<Connection> connection;
    absl::flat_hash_set<const void*> clients;
  };

  void OnConnectionLost(Connection& connection, const Failure& failure, bool busy) override;
  void OnRequestTimedOut(Connection& connection) override;
  void OnReplies() override;
  void OnConnectionIdle(Connection& connection) override;

  void LeaveOldAddress();
  std::unique_ptr<Connection> Connect(Failure& failure);
  Connection* Admit(Connection& connection, Failure& failure);
  Connection* RetiredFor(const ReplySink& sink);
  void Retire(std::unique_ptr<Connection> connection);
  std::unique_ptr<Connection> TakeRetired(Connection& connection);
  void Release(Connection& connection);
  void Close(std::unique_ptr<Connection> connection);
  void CountLeases();

  Parts parts_;
  const ServerId id_;
  const std::string pool_name_;
  ConnectionTarget target_;
  std::optional<Address> address_;
  std::vector<std::unique_ptr<Connection>> shared_;  // null: not made yet
  std::vector<Retired> retired_;
  std::vector<std::unique_ptr<Connection>> leased_;
  absl::flat_hash_set<const Connection*> outdated_;  // of them: those to an old address
  std::vector<std::unique_ptr<Connection>> idle_;
  std::vector<std::unique_ptr<Connection>> closing_;  // destroyed in the next turn
  Timer close_;
  RateLimited failures_log_;
  bool failing_ = false;  // control has been told of a failure, and of no reply since
};

}  // namespace keyway

#endif  // KEYWAY_PROXY_UPSTREAM_SERVER_POOL_H_

#include "proxy/upstream/server_pool.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <utility>

#include "proxy/base/limits.h"

namespace keyway {
namespace {

using Connections = std::vector<std::unique_ptr<Connection>>;

// Takes `connection` out of the list; null if it is not in it.
std::unique_ptr<Connection> Take(Connections& from, Connection& connection) {
  const auto found = std::find_if(from.begin(), from.end(),
                                  [&](const auto& owned) { return owned.get() == &connection; });
  if (found == from.end()) return nullptr;
  std::unique_ptr<Connection> taken = std::move(*found);
  from.erase(found);
  return taken;
}

}  // namespace

Lease::~Lease() {
  if (connection_ != nullptr) pool_->Release(*connection_);
}

ServerPool::ServerPool(const Parts& parts, ServerId id, const PoolConfig& pool,
                       const ServerConfig& server)
    : parts_(parts),
      id_(id),
      pool_name_(pool.name),
      target_{.name = server.name,
              .codec = &parts.codec,
              .credentials = {.user = "", .password = pool.redis_auth, .database = pool.redis_db},
              .timeout = std::chrono::milliseconds(pool.timeout_ms),
              .keepalive = pool.tcpkeepalive},
      shared_(static_cast<size_t>(pool.server_connections)),
      failures_log_(parts.logger) {
  // redis_db has no meaning for memcached, and is accepted there.
  if (!pool.redis) target_.credentials = {};
}

ServerPool::~ServerPool() {
  for (Retired& retired : retired_) shared_.push_back(std::move(retired.connection));
  for (Connections* connections : {&shared_, &leased_, &idle_}) {
    for (std::unique_ptr<Connection>& connection : *connections) {
      if (connection != nullptr) parts_.worker_stats.curr_connections.Add(-1);
    }
  }
}

void ServerPool::SetAddress(const std::optional<Address>& address) {
  const bool moved = address_ && address && !(*address_ == *address);
  address_ = address;
  if (moved) LeaveOldAddress();
}

void ServerPool::LeaveOldAddress() {
  for (std::unique_ptr<Connection>& shared : shared_) {
    if (shared == nullptr) continue;
    if (shared->outstanding() == 0) {
      Close(std::move(shared));
    } else {
      Retire(std::move(shared));
    }
  }
  for (std::unique_ptr<Connection>& idle : std::exchange(idle_, {})) Close(std::move(idle));
  for (const std::unique_ptr<Connection>& leased : leased_) outdated_.insert(leased.get());
}

void ServerPool::Preconnect() {
  Failure failure;
  if (shared_[0] == nullptr) shared_[0] = Connect(failure);
}

std::unique_ptr<Connection> ServerPool::Connect(Failure& failure) {
  if (!address_) {
    failure = {FailureKind::kError, strerror(EHOSTDOWN)};
    parts_.stats.server_err.Add();
    parts_.events.OnFailed(id_, failure.text);
    failing_ = true;
    return nullptr;
  }
  parts_.worker_stats.total_connections.Add();
  parts_.worker_stats.curr_connections.Add();
  ConnectionOwner& owner = *this;
  return std::make_unique<Connection>(parts_.loop, target_, *address_, parts_.stats, owner);
}

Connection* ServerPool::ForRequest(uint64_t affinity, const ReplySink& sink, Failure& failure) {
  if (!retired_.empty()) {
    if (Connection* retired = RetiredFor(sink)) return Admit(*retired, failure);
  }
  const size_t index = shared_.size() == 1 ? 0 : affinity % shared_.size();
  std::unique_ptr<Connection>& connection = shared_[index];
  if (connection != nullptr) return Admit(*connection, failure);
  connection = Connect(failure);
  return connection.get();
}

Connection* ServerPool::Admit(Connection& connection, Failure& failure) {
  if (connection.unwritten_bytes() < kMaxServerQueueBytes &&
      connection.outstanding() < kMaxServerQueueRequests) {
    return &connection;
  }
  parts_.stats.overloads.Add();
  failure = {FailureKind::kOverloaded, "too many requests are waiting"};
  return nullptr;
}

// The retired connection that the client of `sink` must go on using; null if none.
Connection* ServerPool::RetiredFor(const ReplySink& sink) {
  const bool free = sink.IsOldest();
  for (Retired& retired : retired_) {
    if (free) {
      retired.clients.erase(sink.client());
    } else if (retired.clients.contains(sink.client())) {
      return retired.connection.get();
    }
  }
  return nullptr;
}

Lease ServerPool::Acquire(Failure& failure) {
  if (!idle_.empty()) {
    leased_.push_back(std::move(idle_.back()));
    idle_.pop_back();
  } else if (leased_.size() >= kMaxLeases) {
    parts_.stats.overloads.Add();
    failure = {FailureKind::kOverloaded, "too many connections are in use"};
    return {};
  } else if (std::unique_ptr<Connection> made = Connect(failure)) {
    leased_.push_back(std::move(made));
  } else {
    return {};
  }
  CountLeases();
  return Lease(*this, *leased_.back());
}

void ServerPool::Release(Connection& connection) {
  std::unique_ptr<Connection> returned = Take(leased_, connection);
  CountLeases();
  returned->WhenWritten(nullptr);
  const bool outdated = outdated_.erase(returned.get()) != 0;
  const bool clean = !returned->lost() && returned->outstanding() == 0;
  if (clean && !outdated && idle_.size() < kIdleLeases) {
    idle_.push_back(std::move(returned));
  } else {
    Close(std::move(returned));
  }
}

void ServerPool::CountLeases() { parts_.stats.leases.Set(static_cast<int64_t>(leased_.size())); }

void ServerPool::Close(std::unique_ptr<Connection> connection) {
  parts_.worker_stats.curr_connections.Add(-1);
  // Its own methods may be on the stack.
  if (closing_.empty()) {
    close_ = parts_.loop.After(Duration::zero(),
                               [this] { const Connections closing = std::exchange(closing_, {}); });
  }
  closing_.push_back(std::move(connection));
}

void ServerPool::Hold(Connection& connection) {
  connection.SetReading(false);
  for (std::unique_ptr<Connection>& shared : shared_) {
    if (shared.get() == &connection) Retire(std::move(shared));
  }
}

void ServerPool::Retire(std::unique_ptr<Connection> connection) {
  const std::vector<const void*> clients = connection->Clients();
  retired_.push_back({std::move(connection), {clients.begin(), clients.end()}});
}

void ServerPool::Resume(Connection& connection) {
  connection.SetReading(true);
  if (connection.outstanding() == 0) OnConnectionIdle(connection);
}

void ServerPool::OnConnectionLost(Connection& connection, const Failure& failure, bool busy) {
  // A server may close idle connections, and has no part in what we lack: those are no
  // signs of ill health.
  const bool shortage = failure.kind == FailureKind::kShortage;
  if (busy && !shortage) {
    failing_ = true;
    parts_.events.OnFailed(id_, failure.text);
  }
  if (busy) {
    failures_log_.Write(parts_.loop.Now(), shortage ? LogLevel::kErr : LogLevel::kWarn,
                        shortage ? "cannot connect to a server" : "server connection failed",
                        {{"pool", pool_name_}, {"server", target_.name}, {"cause", failure.text}});
  }
  for (std::unique_ptr<Connection>& shared : shared_) {
    if (shared.get() == &connection) Close(std::move(shared));
  }
  if (auto lost = TakeRetired(connection)) Close(std::move(lost));
  if (auto lost = Take(idle_, connection)) Close(std::move(lost));
}

void ServerPool::OnRequestTimedOut(Connection&) {
  failing_ = true;
  parts_.events.OnFailed(id_, strerror(ETIMEDOUT));
  failures_log_.Write(parts_.loop.Now(), LogLevel::kWarn, "request timed out",
                      {{"pool", pool_name_}, {"server", target_.name}});
}

void ServerPool::OnReplies() {
  if (!failing_) return;
  failing_ = false;
  parts_.events.OnRecovered(id_);
}

void ServerPool::OnConnectionIdle(Connection& connection) {
  if (auto retired = TakeRetired(connection)) Close(std::move(retired));
}

std::unique_ptr<Connection> ServerPool::TakeRetired(Connection& connection) {
  const auto found = std::find_if(retired_.begin(), retired_.end(), [&](const Retired& retired) {
    return retired.connection.get() == &connection;
  });
  if (found == retired_.end()) return nullptr;
  std::unique_ptr<Connection> taken = std::move(found->connection);
  retired_.erase(found);
  return taken;
}

}  // namespace keyway

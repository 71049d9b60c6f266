#include "proxy/worker.h"

#include <algorithm>
#include <utility>

#include "proxy/protocol/codecs.h"

namespace keyway {

Worker::PoolDoor::PoolDoor(Worker& worker, size_t pool, const PoolConfig& config)
    : worker_(worker),
      pool_(pool),
      codec_(*FindCodec(config.redis ? "redis" : "memcache")),
      config_(config),
      route(worker.parts_.loop, worker.parts_.events,
            [this](std::shared_ptr<const PoolRoute> next) { Go(std::move(next)); }) {}

void Worker::PoolDoor::Go(std::shared_ptr<const PoolRoute> next) {
  if (dispatcher != nullptr) {
    dispatcher->Adopt(std::move(next));
    return;
  }
  const Parts& parts = worker_.parts_;
  dispatcher = std::make_unique<Dispatcher>(Dispatcher::Parts{.loop = parts.loop,
                                                              .codec = codec_,
                                                              .worker_stats = parts.stats,
                                                              .stats = *parts.stats.pools[pool_],
                                                              .events = route,
                                                              .logger = parts.logger,
                                                              .exchanges = worker_.exchanges_,
                                                              .fan_outs = worker_.fan_outs_},
                                            static_cast<uint32_t>(pool_), std::move(next));
  sessions.emplace(SessionContext{parts.loop, *dispatcher, worker_});
}

Worker::Worker(const Parts& parts, size_t index, const Config& config)
    : parts_(parts),
      index_(index),
      memory_({.loop = parts.loop, .exchanges = exchanges_, .fan_outs = fan_outs_}),
      full_log_(parts.logger, 1) {
  for (size_t pool = 0; pool < config.pools.size(); ++pool) {
    doors_.push_back(std::make_unique<PoolDoor>(*this, pool, config.pools[pool]));
  }
}

Worker::~Worker() {
  // Each session reports its end while it is destroyed.
  const auto clients = std::exchange(clients_, {});
}

absl::Status Worker::Listen(size_t pool, const Address& address, const ListenOptions& options) {
  auto listener = parts_.loop.Listen(address, options, *doors_[pool]);
  if (!listener.ok()) return listener.status();
  doors_[pool]->listener = *std::move(listener);
  parts_.stats.total_connections.Add();
  parts_.stats.curr_connections.Add();
  return absl::OkStatus();
}

void Worker::Adopt(std::shared_ptr<const RoutingSnapshot> snapshot) {
  parts_.loop.Post([this, snapshot = std::move(snapshot)] { Use(*snapshot); });
}

void Worker::Use(const RoutingSnapshot& snapshot) {
  for (size_t pool = 0; pool < doors_.size(); ++pool) {
    PoolDoor& door = *doors_[pool];
    door.route.Adopt(snapshot.pools[pool]);
    for (auto& incoming : std::exchange(door.waiting, {})) Open(pool, std::move(incoming), true);
  }
}

bool Worker::HasRoom() const { return parts_.group.clients.load() < parts_.group.max_clients; }

void Worker::NoteWaiting(size_t pool, size_t clients) {
  parts_.stats.pools[pool]->waiting.Set(static_cast<int64_t>(clients));
  if (clients == 0) return;
  full_log_.Write(parts_.loop.Now(), LogLevel::kWarn,
                  "as many clients as the limit of open files allows: further ones wait",
                  {{"pool", doors_[pool]->config_.name},
                   {"clients", parts_.group.clients.load()},
                   {"waiting", clients}});
}

// The kernel spreads connections by chance, which is uneven while they are few. So
// whoever accepts one gives it to the worker that has the fewest.
void Worker::Accept(size_t pool, std::unique_ptr<Incoming> incoming) {
  WorkerGroup& group = parts_.group;
  group.clients.fetch_add(1);
  const int limit = doors_[pool]->config_.client_connections;
  if (group.pool_clients[pool].fetch_add(1) >= limit && limit != 0) {
    group.pool_clients[pool].fetch_sub(1);
    parts_.stats.pools[pool]->rejected.Add();
    Open(pool, std::move(incoming), false);
    return;
  }
  size_t least = index_;
  for (size_t i = 0; i < group.workers.size(); ++i) {
    if (group.worker_clients[i].load() < group.worker_clients[least].load()) least = i;
  }
  group.worker_clients[least].fetch_add(1);
  if (least == index_) {
    Open(pool, std::move(incoming), true);
  } else {
    group.workers[least]->Take(pool, std::move(incoming));
  }
}

void Worker::Take(size_t pool, std::unique_ptr<Incoming> incoming) {
  parts_.loop.Post([this, pool, incoming = std::move(incoming)]() mutable {
    Open(pool, std::move(incoming), true);
  });
}

void Worker::Open(size_t pool, std::unique_ptr<Incoming> incoming, bool counted) {
  PoolDoor& door = *doors_[pool];
  if (door.dispatcher == nullptr) {
    if (counted) {
      door.waiting.push_back(std::move(incoming));
    } else {
      Uncount(pool, counted);
    }
    return;
  }
  auto session = std::make_unique<Session>(*door.sessions, *incoming, next_client_++);
  Session& opened = *session;
  clients_[&opened] = {
      .session = std::move(session), .pool = static_cast<uint32_t>(pool), .counted = counted};
  memory_.OnClient();
  parts_.stats.total_connections.Add();
  parts_.stats.curr_connections.Add();
  parts_.stats.pools[pool]->client_connections.Add();
  if (!counted) {
    opened.Reject(door.codec_.Error(ErrorKind::kOverloaded, "max number of clients reached"));
  } else if (draining_) {
    opened.Drain();
  }
}

void Worker::Uncount(size_t pool, bool counted) {
  parts_.group.clients.fetch_sub(1);
  if (!counted) return;
  parts_.group.worker_clients[index_].fetch_sub(1);
  parts_.group.pool_clients[pool].fetch_sub(1);
}

void Worker::OnSessionClosed(Session& session) {
  const auto found = clients_.find(&session);
  // The destructor of the worker ends sessions, too.
  if (found == clients_.end()) return;
  Client client = std::move(found->second);
  clients_.erase(found);
  memory_.OnClientLeft();
  parts_.stats.curr_connections.Add(-1);
  parts_.stats.pools[client.pool]->client_connections.Add(-1);
  Uncount(client.pool, client.counted);
  // Its own methods may be on the stack.
  if (closed_.empty()) {
    free_closed_ = parts_.loop.After(Duration::zero(), [this] { closed_.clear(); });
  }
  closed_.push_back(std::move(client.session));
  FinishDrain();
}

void Worker::Drain(Task done) {
  parts_.loop.Post([this, done = std::move(done)]() mutable {
    draining_ = true;
    drained_ = std::move(done);
    for (const std::unique_ptr<PoolDoor>& door : doors_) {
      if (door->listener == nullptr) continue;
      door->listener.reset();
      NoteWaiting(door->pool_, 0);
      parts_.stats.curr_connections.Add(-1);
    }
    for (size_t pool = 0; pool < doors_.size(); ++pool) {
      for ([[maybe_unused]] const auto& incoming : std::exchange(doors_[pool]->waiting, {})) {
        Uncount(pool, true);
      }
    }
    std::vector<Session*> sessions;
    for (const auto& [session, client] : clients_) sessions.push_back(session);
    for (Session* session : sessions) session->Drain();
    FinishDrain();
  });
}

void Worker::FinishDrain() {
  if (draining_ && clients_.empty() && drained_) std::exchange(drained_, nullptr)();
}

}  // namespace keyway

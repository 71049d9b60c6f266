#include "proxy/worker_route.h"

#include <utility>

#include "proxy/config/config.h"

namespace keyway {

void WorkerRoute::Adopt(std::shared_ptr<const PoolRoute> published) {
  published_ = std::move(published);
  servers_.resize(published_->server_count());
  for (size_t i = 0; i < servers_.size(); ++i) {
    if (!published_->IsLive(i)) servers_[i] = {};
  }
  Go();
}

void WorkerRoute::OnFailed(ServerId id, std::string cause) {
  control_.OnFailed(id, std::move(cause));
  const PoolConfig& config = published_->config();
  Server& server = servers_[id.server];
  if (!config.auto_eject_hosts || server.ejected || !published_->IsLive(id.server)) return;
  if (++server.failures >= config.server_failure_limit) Eject(server);
}

void WorkerRoute::OnRecovered(ServerId id) {
  control_.OnRecovered(id);
  servers_[id.server].failures = 0;
}

// A ring takes time to build, and when a rack dies all its servers reach the limit: so
// one at once, and what else comes in this turn together behind its events.
void WorkerRoute::Eject(Server& server) {
  server = {.failures = 0, .ejected = true};
  if (gone_.armed()) {
    due_ = true;
  } else {
    Go();
  }
}

void WorkerRoute::Go() {
  gone_ = loop_.After(Duration::zero(), [this] {
    gone_ = Timer();
    if (std::exchange(due_, false)) Go();
  });
  std::vector<bool> live;
  bool as_published = true;
  for (size_t i = 0; i < servers_.size(); ++i) {
    as_published &= !servers_[i].ejected;
    live.push_back(published_->IsLive(i) && !servers_[i].ejected);
  }
  if (as_published) return use_(published_);
  auto route = published_->WithLive(live);
  use_(route.ok() ? *std::move(route) : published_);
}

}  // namespace keyway

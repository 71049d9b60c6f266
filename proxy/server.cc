#include "proxy/server.h"

#include <unistd.h>

#include <chrono>
#include <string>
#include <utility>

#include "absl/strings/str_format.h"
#include "proxy/base/limits.h"
#include "proxy/version.h"

namespace keyway {
namespace {

std::unique_ptr<WorkerStats> MakeStats(const Config& config) {
  auto stats = std::make_unique<WorkerStats>();
  for (const PoolConfig& pool : config.pools) {
    stats->pools.push_back(std::make_unique<PoolStats>(pool.servers.size()));
  }
  return stats;
}

std::string HostName() {
  char name[256] = "";
  gethostname(name, sizeof(name) - 1);
  return name;
}

// Accepts nothing: for asking whether an address is free.
class NoAccept : public AcceptHandler {
  void OnAccept(std::unique_ptr<Incoming>) override {}
};

}  // namespace

Server::Server(const Parts& parts, Config config)
    : parts_(parts),
      config_(std::move(config)),
      control_(std::make_unique<Control>(parts.control, config_, parts.workers.size(),
                                         parts.resolver, parts.logger)),
      group_(parts.workers.size(), config_.pools.size(), parts.max_clients) {
  for (size_t i = 0; i < parts.workers.size(); ++i) {
    stats_.push_back(MakeStats(config_));
    workers_.push_back(std::make_unique<Worker>(Worker::Parts{.loop = *parts.workers[i],
                                                              .stats = *stats_[i],
                                                              .events = control_->EventsOf(i),
                                                              .logger = parts.logger,
                                                              .group = group_},
                                                i, config_));
    group_.workers.push_back(workers_.back().get());
  }
}

Server::~Server() {
  drain_limit_ = Timer();
  stats_port_.reset();
  workers_.clear();
}

absl::Status Server::Start(const std::optional<Endpoint>& stats) {
  for (size_t pool = 0; pool < config_.pools.size(); ++pool) {
    const absl::Status status = ListenFor(pool);
    if (!status.ok()) {
      return absl::UnavailableError(absl::StrFormat("pool '%s': %s", config_.pools[pool].name,
                                                    std::string(status.message())));
    }
  }
  if (stats) {
    const absl::Status status = ServeStats(*stats);
    if (!status.ok()) {
      return absl::UnavailableError(
          absl::StrFormat("statistics port: %s", std::string(status.message())));
    }
  }
  std::vector<SnapshotSink*> sinks;
  for (const std::unique_ptr<Worker>& worker : workers_) sinks.push_back(worker.get());
  return control_->Start(std::move(sinks));
}

absl::Status Server::ListenFor(size_t pool) {
  const PoolConfig& config = config_.pools[pool];
  const absl::StatusOr<Address> address = Resolve(config.listen);
  if (!address.ok()) return address.status();
  ListenOptions options = {
      .backlog = config.backlog, .unix_mode = config.listen_mode, .keepalive = config.tcpkeepalive};
  options.share_port = config.reuse_port;
  // A unix socket has one listener; its worker gives clients to the others.
  if (address->is_unix() || workers_.size() == 1) {
    return workers_[0]->Listen(pool, *address, options);
  }
  {
    // Shared ports can be shared with another process, too, which nobody wants who has
    // not said so: it may be an old one that was forgotten.
    NoAccept nobody;
    const auto free = parts_.workers[0]->Listen(*address, options, nobody);
    if (!free.ok()) return free.status();
  }
  options.share_port = true;
  for (const std::unique_ptr<Worker>& worker : workers_) {
    absl::Status status = worker->Listen(pool, *address, options);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

StatsSource Server::MakeStatsSource() {
  StatsSource source = {.shown = ShowInTwemproxyOrder(config_),
                        .workers = {},
                        .control = &control_->stats(),
                        .host = HostName(),
                        .version = VersionString(),
                        .started = parts_.control.WallNow()};
  for (const std::unique_ptr<WorkerStats>& stats : stats_) source.workers.push_back(stats.get());
  return source;
}

absl::Status Server::ServeStats(const Endpoint& endpoint) {
  const absl::StatusOr<Address> address = Resolve(endpoint);
  if (!address.ok()) return address.status();
  stats_port_ = std::make_unique<StatsPort>(parts_.control, MakeStatsSource());
  return stats_port_->Listen(*address);
}

void Server::Drain(Task done) {
  parts_.control.Post([this, done = std::move(done)]() mutable {
    drained_ = std::move(done);
    draining_ = workers_.size();
    if (stats_port_ != nullptr) stats_port_->SetDraining();
    drain_limit_ = parts_.control.After(std::chrono::seconds(kDrainSeconds), [this] {
      parts_.logger.Write(LogLevel::kWarn, "stopping with requests in flight",
                          {{"waited_s", kDrainSeconds}});
      if (drained_) std::exchange(drained_, nullptr)();
    });
    for (const std::unique_ptr<Worker>& worker : workers_) {
      worker->Drain([this] { parts_.control.Post([this] { WorkerDrained(); }); });
    }
  });
}

void Server::WorkerDrained() {
  if (--draining_ == 0 && drained_) std::exchange(drained_, nullptr)();
}

}  // namespace keyway

#include "proxy/control/control.h"

#include <cstring>
#include <optional>
#include <string>
#include <utility>

#include "proxy/base/limits.h"
#include "proxy/protocol/codecs.h"

namespace keyway {
namespace {

using std::chrono::milliseconds;

// Lines about ejection and return: rarer than failures, and each server is of interest.
constexpr int kVerdictLines = 100;

std::vector<size_t> ServerCounts(const Config& config) {
  std::vector<size_t> counts;
  for (const PoolConfig& pool : config.pools) counts.push_back(pool.servers.size());
  return counts;
}

Duration ProbeTimeout(const PoolConfig& pool) {
  if (pool.timeout_ms == 0) return kProbeTimeout;
  return milliseconds(pool.timeout_ms);
}

}  // namespace

Control::Server::Server(Control& control, const ServerConfig& server, Health server_health,
                        ServerHealth& health_stats, ServerAddress::Told told)
    : config(server),
      stats(health_stats),
      health(std::move(server_health)),
      address(control.loop_, control.resolver_,
              {.endpoint = server.endpoint, .interval = control.lookup_interval_},
              std::move(told)) {}

Control::Control(EventLoop& loop, const Config& config, size_t workers, Resolver& resolver,
                 Logger& logger)
    : loop_(loop),
      resolver_(resolver),
      lookup_interval_(milliseconds(config.process.lookup_interval_ms)),
      stats_(ServerCounts(config)),
      probes_(loop),
      logger_(logger),
      failures_(logger),
      ejections_(logger, kVerdictLines),
      returns_(logger, kVerdictLines),
      orders_(logger, kVerdictLines),
      moves_(logger, kVerdictLines),
      failed_lookups_(logger),
      failed_probes_(logger) {
  for (size_t worker = 0; worker < workers; ++worker) reporters_.emplace_back(*this, worker);
  for (const PoolConfig& pool : config.pools) AddPool(pool);
}

Control::~Control() = default;

void Control::AddPool(const PoolConfig& config) {
  ServerId id = {.pool = static_cast<uint32_t>(pools_.size())};
  Pool& pool = pools_.emplace_back();
  pool.config = std::make_shared<const PoolConfig>(config);
  pool.codec = FindCodec(config.redis ? "redis" : "memcache");
  const HealthOptions options = {.eject = config.auto_eject_hosts,
                                 .failure_limit = config.server_failure_limit,
                                 .retry_timeout = milliseconds(config.server_retry_timeout_ms)};
  for (const ServerConfig& server : pool.config->servers) {
    ServerHealth& stats = stats_.pools[id.pool][id.server];
    pool.servers.emplace_back(
        *this, server, Health(options, reporters_.size(), stats), stats,
        [this, id](const ServerAddress::Result& result) { HandleAddress(id, result); });
    ++id.server;
  }
}

absl::Status Control::Start(std::vector<SnapshotSink*> sinks) {
  sinks_ = std::move(sinks);
  for (Pool& pool : pools_) {
    if (absl::Status status = MakeRoute(pool); !status.ok()) return status;
    for (Server& server : pool.servers) server.address.Refresh();
  }
  start_ = loop_.After(kStartLookupTimeout, [this] { FinishStart(); });
  StartIfResolved();
  return absl::OkStatus();
}

void Control::StartIfResolved() {
  for (const Pool& pool : pools_) {
    for (const Server& server : pool.servers) {
      if (server.address.refreshing()) return;
    }
  }
  FinishStart();
}

void Control::FinishStart() {
  start_ = Timer();
  started_ = true;
  Publish();
}

void Control::Reporter::OnFailed(ServerId id, std::string cause) {
  control_.loop_.Post(
      [this, id, cause = std::move(cause)] { control_.HandleFailed(worker_, id, cause); });
}

void Control::Reporter::OnRecovered(ServerId id) {
  control_.loop_.Post([this, id] { control_.ServerOf(id).health.OnRecovered(worker_); });
}

void Control::HandleFailed(size_t worker, ServerId id, std::string_view cause) {
  Server& server = ServerOf(id);
  Log(failures_, LogLevel::kInfo, "server failed", id, cause);
  NoteError(server, cause);
  server.address.Refresh();
  if (!server.health.OnFailed(worker, loop_.Now(), loop_.WallNow())) return;
  Log(ejections_, LogLevel::kWarn, "server ejected", id, cause);
  PublishSoon(id);
  AwaitRetry(id);
}

void Control::NoteError(Server& server, std::string_view error) {
  const auto since_1970 = loop_.WallNow().time_since_epoch();
  server.stats.last_error_at.Set(
      std::chrono::duration_cast<std::chrono::microseconds>(since_1970).count());
  server.stats.last_error.Set(error);
}

void Control::HandleAddress(ServerId id, const ServerAddress::Result& result) {
  Server& server = ServerOf(id);
  if (!result.status.ok()) {
    const std::string error(result.status.message());
    server.stats.failed_lookups.Add();
    Log(failed_lookups_, LogLevel::kWarn, "server's name cannot be resolved", id, error);
    NoteError(server, error);
  }
  if (result.before) {
    server.stats.address_changes.Add();
    LogMove(server, id, *result.before);
  }
  if (result.changed) PublishSoon(id);
  if (start_.armed()) StartIfResolved();
  if (std::exchange(server.probe_waits, false)) SendProbe(id);
}

void Control::LogMove(const Server& server, ServerId id, const Address& before) {
  moves_.Write(loop_.Now(), LogLevel::kNotice, "server's name has another address",
               {{"pool", pools_[id.pool].config->name},
                {"server", server.config.name},
                {"from", ToString(before)},
                {"to", ToString(*server.address.get())}});
}

void Control::AwaitRetry(ServerId id) {
  Server& server = ServerOf(id);
  server.retry =
      loop_.After(server.health.probe_due() - loop_.Now(), [this, id] { BeginProbe(id); });
}

// The name of a dead server may point to its successor by now.
void Control::BeginProbe(ServerId id) {
  Server& server = ServerOf(id);
  server.health.OnProbeStarted();
  server.address.Refresh();
  if (server.address.refreshing()) {
    server.probe_waits = true;
  } else {
    SendProbe(id);
  }
}

void Control::SendProbe(ServerId id) {
  const Pool& pool = pools_[id.pool];
  const std::optional<Address>& address = pool.servers[id.server].address.get();
  if (!address) return EndProbe(id, absl::UnavailableError("it has no address"));
  probes_.Add({.codec = pool.codec,
               .credentials = {.user = "",
                               .password = pool.config->redis_auth,
                               .database = pool.config->redis_db},
               .address = *address,
               .timeout = ProbeTimeout(*pool.config)},
              [this, id](const absl::Status& result) { EndProbe(id, result); });
}

void Control::EndProbe(ServerId id, const absl::Status& result) {
  Server& server = ServerOf(id);
  if (result.ok()) {
    server.health.OnProbeSucceeded();
    Log(returns_, LogLevel::kWarn,
        server.ejected_by_hand ? "server would be back, but is ejected by hand" : "server is back",
        id);
    PublishSoon(id);
    return;
  }
  const std::string error(result.message());
  server.health.OnProbeFailed(loop_.Now());
  Log(failed_probes_, LogLevel::kNotice, "ejected server still fails", id, error);
  NoteError(server, error);
  AwaitRetry(id);
}

// What changes in one turn goes out together: workers of a rack that died adopt one
// snapshot, not one for each of its servers.
void Control::PublishSoon(ServerId changed) {
  pools_[changed.pool].changed = true;
  if (!started_ || std::exchange(publish_due_, true)) return;
  loop_.AtEndOfTurn([this] {
    publish_due_ = false;
    Publish();
  });
}

void Control::Publish() {
  auto snapshot = std::make_shared<RoutingSnapshot>();
  snapshot->generation = ++generation_;
  for (Pool& pool : pools_) {
    if (pool.changed) {
      const absl::Status status = MakeRoute(pool);
      if (!status.ok()) {
        logger_.Write(LogLevel::kErr, "pool keeps its old routing",
                      {{"pool", pool.config->name}, {"error", std::string(status.message())}});
      }
      pool.changed = false;
    }
    snapshot->pools.push_back(pool.route);
  }
  for (SnapshotSink* sink : sinks_) sink->Adopt(snapshot);
  stats_.generation.Set(static_cast<int64_t>(generation_));
}

absl::Status Control::MakeRoute(Pool& pool) {
  std::vector<bool> live;
  std::vector<std::optional<Address>> addresses;
  for (const Server& server : pool.servers) {
    live.push_back(server.live());
    addresses.push_back(server.address.get());
  }
  auto route = PoolRoute::Make(pool.config, live, std::move(addresses));
  if (!route.ok()) return route.status();
  pool.route = *std::move(route);
  return absl::OkStatus();
}

void Control::Log(RateLimited& cause, LogLevel level, std::string_view text, ServerId id,
                  std::string_view error, SourceLocation place) {
  const std::string& pool = pools_[id.pool].config->name;
  const std::string& server = ServerOf(id).config.name;
  if (error.empty()) {
    cause.Write(loop_.Now(), level, text, {{"pool", pool}, {"server", server}}, place);
  } else {
    cause.Write(loop_.Now(), level, text, {{"pool", pool}, {"server", server}, {"error", error}},
                place);
  }
}

}  // namespace keyway

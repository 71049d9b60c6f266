#include "proxy/admin/admin_messages.h"

#include <chrono>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_format.h"
#include "proxy/base/number.h"
#include "proxy/routing/snapshot.h"
#include "proxy/stats/totals.h"
#include "proxy/stats/utf8.h"

namespace keyway {
namespace {

namespace v1 = admin::v1;

constexpr int kLastLevel = static_cast<int>(LogLevel::kPverb);

google::protobuf::Duration ToDuration(std::chrono::nanoseconds duration) {
  google::protobuf::Duration message;
  message.set_seconds(duration.count() / 1'000'000'000);
  message.set_nanos(static_cast<int32_t>(duration.count() % 1'000'000'000));
  return message;
}

google::protobuf::Timestamp ToTimestamp(WallTime time) {
  const google::protobuf::Duration since_1970 = ToDuration(time.time_since_epoch());
  google::protobuf::Timestamp message;
  message.set_seconds(since_1970.seconds());
  message.set_nanos(since_1970.nanos());
  return message;
}

// The numbers of `rows`, by their names.
template <class Rows, class Counters>
void AddCounters(const Rows& rows, const std::vector<int64_t>& values, Counters& counters) {
  for (size_t i = 0; i < rows.size(); ++i) counters[std::string(rows[i].name)] = values[i];
}

v1::Process MakeProcess(const ControlReport& report, const StatsSource& stats,
                        const Totals& totals) {
  v1::Process process;
  process.set_version(stats.version);
  process.set_host(ValidUtf8(stats.host));
  *process.mutable_started() = ToTimestamp(stats.started);
  *process.mutable_uptime() = ToDuration(report.now - stats.started);
  process.set_generation(report.generation);
  AddCounters(ProcessMetrics(), totals.values, *process.mutable_counters());
  return process;
}

v1::Worker MakeWorker(const WorkerStats& stats) {
  int64_t clients = 0;
  for (const auto& pool : stats.pools) clients += pool->client_connections.value();
  v1::Worker worker;
  worker.set_clients(static_cast<int32_t>(clients));
  worker.set_connections(static_cast<int32_t>(stats.curr_connections.value()));
  return worker;
}

v1::Pool MakePool(const PoolReport& report, const ShownPool& shown, const PoolTotals& totals) {
  const PoolConfig& config = report.route->config();
  v1::Pool pool;
  pool.set_name(ValidUtf8(config.name));
  pool.set_listen(ValidUtf8(config.listen_text));
  pool.set_protocol(config.redis ? "redis" : "memcache");
  pool.set_distribution(config.distribution);
  pool.set_hash(config.hash);
  pool.set_hash_tag(ValidUtf8(config.hash_tag));
  for (size_t i = 0; i < shown.servers.size(); ++i) {
    v1::Server& server = *pool.add_servers();
    server = MakeServer(report, shown.servers[i].index);
    server.set_last_error(ValidUtf8(totals.servers[i].last_error));
    AddCounters(ServerMetrics(), totals.servers[i].values, *server.mutable_counters());
  }
  AddCounters(PoolMetrics(), totals.values, *pool.mutable_counters());
  return pool;
}

v1::Destination MakeDestination(const PoolRoute& route, const hashing::Finding& finding) {
  v1::Destination destination;
  if (finding.member) {
    destination.set_server(ValidUtf8(route.config().servers[*finding.member].name));
    const std::optional<Address>& address = route.address(*finding.member);
    if (address) destination.set_address(ToString(*address));
  }
  if (finding.place.empty()) return destination;
  v1::Place& place = *destination.mutable_place();
  place.set_kind(std::string(finding.place));
  place.set_index(static_cast<uint32_t>(finding.index));
  place.set_count(static_cast<uint32_t>(finding.count));
  if (finding.position) place.set_position(*finding.position);
  return destination;
}

}  // namespace

absl::StatusOr<size_t> FindPool(const ControlReport& report, const std::string& name) {
  std::vector<std::string> names;
  for (const PoolReport& pool : report.pools) names.push_back(pool.route->config().name);
  if (name.empty() && names.size() == 1) return 0;
  for (size_t i = 0; i < names.size(); ++i) {
    if (names[i] == name) return i;
  }
  return NoSuchPool(name, names);
}

absl::StatusOr<v1::State> MakeState(const ControlReport& report, const StatsSource& stats,
                                    const std::string& only_pool) {
  std::optional<size_t> only;
  if (!only_pool.empty()) {
    const absl::StatusOr<size_t> found = FindPool(report, only_pool);
    if (!found.ok()) return found.status();
    only = *found;
  }
  const Totals totals = AddUp(stats.shown, stats.workers, *stats.control);
  v1::State state;
  *state.mutable_process() = MakeProcess(report, stats, totals);
  for (const WorkerStats* worker : stats.workers) *state.add_workers() = MakeWorker(*worker);
  for (size_t i = 0; i < stats.shown.size(); ++i) {
    const ShownPool& shown = stats.shown[i];
    if (only.value_or(shown.index) != shown.index) continue;
    *state.add_pools() = MakePool(report.pools[shown.index], shown, totals.pools[i]);
  }
  return state;
}

v1::Server MakeServer(const PoolReport& pool, size_t server) {
  const ServerConfig& config = pool.route->config().servers[server];
  const std::optional<Address>& address = pool.route->address(server);
  const ServerReport& report = pool.servers[server];
  v1::Server message;
  message.set_name(ValidUtf8(config.name));
  if (address) message.set_address(ToString(*address));
  message.set_weight(config.weight);
  const bool ejected = report.health != Health::State::kLive;
  message.set_live(!ejected && !report.ejected_by_hand);
  message.set_ejected(ejected);
  message.set_ejected_by_hand(report.ejected_by_hand);
  message.set_failures(report.failures);
  if (report.next_probe) *message.mutable_next_probe() = ToDuration(*report.next_probe);
  return message;
}

absl::StatusOr<v1::RouteResponse> MakeRouteResponse(const PoolReport& pool, std::string_view key) {
  const absl::StatusOr<std::shared_ptr<const PoolRoute>> all = pool.route->WithAllLive();
  if (!all.ok()) return all.status();
  const hashing::Explanation wanted = *(*all)->Explain(key);
  const std::optional<hashing::Explanation> found = pool.route->Explain(key);

  const PoolConfig& config = pool.route->config();
  v1::RouteResponse response;
  response.set_pool(ValidUtf8(config.name));
  response.set_hashed_part(absl::CHexEscape(std::string(wanted.hashed_part)));
  response.set_hash(config.hash);
  response.set_hash_value(wanted.hash);
  response.set_distribution(config.distribution);
  *response.mutable_destination() =
      MakeDestination(*pool.route, found ? found->finding : hashing::Finding());
  *response.mutable_if_all_live() = MakeDestination(**all, wanted.finding);
  for (size_t server = 0; server < pool.servers.size(); ++server) {
    if (!pool.route->IsLive(server)) *response.add_out() = MakeServer(pool, server);
  }
  return response;
}

v1::LogLevel MakeLogLevel(LogLevel level) {
  v1::LogLevel message;
  message.set_name(std::string(LevelName(level)));
  message.set_number(static_cast<int>(level));
  return message;
}

absl::StatusOr<LogLevel> ParseLogLevel(const std::string& text) {
  std::optional<int> number = ParseNumber(text, 0, kLastLevel);
  std::string names;
  for (int i = 0; i <= kLastLevel; ++i) {
    const std::string_view name = LevelName(static_cast<LogLevel>(i));
    if (name == text) number = i;
    absl::StrAppendFormat(&names, "%s%s", i == 0 ? "" : ", ", name);
  }
  if (number) return static_cast<LogLevel>(*number);
  return absl::InvalidArgumentError(
      absl::StrFormat("'%s' is no log level; there are %s, or 0 to %d", text, names, kLastLevel));
}

}  // namespace keyway

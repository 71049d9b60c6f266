#include "proxy/control/stats_pages.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "hashing/placement.h"
#include "proxy/stats/json.h"
#include "proxy/stats/prometheus.h"

namespace keyway {
namespace {

int64_t Seconds(WallTime::duration duration) {
  return std::chrono::duration_cast<std::chrono::seconds>(duration).count();
}

// The indices of what has a name, in nutcracker's order of the names.
template <class Named>
std::vector<size_t> OrderByName(const std::vector<Named>& all) {
  std::vector<hashing::Member> members;
  for (const Named& each : all) members.push_back({.name = each.name});
  return hashing::TwemproxyOrder(members);
}

}  // namespace

std::vector<ShownPool> ShowInTwemproxyOrder(const Config& config) {
  std::vector<ShownPool> shown;
  for (const size_t i : OrderByName(config.pools)) {
    const PoolConfig& pool = config.pools[i];
    ShownPool& place = shown.emplace_back();
    place.name = pool.name;
    place.index = i;
    for (const size_t j : OrderByName(pool.servers)) {
      place.servers.push_back({.name = pool.servers[j].name, .index = j});
    }
  }
  return shown;
}

constexpr StatsPages::Page StatsPages::kPages[] = {
    {"/stats", &StatsPages::Stats},
    {"/metrics", &StatsPages::Metrics},
    {"/healthz", &StatsPages::Health},
};

StatsPages::StatsPages(EventLoop& loop, StatsSource source)
    : loop_(loop), source_(std::move(source)), latest_(loop.Now()) {}

std::string StatsPages::Json() {
  Totals totals = AddUp(source_.shown, source_.workers, *source_.control);
  latest_.Reduce(loop_.Now(), totals);
  const WallTime now = loop_.WallNow();
  return StatsJson({.source = source_.host,
                    .version = source_.version,
                    .uptime_s = Seconds(now - source_.started),
                    .timestamp_s = Seconds(now.time_since_epoch())},
                   totals);
}

HttpResponse StatsPages::Answer(const HttpRequest& request) {
  if (request.method != "GET" && request.method != "HEAD") {
    return {.status = 405, .body = "GET and HEAD only\n"};
  }
  std::string paths;
  for (const Page& page : kPages) {
    if (page.path == request.path) return (this->*page.make)();
    paths.append(page.path).append("\n");
  }
  return {.status = 404, .body = "no such page; there are:\n" + paths};
}

HttpResponse StatsPages::Stats() { return {.type = "application/json", .body = Json()}; }

HttpResponse StatsPages::Metrics() {
  const std::chrono::duration<double> started = source_.started.time_since_epoch();
  return {
      .type = "text/plain; version=0.0.4; charset=utf-8",
      .body = PrometheusText(
          {.version = source_.version, .start_time_s = started.count(), .process = SampleProcess()},
          AddUp(source_.shown, source_.workers, *source_.control))};
}

HttpResponse StatsPages::Health() {
  const std::string trouble = Trouble();
  if (trouble.empty()) return {.body = "ok\n"};
  return {.status = 503, .body = trouble + "\n"};
}

std::string StatsPages::Trouble() const {
  if (draining_) return "draining";
  if (source_.control->generation.value() == 0) return "starting";
  std::string dead;
  for (const ShownPool& pool : source_.shown) {
    if (!HasLiveServer(pool)) dead.append(dead.empty() ? "" : ", ").append(pool.name);
  }
  return dead.empty() ? dead : "no live server in: " + dead;
}

bool StatsPages::HasLiveServer(const ShownPool& pool) const {
  const std::vector<ServerHealth>& servers = source_.control->pools[pool.index];
  return std::any_of(servers.begin(), servers.end(), [](const ServerHealth& server) {
    return server.ejected.value() == 0 && server.ejected_by_hand.value() == 0;
  });
}

}  // namespace keyway

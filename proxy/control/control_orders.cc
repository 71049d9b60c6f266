// What operators ask of the control thread.
#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_format.h"
#include "proxy/control/control.h"

namespace keyway {
namespace {

// "a, b, c", for messages; long lists end early.
template <class Named>
std::string NamesOf(const Named& all, const auto& name_of) {
  constexpr size_t kMostNames = 20;
  std::string names;
  size_t count = 0;
  for (const auto& each : all) {
    if (count++ == kMostNames) break;
    absl::StrAppendFormat(&names, "%s%s", names.empty() ? "" : ", ", name_of(each));
  }
  if (all.size() > kMostNames) absl::StrAppendFormat(&names, ", … (%d in all)", all.size());
  return names;
}

}  // namespace

void Control::Report(ReportDone done) {
  loop_.Post([this, done = std::move(done)]() mutable { done(MakeReport()); });
}

void Control::EjectByHand(ServerName name, bool even_last, OrderDone done) {
  loop_.Post([this, name = std::move(name), even_last, done = std::move(done)]() mutable {
    Obey(name, true, even_last, std::move(done));
  });
}

void Control::RestoreByHand(ServerName name, OrderDone done) {
  loop_.Post([this, name = std::move(name), done = std::move(done)]() mutable {
    Obey(name, false, false, std::move(done));
  });
}

void Control::Obey(const ServerName& name, bool ejected, bool even_last, OrderDone done) {
  const absl::StatusOr<ServerId> id = Find(name);
  if (!id.ok()) return done(id.status());
  Server& server = ServerOf(*id);
  const bool changed = server.ejected_by_hand != ejected;
  if (changed && ejected && !even_last) {
    if (absl::Status others = CheckOthersLive(*id); !others.ok()) return done(std::move(others));
  }
  if (changed) {
    server.ejected_by_hand = ejected;
    server.stats.ejected_by_hand.Set(ejected ? 1 : 0);
    Log(orders_, LogLevel::kNotice, ejected ? "server ejected by hand" : "server restored by hand",
        *id);
    PublishSoon(*id);
  }
  // Behind the publication, which is due at the end of this turn, too.
  loop_.AtEndOfTurn([this, id = *id, changed, done = std::move(done)]() mutable {
    done(OrderReport{
        .changed = changed, .generation = generation_, .server = ReportOn(ServerOf(id))});
  });
}

absl::StatusOr<ServerId> Control::Find(const ServerName& name) const {
  const auto pool = std::find_if(pools_.begin(), pools_.end(),
                                 [&](const Pool& each) { return each.config->name == name.pool; });
  if (pool == pools_.end()) {
    return absl::NotFoundError(
        absl::StrFormat("there is no pool '%s'; there are: %s", name.pool,
                        NamesOf(pools_, [](const Pool& each) { return each.config->name; })));
  }
  const auto server =
      std::find_if(pool->servers.begin(), pool->servers.end(),
                   [&](const Server& each) { return each.config.name == name.server; });
  if (server == pool->servers.end()) {
    return absl::NotFoundError(absl::StrFormat(
        "pool '%s' has no server '%s'; it has: %s", name.pool, name.server,
        NamesOf(pool->servers, [](const Server& each) { return each.config.name; })));
  }
  return ServerId{.pool = static_cast<uint32_t>(pool - pools_.begin()),
                  .server = static_cast<uint32_t>(server - pool->servers.begin())};
}

absl::Status Control::CheckOthersLive(ServerId id) const {
  const Pool& pool = pools_[id.pool];
  const Server& server = pool.servers[id.server];
  const auto live = std::count_if(pool.servers.begin(), pool.servers.end(),
                                  [](const Server& each) { return each.live(); });
  if (live > 1 || !server.live()) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrFormat(
      "'%s' is the only live server of pool '%s': without it all requests would fail",
      server.config.name, pool.config->name));
}

ServerReport Control::ReportOn(const Server& server) const {
  ServerReport report = {.health = server.health.state(),
                         .ejected_by_hand = server.ejected_by_hand,
                         .failures = server.health.failures(),
                         .next_probe = std::nullopt};
  if (report.health == Health::State::kEjected) {
    report.next_probe = std::max(Duration::zero(), server.health.probe_due() - loop_.Now());
  }
  return report;
}

ControlReport Control::MakeReport() const {
  ControlReport report = {.now = loop_.WallNow(), .generation = generation_, .pools = {}};
  for (const Pool& pool : pools_) {
    PoolReport& place = report.pools.emplace_back();
    place.route = pool.route;
    for (const Server& server : pool.servers) place.servers.push_back(ReportOn(server));
  }
  return report;
}

}  // namespace keyway

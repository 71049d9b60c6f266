// What operators ask of the control thread.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "proxy/control/control.h"

namespace keyway {
namespace {

uint32_t IndexOf(const std::vector<std::string>& names, const std::string& name) {
  return static_cast<uint32_t>(std::find(names.begin(), names.end(), name) - names.begin());
}

}  // namespace

void Control::Report(ReportDone done) {
  loop_.Post([this, done = std::move(done)]() mutable { done(MakeReport()); });
}

void Control::EjectByHand(ServerName name, bool even_last, OrderDone done) {
  loop_.Post([this, name = std::move(name), even_last, done = std::move(done)]() mutable {
    Obey(name, /*ejected=*/true, even_last, std::move(done));
  });
}

void Control::RestoreByHand(ServerName name, OrderDone done) {
  loop_.Post([this, name = std::move(name), done = std::move(done)]() mutable {
    Obey(name, /*ejected=*/false, /*even_last=*/false, std::move(done));
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
    done(OrderReport{.changed = changed,
                     .generation = generation_,
                     .pool = ReportOn(pools_[id.pool]),
                     .server = id.server});
  });
}

absl::StatusOr<ServerId> Control::Find(const ServerName& name) const {
  ServerId id;
  std::vector<std::string> pools;
  for (const Pool& pool : pools_) pools.push_back(pool.config->name);
  id.pool = IndexOf(pools, name.pool);
  if (id.pool == pools.size()) return NoSuchPool(name.pool, pools);
  std::vector<std::string> servers;
  for (const Server& server : pools_[id.pool].servers) servers.push_back(server.config.name);
  id.server = IndexOf(servers, name.server);
  if (id.server == servers.size()) return NoSuchServer(name, servers);
  return id;
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

PoolReport Control::ReportOn(const Pool& pool) const {
  PoolReport report = {.route = pool.route, .servers = {}};
  for (const Server& server : pool.servers) report.servers.push_back(ReportOn(server));
  return report;
}

ControlReport Control::MakeReport() const {
  ControlReport report = {.now = loop_.WallNow(), .generation = generation_, .pools = {}};
  for (const Pool& pool : pools_) report.pools.push_back(ReportOn(pool));
  return report;
}

}  // namespace keyway

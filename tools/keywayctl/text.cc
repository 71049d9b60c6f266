#include "tools/keywayctl/text.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "absl/strings/str_format.h"
#include "tools/keywayctl/table.h"

namespace keyway {
namespace {

namespace v1 = admin::v1;

template <class Counters>
int64_t Value(const Counters& counters, const std::string& name) {
  const auto found = counters.find(name);
  return found == counters.end() ? 0 : found->second;
}

// "1 worker", "2 workers".
std::string Count(int64_t count, std::string_view what) {
  return absl::StrFormat("%d %s%s", count, what, count == 1 ? "" : "s");
}

// Its two greatest units: "3 d 4 h", "5 min 2 s", "7 s".
std::string UptimeText(int64_t seconds) {
  struct Unit {
    int64_t seconds;
    std::string_view name;
  };
  constexpr Unit kUnits[] = {{86400, "d"}, {3600, "h"}, {60, "min"}, {1, "s"}};
  const auto unit = std::find_if(std::begin(kUnits), std::end(kUnits) - 1,
                                 [&](const Unit& each) { return seconds >= each.seconds; });
  std::string text = absl::StrFormat("%d %s", seconds / unit->seconds, unit->name);
  if (unit->seconds == 1) return text;
  const Unit& next = unit[1];
  absl::StrAppendFormat(&text, " %d %s", seconds % unit->seconds / next.seconds, next.name);
  return text;
}

std::string SecondsText(const google::protobuf::Duration& duration) {
  return absl::StrFormat("%.1f s",
                         static_cast<double>(duration.seconds()) + duration.nanos() / 1e9);
}

// "live", "live, 1 failure", "ejected, probed in 2.5 s", "ejected by hand", …
std::string ServerStateText(const v1::Server& server) {
  if (server.ejected_by_hand())
    return server.ejected() ? "ejected, also by hand" : "ejected by hand";
  if (server.ejected()) {
    return server.has_next_probe() ? "ejected, probed in " + SecondsText(server.next_probe())
                                   : "ejected, probed now";
  }
  return server.failures() == 0 ? "live" : "live, " + Count(server.failures(), "failure");
}

std::string WorkersText(const v1::State& state) {
  int64_t clients = 0;
  int32_t least = INT32_MAX;
  int32_t most = 0;
  for (const v1::Worker& worker : state.workers()) {
    clients += worker.clients();
    least = std::min(least, worker.clients());
    most = std::max(most, worker.clients());
  }
  std::string text = Count(state.workers_size(), "worker") + ", " + Count(clients, "client");
  if (state.workers_size() > 1) {
    text += least == most ? absl::StrFormat(" (%d each)", most)
                          : absl::StrFormat(" (%d to %d each)", least, most);
  }
  return text;
}

std::string ServersText(const v1::Pool& pool) {
  Table table({{"SERVER"},
               {"ADDRESS"},
               {"STATE"},
               {"REQUESTS", true},
               {"WAITING", true},
               {"CONNECTIONS", true},
               {"LAST ERROR"}});
  for (const v1::Server& server : pool.servers()) {
    const auto& counters = server.counters();
    const int64_t waiting = Value(counters, "in_queue") + Value(counters, "out_queue");
    table.AddRow({server.name(), server.address().empty() ? "unknown" : server.address(),
                  ServerStateText(server), std::to_string(Value(counters, "requests")),
                  std::to_string(waiting), std::to_string(Value(counters, "server_connections")),
                  server.last_error()});
  }
  return table.ToString("  ");
}

std::string PoolText(const v1::Pool& pool) {
  const auto& counters = pool.counters();
  std::string text = absl::StrFormat("pool %s: %s on %s, %s, %s", pool.name(), pool.protocol(),
                                     pool.listen(), pool.distribution(), pool.hash());
  if (!pool.hash_tag().empty())
    absl::StrAppendFormat(&text, " of what %s encloses", pool.hash_tag());
  absl::StrAppendFormat(&text, "\n  %s, %s, %s\n",
                        Count(Value(counters, "client_connections"), "client"),
                        Count(Value(counters, "requests"), "request"),
                        Count(Value(counters, "forward_error"), "server error"));
  return text + ServersText(pool);
}

// "ring point 217 of 320, at 2654470000".
std::string PlaceText(const v1::Place& place) {
  std::string text = absl::StrFormat("%s %d of %d", place.kind(), place.index(), place.count());
  if (place.has_position()) absl::StrAppendFormat(&text, ", at %d", place.position());
  return text;
}

constexpr std::string_view kRandom = "random";

std::string NoServerText(const v1::RouteResponse& route) {
  return route.distribution() == kRandom ? "any: each request goes to another one"
                                         : "none: no server of the pool is live";
}

std::string OutText(const v1::RouteResponse& route) {
  std::string text;
  for (const v1::Server& server : route.out()) {
    absl::StrAppendFormat(&text, "%s%s (%s)", text.empty() ? "" : ", ", server.name(),
                          ServerStateText(server));
  }
  return text;
}

}  // namespace

std::string StateText(const v1::State& state) {
  const v1::Process& process = state.process();
  std::string text = absl::StrFormat(
      "keyway %s on %s, process %d, up %s, log level %s\n%s, routing %d\n", process.version(),
      process.host(), process.pid(), UptimeText(process.uptime().seconds()),
      process.log_level().name(), WorkersText(state), process.generation());
  for (const v1::Pool& pool : state.pools()) text += "\n" + PoolText(pool);
  return text;
}

std::string NamesText(const v1::State& state, bool of_servers) {
  std::string text;
  for (const v1::Pool& pool : state.pools()) {
    if (!of_servers) {
      text += pool.name() + "\n";
      continue;
    }
    for (const v1::Server& server : pool.servers()) text += server.name() + "\n";
  }
  return text;
}

std::string RouteText(const v1::RouteResponse& route) {
  const v1::Destination& now = route.destination();
  const v1::Destination& otherwise = route.if_all_live();
  Table table({{""}, {""}});
  table.AddRow({"server", now.server().empty() ? NoServerText(route) : now.server()});
  if (!now.server().empty()) {
    table.AddRow({"address", now.address().empty() ? "unknown" : now.address()});
  }
  table.AddRow({"pool", route.pool()});
  table.AddRow({"hashed part", route.hashed_part()});
  table.AddRow({"hash", absl::StrFormat("%s: %d", route.hash(), route.hash_value())});
  std::string distribution = route.distribution();
  if (now.has_place()) distribution += ": " + PlaceText(now.place());
  table.AddRow({"distribution", distribution});
  if (route.out_size() == 0) return table.ToString();
  table.AddRow({"out", OutText(route)});
  if (!otherwise.server().empty()) {
    table.AddRow({"if all live",
                  absl::StrFormat("%s: %s", otherwise.server(), PlaceText(otherwise.place()))});
  }
  return table.ToString();
}

std::string EjectedText(const std::string& pool, const v1::OrderResponse& response) {
  return absl::StrFormat("%s of pool %s %s (routing %d)\n", response.server().name(), pool,
                         response.changed() ? "is ejected by hand" : "was ejected by hand already",
                         response.generation());
}

std::string RestoredText(const std::string& pool, const v1::OrderResponse& response) {
  const v1::Server& server = response.server();
  const std::string now =
      server.live() ? "takes keys"
                    : "takes keys when a probe has succeeded: it is " + ServerStateText(server);
  return absl::StrFormat("%s of pool %s %s, and %s (routing %d)\n", server.name(), pool,
                         response.changed() ? "is restored" : "was not ejected by hand", now,
                         response.generation());
}

std::string LogLevelText(const v1::LogLevel& level) {
  return absl::StrFormat("%s (%d)\n", level.name(), level.number());
}

}  // namespace keyway

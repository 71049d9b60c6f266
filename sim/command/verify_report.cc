#include "sim/command/verify_report.h"

#include <algorithm>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "proxy/config/address_text.h"
#include "sim/command/spread_table.h"
#include "sim/verify/explain.h"

namespace keyway::sim {
namespace {

// Of all that would explain where the keys are.
constexpr size_t kExplanationsShown = 5;

std::string Plural(uint64_t count, const std::string& one) {
  return absl::StrFormat("%d %s%s", count, one, count == 1 ? "" : "s");
}

class Drawer {
 public:
  Drawer(const Pool& pool, const Experiment& experiment, size_t listed)
      : pool_(pool), experiment_(experiment), listed_(listed) {}

  Report Draw(const Findings& findings) const {
    Report report = {.command = "verify",
                     .title = absl::StrFormat("Where the keys of pool %s are: %s",
                                              pool_.config.name, sim::Describe(pool_.config)),
                     .warnings = pool_.warnings};
    AddPoolFacts(pool_.config, report);
    AddFacts(findings, report);
    AddServers(findings, report);
    if (findings.keys() == 0) report.warnings.push_back(NoKeys());
    if (findings.misplaced_keys() > 0) {
      AddMoves(findings, report);
      AddMisplaced(findings, report);
      AddExplanations(findings, report);
    }
    if (findings.proxy.has_value()) AddProxy(*findings.proxy, report);
    return report;
  }

 private:
  const std::string& NameOf(size_t server) const { return experiment_.servers[server].name; }

  void AddFacts(const Findings& findings, Report& report) const {
    const uint64_t keys = findings.keys(), misplaced = findings.misplaced_keys();
    report.facts.push_back(
        {.id = "keys", .title = "keys found", .unit = Unit::kCount, .value = keys});
    report.facts.push_back(
        {.id = "misplaced",
         .title = "on the wrong server",
         .unit = Unit::kCount,
         .value = misplaced,
         .note = "no client finds them there through a proxy with this configuration"});
    report.facts.push_back({.id = "copies",
                            .title = "of these, on the right one too",
                            .unit = Unit::kCount,
                            .value = findings.copies()});
    report.verdicts.push_back(
        {.id = "misplaced",
         .figure = Plural(misplaced, "key") + absl::StrFormat(" of %d on the wrong server", keys),
         .held = misplaced == 0});
  }

  std::string NoKeys() const {
    const PoolConfig& pool = pool_.config;
    if (!pool.redis) return "no server has any key";
    std::string text = absl::StrFormat("no server has any key in database %d", pool.redis_db);
    if (pool.redis_db != 0 && !pool.redis_auth.empty()) {
      text += "; nutcracker 0.5.0 writes to database 0 where there is a redis_auth";
    }
    return text;
  }

  void AddServers(const Findings& findings, Report& report) const {
    Table table = {
        .id = "servers",
        .title = "Servers",
        .columns = {{.id = "server", .title = "server"},
                    {.id = "address", .title = "address"},
                    {.id = "keys", .title = "keys", .unit = Unit::kCount},
                    {.id = "misplaced", .title = "belong elsewhere", .unit = Unit::kCount},
                    {.id = "copies", .title = "and are there too", .unit = Unit::kCount}}};
    for (size_t i = 0; i < findings.servers.size(); ++i) {
      const ServerFindings& server = findings.servers[i];
      table.rows.push_back({NameOf(i), experiment_.servers[i].address, server.keys,
                            server.misplaced, server.copies});
    }
    report.tables.push_back(std::move(table));
  }

  void AddMoves(const Findings& findings, Report& report) const {
    Table table = {.id = "moves",
                   .title = "Where the misplaced keys belong",
                   .columns = {{.id = "found", .title = "found on"},
                               {.id = "belongs", .title = "belong to"},
                               {.id = "keys", .title = "keys", .unit = Unit::kCount}}};
    for (size_t found = 0; found < findings.servers.size(); ++found) {
      for (size_t belongs = 0; belongs < findings.servers.size(); ++belongs) {
        const uint64_t keys = findings.servers[found].belongs[belongs];
        if (keys > 0) table.rows.push_back({NameOf(found), NameOf(belongs), keys});
      }
    }
    report.tables.push_back(std::move(table));
    report.charts.push_back({.kind = Chart::Kind::kMatrix,
                             .title = "Where the misplaced keys belong",
                             .table = "moves",
                             .label = "found",
                             .values = {"belongs", "keys"}});
  }

  void AddMisplaced(const Findings& findings, Report& report) const {
    if (findings.misplaced.empty()) return;
    Table table = {.id = "misplaced",
                   .title = "Misplaced keys",
                   .columns = {{.id = "key", .title = "key"},
                               {.id = "found", .title = "found on"},
                               {.id = "belongs", .title = "belongs to"},
                               {.id = "also_on", .title = "also on"}}};
    if (findings.misplaced.size() < findings.misplaced_keys()) {
      table.note = "The first ones of each server; --list shows more.";
    }
    for (const Misplaced& key : findings.misplaced) {
      std::string also_on;
      for (const size_t server : key.also_on) {
        also_on += (also_on.empty() ? "" : ", ") + NameOf(server);
      }
      table.rows.push_back({key.key, NameOf(key.found), NameOf(key.belongs),
                            also_on.empty() ? Value() : Value(also_on)});
    }
    report.tables.push_back(std::move(table));
  }

  // The names that the servers would have if the file gave none.
  std::vector<std::string> NamesByAddress() const {
    std::vector<std::string> names;
    for (const ServerConfig& server : pool_.config.servers) {
      ServerText unnamed;
      const std::string problem =
          ParseServer(server.line.substr(0, server.line.find(' ')), unnamed);
      names.push_back(problem.empty() ? unnamed.name : server.name);
    }
    return names;
  }

  void AddExplanations(const Findings& findings, Report& report) const {
    const std::vector<Explanation> all =
        Explain(experiment_.scenarios.front(), NamesByAddress(), findings.sample);
    const auto present = std::ranges::find(all, size_t{0}, &Explanation::differences);
    if (all.empty() || present == all.end()) return;
    Table table = {
        .id = "explanations",
        .title = "What the keys look like",
        .columns = {{.id = "placement", .title = "servers as in the file, but for"},
                    {.id = "matches", .title = "keys in place", .unit = Unit::kCount},
                    {.id = "share", .title = "share", .unit = Unit::kShare, .bar = true}},
        .note = absl::StrFormat("Of %d of the keys that were found.", all[0].keys)};
    const auto add = [&](const Explanation& one) {
      table.rows.push_back({Describe(one), uint64_t{one.matches},
                            static_cast<double>(one.matches) / static_cast<double>(one.keys)});
    };
    for (size_t i = 0; i < std::min(all.size(), kExplanationsShown); ++i) add(all[i]);
    if (static_cast<size_t>(present - all.begin()) >= kExplanationsShown) add(*present);
    report.tables.push_back(std::move(table));
    // A few keys more may be chance, where hash functions are alike.
    if (all[0].matches - present->matches > all[0].keys / 10) {
      report.warnings.push_back(absl::StrFormat(
          "%d of %d keys are where %s has them, %d where the file has them: were they written "
          "with other settings?",
          all[0].matches, all[0].keys, Describe(all[0]), present->matches));
    }
  }

  static std::string Describe(const Explanation& one) {
    std::string text = sim::Describe(one.options);
    if (one.by_address) text += ", servers without names";
    if (one.unweighted) text += ", all weights 1";
    return one.differences == 0 ? text + " (the file)" : text;
  }

  void AddProxy(const ProxyFindings& proxy, Report& report) const {
    const uint64_t unreadable = proxy.unreadable.size();
    report.facts.push_back({.id = "proxy_asked",
                            .title = "asked for through the proxy",
                            .unit = Unit::kCount,
                            .value = proxy.asked});
    report.facts.push_back({.id = "proxy_unreadable",
                            .title = "of these, not found",
                            .unit = Unit::kCount,
                            .value = unreadable});
    report.facts.push_back({.id = "proxy_gone",
                            .title = "gone meanwhile",
                            .unit = Unit::kCount,
                            .value = proxy.gone,
                            .note = "not found, and no longer on their server"});
    report.verdicts.push_back(
        {.id = "unreadable",
         .figure = Plural(unreadable, "key") +
                   absl::StrFormat(" of %d not found through the proxy", proxy.asked),
         .held = unreadable == 0});
    if (unreadable == 0) return;
    Table table = {.id = "unreadable",
                   .title = "Keys that the proxy does not find",
                   .columns = {{.id = "key", .title = "key"},
                               {.id = "found", .title = "found on"},
                               {.id = "answer", .title = "answer"}}};
    const size_t shown = std::min(proxy.unreadable.size(), listed_);
    for (const Unreadable& key : std::span(proxy.unreadable).first(shown)) {
      table.rows.push_back({key.found.key, NameOf(key.found.server),
                            key.answer.empty() ? Value("no such key") : Value(key.answer)});
    }
    if (shown < unreadable) table.note = "The first ones; --list shows more.";
    report.tables.push_back(std::move(table));
  }

  const Pool& pool_;
  const Experiment& experiment_;
  const size_t listed_;
};

}  // namespace

Report VerifyReport(const Pool& pool, const Experiment& experiment, const Findings& findings,
                    size_t listed) {
  return Drawer(pool, experiment, listed).Draw(findings);
}

}  // namespace keyway::sim

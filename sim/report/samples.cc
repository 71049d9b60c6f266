#include "sim/report/samples.h"

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "absl/strings/str_format.h"

namespace keyway::sim {
namespace {

constexpr uint64_t kKeys = 1'000'000;

// Ten servers on a ring of ketama: the spread that 160 points give.
constexpr std::array<double, 10> kRatios = {1.114, 0.971, 0.869, 1.052, 0.934,
                                            1.318, 0.899, 0.957, 0.943, 0.943};

std::string ServerName(size_t i) { return absl::StrFormat("cache-%02d.example:11211", i + 1); }

uint64_t Part(double ratio, uint64_t whole) {
  return static_cast<uint64_t>(std::llround(ratio * 0.1 * static_cast<double>(whole)));
}

std::vector<Fact> Inputs() {
  return {
      {.id = "pool", .title = "pool", .value = "sessions"},
      {.id = "hash", .title = "hash", .value = "fnv1a_64"},
      {.id = "distribution", .title = "distribution", .value = "ketama"},
      {.id = "hash_tag", .title = "hash tag", .value = "{}"},
      {.id = "sources", .title = "keys from", .value = "sessions-2024-03.rdb"},
      {.id = "keys", .title = "keys", .unit = Unit::kCount, .value = kKeys},
      {.id = "bytes", .title = "bytes", .unit = Unit::kBytes, .value = uint64_t{48'211'903'114}},
  };
}

std::vector<Fact> Spread() {
  return {
      {.id = "peak_to_mean",
       .title = "peak / mean",
       .unit = Unit::kRatio,
       .value = 1.318,
       .note = "of keys, against the weights"},
      {.id = "min_to_mean", .title = "min / mean", .unit = Unit::kRatio, .value = 0.869},
      {.id = "variation",
       .title = "coefficient of variation",
       .unit = Unit::kNumber,
       .value = 0.1261},
      {.id = "gini", .title = "Gini", .unit = Unit::kNumber, .value = 0.0648},
      {.id = "chi_square_p",
       .title = "chi-square p",
       .unit = Unit::kProbability,
       .value = 3.2e-17,
       .note = "that keys placed at random are as uneven; a ring always is"},
      {.id = "different_keys",
       .title = "different keys",
       .unit = Unit::kCount,
       .value = uint64_t{998'204},
       .estimate = true,
       .note = "HyperLogLog with 2^14 registers, standard error 0.8 %"},
  };
}

Table Servers() {
  Table table{
      .id = "servers",
      .title = "Servers",
      .columns = {{.id = "server", .title = "server"},
                  {.id = "weight", .title = "weight", .unit = Unit::kNumber},
                  {.id = "keys", .title = "keys", .unit = Unit::kCount},
                  {.id = "bytes", .title = "bytes", .unit = Unit::kBytes},
                  {.id = "reads", .title = "reads", .unit = Unit::kCount},
                  {.id = "writes", .title = "writes", .unit = Unit::kCount},
                  {.id = "share", .title = "share of keys", .unit = Unit::kShare},
                  {.id = "owned", .title = "owned of the ring", .unit = Unit::kShare},
                  {.id = "ratio", .title = "share / fair", .unit = Unit::kRatio, .bar = true}},
      .rows = {},
      .note = "share / fair: 1 is just right; the fair share is the weight by all weights."};
  for (size_t i = 0; i < kRatios.size(); ++i) {
    const double ratio = kRatios[i];
    table.rows.push_back({ServerName(i), uint64_t{1}, Part(ratio, kKeys),
                          Part(ratio * 1.03, 48'211'903'114), Part(ratio * 0.98, 81'339'204),
                          Part(ratio, 9'022'611), ratio / 10, ratio / 10 + 0.0007 * (i % 3),
                          ratio});
  }
  return table;
}

Table HotKeys() {
  Table table{.id = "hot_keys",
              .title = "Hottest keys",
              .columns = {{.id = "key", .title = "key"},
                          {.id = "server", .title = "server"},
                          {.id = "requests",
                           .title = "requests",
                           .unit = Unit::kCount,
                           .bar = true,
                           .estimate = true},
                          {.id = "share", .title = "of all", .unit = Unit::kShare}},
              .rows = {},
              .note = "Space-Saving with 4,096 counters: at most 0.02 % of the requests too many."};
  for (uint64_t i = 1; i <= 8; ++i) {
    table.rows.push_back({absl::StrFormat("user:%d:profile", i * 7919), ServerName(i * 3 % 10),
                          5'400'000 / i, 0.0598 / static_cast<double>(i)});
  }
  return table;
}

Report Balance() {
  Report report{.command = "balance",
                .title = "sessions: 1,000,000 keys on 10 servers, ketama, fnv1a_64"};
  report.facts = Inputs();
  for (Fact& fact : Spread()) report.facts.push_back(std::move(fact));
  report.tables = {Servers(), HotKeys()};
  report.charts = {{.kind = Chart::Kind::kBars,
                    .title = "Share of the keys",
                    .table = "servers",
                    .label = "server",
                    .values = {"share"},
                    .mark = 0.1,
                    .mark_title = "fair share"},
                   {.kind = Chart::Kind::kBars,
                    .title = "What the ring gives each server, and what the keys did",
                    .table = "servers",
                    .label = "server",
                    .values = {"owned", "share"}}};
  report.warnings = {
      "The hottest key, user:7919:profile, has 5.98 % of the requests: no placement brings "
      "peak / mean of the requests of 10 servers below 1.538."};
  return report;
}

Table Moves() {
  Table table{.id = "moves",
              .title = "Moves",
              .columns = {{.id = "from", .title = "from"},
                          {.id = "to", .title = "to"},
                          {.id = "keys", .title = "keys", .unit = Unit::kCount},
                          {.id = "bytes", .title = "bytes", .unit = Unit::kBytes}},
              .rows = {},
              .note = ""};
  constexpr std::array<uint64_t, 6> kMoves = {18'204, 9'655, 31'870, 2'311, 14'902, 22'489};
  const std::array<std::string, 4> names = {"redis-a", "redis-b", "redis-c", "redis-d (new)"};
  for (size_t from = 0; from < 3; ++from) {
    for (size_t to = 0; to < 4; ++to) {
      const uint64_t keys = from == to ? 210'000 + 9'173 * from
                            : to == 3  ? 61'204 + 7'311 * from
                                       : kMoves[2 * from + to % 2];
      table.rows.push_back({names[from], names[to], keys, keys * 4'812});
    }
  }
  return table;
}

Report Diff() {
  Report report{.command = "diff", .title = "sessions: from old.yml to new.yml, 3 to 4 servers"};
  report.facts = Inputs();
  const std::vector<Fact> figures = {
      {.id = "moved_keys", .title = "keys that move", .unit = Unit::kShare, .value = 0.3127},
      {.id = "needed",
       .title = "needed",
       .unit = Unit::kShare,
       .value = 0.25,
       .note = "what any scheme has to move to fill the new server"},
      {.id = "avoidable", .title = "avoidable", .unit = Unit::kShare, .value = 0.0627},
      {.id = "extra_misses", .title = "extra misses", .unit = Unit::kCount, .value = 312'733.0}};
  report.facts.insert(report.facts.end(), figures.begin(), figures.end());
  report.tables = {Moves()};
  report.charts = {{.kind = Chart::Kind::kMatrix,
                    .title = "Keys from server (row) to server (column)",
                    .table = "moves",
                    .label = "from",
                    .values = {"to", "keys"}}};
  return report;
}

Report Failures() {
  Report report{.command = "failures",
                .title = "sessions: every loss of a server of 10, and of several"};
  report.facts = Inputs();
  Table curve{.id = "losses",
              .title = "Load by the number of lost servers",
              .columns = {{.id = "lost", .title = "servers lost", .unit = Unit::kNumber},
                          {.id = "cases", .title = "cases", .unit = Unit::kCount},
                          {.id = "worst", .title = "worst server", .unit = Unit::kShare},
                          {.id = "mean", .title = "mean server", .unit = Unit::kShare}},
              .rows = {},
              .note = ""};
  for (uint64_t lost = 0; lost <= 4; ++lost) {
    const auto left = static_cast<double>(10 - lost);
    curve.rows.push_back({lost, uint64_t{lost == 0 ? 1 : lost * 45},
                          1 / left * (1.318 + 0.09 * static_cast<double>(lost)), 1 / left});
  }
  Table singles{.id = "single",
                .title = "Each single loss",
                .columns = {{.id = "lost", .title = "lost"},
                            {.id = "worst", .title = "worst server then"},
                            {.id = "load", .title = "its load", .unit = Unit::kShare, .bar = true},
                            {.id = "overloads", .title = "overloads"}},
                .rows = {},
                .note = ""};
  for (size_t i = 0; i < 10; ++i) {
    const double load = 0.1318 + 0.002 * static_cast<double>(i * 7 % 10);
    singles.rows.push_back(
        {ServerName(i), ServerName((i + 5) % 10), load, load > 0.14 ? "yes" : "no"});
  }
  report.tables = {curve, singles};
  report.charts = {{.kind = Chart::Kind::kLines,
                    .title = "Load of the worst and of the mean server",
                    .table = "losses",
                    .label = "lost",
                    .values = {"worst", "mean"},
                    .mark = 0.2,
                    .mark_title = "capacity"}};
  return report;
}

Report Advise() {
  Report report{.command = "advise", .title = "sessions: 5 alternatives to ketama with fnv1a_64"};
  report.facts = Inputs();
  report.facts.push_back({.id = "written", .title = "written to", .value = "recommended.yml"});
  Table table{
      .id = "alternatives",
      .title = "Alternatives, best first",
      .columns = {{.id = "hash", .title = "hash"},
                  {.id = "distribution", .title = "distribution"},
                  {.id = "peak_to_mean", .title = "peak / mean", .unit = Unit::kRatio, .bar = true},
                  {.id = "moved", .title = "moves", .unit = Unit::kShare},
                  {.id = "why", .title = "why"}},
      .rows = {{"fnv1a_64", "maglev", 1.004, 0.8991, "even, moves nearly everything once"},
               {"murmur", "multi_probe", 1.041, 0.8987, "even, small table"},
               {"xxh64", "ketama", 1.109, 0.9004, "like today"},
               {"fnv1a_64", "ketama", 1.318, 0.0, "today"},
               {"crc32", "ketama", 2.75, 0.8999, "uses half of the ring"}},
      .note = ""};
  report.tables = {table};
  report.charts = {{.kind = Chart::Kind::kBars,
                    .title = "Balance and cost of the move",
                    .table = "alternatives",
                    .label = "distribution",
                    .values = {"peak_to_mean", "moved"}}};
  report.warnings = {
      "cache-03.example:11211 and cache-07.example:11211 are one address under two names.",
      "ketama gives each of 25 servers 156 points instead of 160, as Twemproxy does."};
  return report;
}

Report Check(bool held) {
  Report report{.command = "check", .title = "sessions: from old.yml to new.yml"};
  report.facts = Spread();
  report.tables = {Servers()};
  report.verdicts = {{"max_peak_to_mean", "peak / mean of keys 1.318, limit 1.250", held},
                     {"max_moved", "9.12 % of the keys move, limit 10.00 %", true}};
  return report;
}

Report Verify(bool same) {
  Report report{.command = "verify", .title = "sessions: 10 servers as they are"};
  report.facts = {{.id = "keys", .title = "keys looked at", .unit = Unit::kCount, .value = kKeys},
                  {.id = "differences",
                   .title = "elsewhere than predicted",
                   .unit = Unit::kCount,
                   .value = uint64_t{same ? 0u : 2u}}};
  Table table{.id = "differences",
              .title = "Keys elsewhere than predicted",
              .columns = {{.id = "key", .title = "key"},
                          {.id = "predicted", .title = "predicted"},
                          {.id = "found", .title = "found on"}},
              .rows = {},
              .note = ""};
  if (!same) {
    table.rows = {{"user:17", ServerName(2), ServerName(4)},
                  {"session:\xff\x01", ServerName(0), std::monostate()}};
  }
  report.tables = {table};
  report.verdicts = {
      {"no_differences", same ? "no key is elsewhere" : "2 keys are elsewhere", same}};
  return report;
}

Report Study() {
  Report report{.command = "study", .title = "ring: 100 servers, 1 to 640 points, 200 rings each"};
  report.facts = {{.id = "seed", .title = "seed", .unit = Unit::kNumber, .value = uint64_t{42}}};
  Table table{.id = "points",
              .title = "Spread by the number of points",
              .columns = {{.id = "points", .title = "points", .unit = Unit::kNumber},
                          {.id = "deviation", .title = "standard deviation", .unit = Unit::kNumber},
                          {.id = "theory", .title = "sqrt((n-1)/(nk+1))", .unit = Unit::kNumber}},
              .rows = {},
              .note = "Karger et al. 1997; the share of a server is Beta(k, (n-1)k)."};
  for (uint64_t points = 1; points <= 640; points *= 2) {
    const double theory = std::sqrt(99.0 / (100.0 * static_cast<double>(points) + 1));
    table.rows.push_back({points, theory * (1 + 0.01 * static_cast<double>(points % 3)), theory});
  }
  report.tables = {table};
  report.charts = {{.kind = Chart::Kind::kLines,
                    .title = "Standard deviation of the shares",
                    .table = "points",
                    .label = "points",
                    .values = {"deviation", "theory"}}};
  return report;
}

// Names that would break out of an element, an attribute, a script, a cell or a line.
Report Hostile() {
  constexpr std::string_view kBreakOut = "</script><script>document.title='broken'</script>";
  const std::array<std::string, 8> keys = {std::string(kBreakOut),
                                           "<img src=x onerror=\"document.title='broken'\">",
                                           "\"><b>bold</b>&amp;",
                                           "=HYPERLINK(\"http://example.org\",\"a\")",
                                           "comma, \"quote\", line\nfeed\r\n and \x1b[31mred",
                                           std::string("zero \0 and \xff\xfe not UTF-8 \\", 25),
                                           "caf\u00e9 \u65e5\u672c\u8a9e \u202egnirts",
                                           std::string(300, 'k')};
  Report report{.command = "balance", .title = "title " + std::string(kBreakOut)};
  report.facts = {{.id = "pool", .title = "pool", .value = std::string(kBreakOut)},
                  {.id = "none", .title = "no value", .unit = Unit::kRatio},
                  {.id = "nan", .title = "not a number", .unit = Unit::kRatio, .value = NAN},
                  {.id = "most",
                   .title = "most <b>",
                   .unit = Unit::kCount,
                   .value = UINT64_MAX,
                   .note = "note " + std::string(kBreakOut)}};
  Table table{.id = "keys",
              .title = "Keys " + std::string(kBreakOut),
              .columns = {{.id = "key", .title = "key <i>"},
                          {.id = "count", .title = "count", .unit = Unit::kCount, .bar = true}},
              .rows = {},
              .note = std::string(kBreakOut)};
  for (size_t i = 0; i < keys.size(); ++i) table.rows.push_back({keys[i], uint64_t{i}});
  Table moves{.id = "moves",
              .title = "Moves",
              .columns = {{.id = "from", .title = "from"},
                          {.id = "to", .title = "to"},
                          {.id = "keys", .title = "keys", .unit = Unit::kCount}},
              .rows = {{keys[0], keys[1], uint64_t{3}}, {keys[2], keys[7], uint64_t{4}}},
              .note = ""};
  report.tables = {table, moves};
  report.charts = {{.kind = Chart::Kind::kBars,
                    .title = std::string(kBreakOut),
                    .table = "keys",
                    .label = "key",
                    .values = {"count"},
                    .mark = 3,
                    .mark_title = std::string(kBreakOut)},
                   {.kind = Chart::Kind::kMatrix,
                    .title = "moves",
                    .table = "moves",
                    .label = "from",
                    .values = {"to", "keys"}}};
  report.verdicts = {{"max_moved", std::string(kBreakOut), false}};
  report.warnings = {std::string(kBreakOut)};
  return report;
}

Report Large() {
  constexpr size_t kServers = 3000;
  Report report{.command = "diff", .title = "3,000 servers to 3,001"};
  Table servers{
      .id = "servers",
      .title = "Servers",
      .columns = {{.id = "server", .title = "server"},
                  {.id = "keys", .title = "keys", .unit = Unit::kCount},
                  {.id = "ratio", .title = "share / fair", .unit = Unit::kRatio, .bar = true}},
      .rows = {},
      .note = ""};
  Table moves{.id = "moves",
              .title = "Moves",
              .columns = {{.id = "from", .title = "from"},
                          {.id = "to", .title = "to"},
                          {.id = "keys", .title = "keys", .unit = Unit::kCount}},
              .rows = {},
              .note = ""};
  for (size_t i = 0; i < kServers; ++i) {
    const std::string name = absl::StrFormat("10.%d.%d.%d:6379", i / 250, i % 250, i % 7);
    const double ratio = 1 + 0.3 * std::sin(static_cast<double>(i * i));
    servers.rows.push_back({name, Part(ratio, 3000), ratio});
    moves.rows.push_back({name, "10.99.0.1:6379", uint64_t{i * 37 % 401}});
  }
  report.tables = {servers, moves};
  report.charts = {{.kind = Chart::Kind::kBars,
                    .title = "Keys of each server",
                    .table = "servers",
                    .label = "server",
                    .values = {"keys"},
                    .mark = 300,
                    .mark_title = "fair share"},
                   {.kind = Chart::Kind::kMatrix,
                    .title = "Moves of keys",
                    .table = "moves",
                    .label = "from",
                    .values = {"to", "keys"}}};
  return report;
}

}  // namespace

Report SmallReport() {
  Report report{.command = "balance", .title = "pool alpha: 3 servers"};
  report.facts = {{.id = "hash", .title = "hash", .value = "md5"},
                  {.id = "keys", .title = "keys", .unit = Unit::kCount, .value = uint64_t{1'000}},
                  {.id = "mean", .title = "mean size", .unit = Unit::kBytes},
                  {.id = "different",
                   .title = "different keys",
                   .unit = Unit::kCount,
                   .value = uint64_t{987},
                   .estimate = true,
                   .note = "HyperLogLog, standard error 0.8 %"}};
  report.tables = {
      {.id = "servers",
       .title = "Servers",
       .columns = {{.id = "server", .title = "server"},
                   {.id = "keys", .title = "keys", .unit = Unit::kCount},
                   {.id = "bytes", .title = "bytes", .unit = Unit::kBytes, .estimate = true},
                   {.id = "ratio", .title = "share/fair", .unit = Unit::kRatio, .bar = true}},
       .rows = {{"a", uint64_t{500}, uint64_t{12'300'000}, 1.0},
                {"long \xff name", uint64_t{625}, uint64_t{999}, 1.25},
                {"c", uint64_t{0}, std::monostate(), 0.0}},
       .note = "1 is just right."}};
  report.charts = {{.kind = Chart::Kind::kBars,
                    .title = "Keys",
                    .table = "servers",
                    .label = "server",
                    .values = {"keys"},
                    .mark = 500,
                    .mark_title = "fair"}};
  report.verdicts = {{"max_moved", "moved 0.00 %, limit 10.00 %", true},
                     {"max_peak_to_mean", "peak/mean 1.250, limit 1.200", false}};
  report.warnings = {"2 lines of keys.txt are bad"};
  return report;
}

std::vector<Sample> Samples() {
  return {{"small", SmallReport()},
          {"balance", Balance()},
          {"diff", Diff()},
          {"failures", Failures()},
          {"advise", Advise()},
          {"check_held", Check(true)},
          {"check_broken", Check(false)},
          {"verify_same", Verify(true)},
          {"verify_different", Verify(false)},
          {"study", Study()},
          {"hostile", Hostile()},
          {"large", Large()},
          {"empty", {.command = "balance", .title = "nothing"}}};
}

}  // namespace keyway::sim

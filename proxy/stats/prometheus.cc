#include "proxy/stats/prometheus.h"

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "proxy/stats/utf8.h"

namespace keyway {
namespace {

constexpr std::string_view kPrefix = "keyway_";

// Bounds of the exposed histograms: the powers of two from 32 µs to 17 s. Each is
// also the bound of a finer bucket, so that nothing is rounded.
constexpr int kFirstBoundBit = 5;
constexpr int kLastBoundBit = 24;

using Label = std::pair<std::string_view, std::string_view>;

// As the format wants it inside of quotes.
std::string Escaped(std::string_view value) {
  std::string escaped;
  for (const char c : ValidUtf8(value)) {
    if (c == '\\' || c == '"') escaped += '\\';
    if (c == '\n') {
      escaped += "\\n";
    } else {
      escaped += c;
    }
  }
  return escaped;
}

// {pool="alpha",server="redis-1"}; nothing without labels. Those without a value are
// left out.
std::string Labels(std::initializer_list<Label> labels) {
  std::string text;
  for (const auto& [name, value] : labels) {
    if (value.empty()) continue;
    absl::StrAppendFormat(&text, "%c%s=\"%s\"", text.empty() ? '{' : ',', name, Escaped(value));
  }
  if (!text.empty()) text += '}';
  return text;
}

// What the format calls a family: its head and its series, if it has any.
void AppendFamily(std::string_view name, std::string_view help, std::string_view type,
                  const std::string& series, std::string& text) {
  if (series.empty()) return;
  absl::StrAppendFormat(&text, "# HELP %s %s\n# TYPE %s %s\n%s", name, help, name, type, series);
}

std::string Seconds(int64_t microseconds) {
  return absl::StrFormat("%d.%06d", microseconds / 1'000'000, microseconds % 1'000'000);
}

std::string ValueText(int64_t value, Exposed::As as) {
  switch (as) {
    case Exposed::As::kItself:
      break;
    case Exposed::As::kMicroseconds:
      return Seconds(value);
    case Exposed::As::kOpposite:
      return value == 0 ? "1" : "0";
  }
  return absl::StrFormat("%d", value);
}

template <class Row>
std::string FullName(const Row& row) {
  return absl::StrFormat("%s%s%s", kPrefix, row.exposed.name,
                         row.kind == MetricKind::kCounter ? "_total" : "");
}

// Of all rows with that name.
template <class Row>
std::string Help(std::span<const Row> rows, std::string_view name) {
  std::string help;
  for (const Row& row : rows) {
    if (row.exposed.name != name) continue;
    if (!help.empty()) help += "; ";
    if (!row.exposed.kind.empty()) absl::StrAppendFormat(&help, "%s: ", row.exposed.kind);
    absl::StrAppendFormat(&help, "%s", row.exposed.help.empty() ? row.help : row.exposed.help);
  }
  return help;
}

// All rows as families. `each` calls its argument with the values and labels of every
// pool or server.
template <class Row, class Each>
void AppendRows(std::span<const Row> rows, const Each& each, std::string& text) {
  for (size_t first = 0; first < rows.size(); ++first) {
    const std::string_view name = rows[first].exposed.name;
    const auto has_name = [&](const Row& row) { return row.exposed.name == name; };
    if (name.empty() || std::any_of(rows.begin(), rows.begin() + first, has_name)) continue;
    const std::string full_name = FullName(rows[first]);
    std::string series;
    each([&](const std::vector<int64_t>& values, std::string_view pool, std::string_view server) {
      for (size_t i = first; i < rows.size(); ++i) {
        if (!has_name(rows[i])) continue;
        const Exposed& exposed = rows[i].exposed;
        absl::StrAppendFormat(&series, "%s%s %s\n", full_name,
                              Labels({{"pool", pool}, {"server", server}, {"kind", exposed.kind}}),
                              ValueText(values[i], exposed.as));
      }
    });
    const bool counter = rows[first].kind == MetricKind::kCounter;
    AppendFamily(full_name, Help(rows, name), counter ? "counter" : "gauge", series, text);
  }
}

void AppendHistogram(std::string_view name, const HistogramCounts& counts, std::string_view pool,
                     std::string_view server, std::string& text) {
  for (int bit = kFirstBoundBit; bit <= kLastBoundBit; ++bit) {
    const int64_t bound_us = int64_t{1} << bit;
    absl::StrAppendFormat(&text, "%s_bucket%s %d\n", name,
                          Labels({{"pool", pool}, {"server", server}, {"le", Seconds(bound_us)}}),
                          counts.CountUpTo(bound_us));
  }
  const std::string labels = Labels({{"pool", pool}, {"server", server}});
  const int64_t total = counts.total();
  absl::StrAppendFormat(&text, "%s_bucket%s %d\n", name,
                        Labels({{"pool", pool}, {"server", server}, {"le", "+Inf"}}), total);
  absl::StrAppendFormat(&text, "%s_sum%s %s\n", name, labels, Seconds(counts.sum_us()));
  absl::StrAppendFormat(&text, "%s_count%s %d\n", name, labels, total);
}

void AppendLatencies(const Totals& totals, std::string& text) {
  constexpr std::string_view kOfPools = "keyway_request_duration_seconds";
  constexpr std::string_view kOfServers = "keyway_server_request_duration_seconds";
  std::string pools, servers;
  for (const PoolTotals& pool : totals.pools) {
    AppendHistogram(kOfPools, pool.latency, pool.name, "", pools);
    for (const ServerTotals& server : pool.servers) {
      AppendHistogram(kOfServers, server.latency, pool.name, server.name, servers);
    }
  }
  AppendFamily(kOfPools, "from a client's request to its reply, where a server was asked",
               "histogram", pools, text);
  AppendFamily(kOfServers, "from a request or part to the server's reply or the timeout",
               "histogram", servers, text);
}

void AppendProcess(const PrometheusHeader& header, std::string& text) {
  AppendFamily("keyway_build_info", "always 1; the version is in the label", "gauge",
               absl::StrFormat("keyway_build_info%s 1\n", Labels({{"version", header.version}})),
               text);
  const struct {
    std::string_view name;
    std::string_view help;
    std::string_view type;
    double value;
  } rows[] = {
      {"process_cpu_seconds_total", "user and system time of all threads", "counter",
       header.process.cpu_seconds},
      {"process_resident_memory_bytes", "memory in use", "gauge",
       static_cast<double>(header.process.resident_bytes)},
      {"process_virtual_memory_bytes", "address space in use", "gauge",
       static_cast<double>(header.process.virtual_bytes)},
      {"process_open_fds", "files and sockets open now", "gauge",
       static_cast<double>(header.process.open_fds)},
      {"process_max_fds", "files and sockets that may be open", "gauge",
       static_cast<double>(header.process.max_fds)},
      {"process_threads", "threads", "gauge", static_cast<double>(header.process.threads)},
      {"process_start_time_seconds", "the start of the process, since 1970", "gauge",
       header.start_time_s},
  };
  for (const auto& row : rows) {
    AppendFamily(row.name, row.help, row.type, absl::StrFormat("%s %.15g\n", row.name, row.value),
                 text);
  }
}

}  // namespace

std::string PrometheusText(const PrometheusHeader& header, const Totals& totals) {
  std::string text;
  AppendProcess(header, text);
  AppendRows(
      ProcessMetrics(), [&](const auto& append) { append(totals.values, "", ""); }, text);
  AppendRows(
      PoolMetrics(),
      [&](const auto& append) {
        for (const PoolTotals& pool : totals.pools) append(pool.values, pool.name, "");
      },
      text);
  AppendRows(
      ServerMetrics(),
      [&](const auto& append) {
        for (const PoolTotals& pool : totals.pools) {
          for (const ServerTotals& server : pool.servers) {
            append(server.values, pool.name, server.name);
          }
        }
      },
      text);
  AppendLatencies(totals, text);
  return text;
}

}  // namespace keyway

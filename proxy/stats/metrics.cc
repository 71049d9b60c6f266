#include "proxy/stats/metrics.h"

#include "absl/strings/str_format.h"

namespace keyway {
namespace {

constexpr auto kCounter = MetricKind::kCounter;
constexpr auto kGauge = MetricKind::kGauge;

using As = Exposed::As;

constexpr ProcessMetric kProcessMetrics[] = {
    {"total_connections",
     "connections made since the start: listeners, clients, servers",
     kCounter,
     &WorkerStats::total_connections,
     {"connections_made"}},
    {"curr_connections",
     "connections open now: listeners, clients, servers",
     kGauge,
     &WorkerStats::curr_connections,
     {"connections"}},
    {"routing_generation",
     "how often the routing has changed, the start included",
     kGauge,
     &ControlStats::generation,
     {"routing_generation"}},
    {"refused_readers",
     "readers of the statistics turned away because there were too many",
     kCounter,
     &ControlStats::refused_readers,
     {"stats_refused_readers"}},
};

constexpr PoolMetric kPoolMetrics[] = {
    {"client_eof",
     "client connections that the client ended",
     kCounter,
     &PoolStats::client_eof,
     {"client_disconnections", "eof"}},
    {"client_err",
     "client connections that ended for another reason",
     kCounter,
     &PoolStats::client_err,
     {"client_disconnections", "error"}},
    {"client_connections",
     "clients connected now",
     kGauge,
     &PoolStats::client_connections,
     {"client_connections"}},
    {"server_ejects", "times a server was ejected", kCounter, &ServerHealth::ejections, {}},
    {"forward_error",
     "requests answered with an error because a server failed",
     kCounter,
     &PoolStats::forward_error,
     {"client_request_errors", "server"}},
    {"fragments",
     "parts made by splitting requests with several keys",
     kCounter,
     &PoolStats::fragments,
     {"fragments"}},
    {"requests",
     "complete requests of clients",
     kCounter,
     &PoolStats::requests,
     {"client_requests"}},
    {"refused",
     "requests answered with an error without asking a server",
     kCounter,
     &PoolStats::refused,
     {"client_request_errors", "refused"}},
    {"rejected",
     "clients turned away because client_connections was reached",
     kCounter,
     &PoolStats::rejected,
     {"client_rejections"}},
    {"waiting_clients",
     "clients that wait to be accepted until there is room",
     kGauge,
     &PoolStats::waiting,
     {"clients_waiting"}},
    {"paused",
     "times a client was held back at a limit",
     kCounter,
     &PoolStats::paused,
     {"client_pauses"}},
    {"held",
     "times a server connection was held back because a client had too much of its replies",
     kCounter,
     &PoolStats::held,
     {"server_holds"}},
    {"dropped_clients",
     "clients disconnected because they did not read",
     kCounter,
     &PoolStats::dropped_clients,
     {"clients_dropped"}},
};

constexpr ServerMetric kServerMetrics[] = {
    {"server_eof",
     "connections that the server ended",
     kCounter,
     &ServerStats::server_eof,
     {"server_disconnections", "eof"}},
    {"server_err",
     "connections that ended with an error",
     kCounter,
     &ServerStats::server_err,
     {"server_disconnections", "error"}},
    {"server_timedout",
     "times that requests ran out of time",
     kCounter,
     &ServerStats::server_timedout,
     {"server_timeouts"}},
    {"server_connections",
     "connections open now",
     kGauge,
     &ServerStats::server_connections,
     {"server_connections"}},
    {"server_ejected_at",
     "last ejection, in microseconds since 1970",
     kGauge,
     &ServerHealth::ejected_at,
     {.name = "server_ejected_timestamp_seconds",
      .as = As::kMicroseconds,
      .help = "last ejection; 0 if there was none"}},
    {"requests",
     "requests and parts of requests sent",
     kCounter,
     &ServerStats::requests,
     {"server_requests"}},
    {"request_bytes",
     "bytes of the requests sent",
     kCounter,
     &ServerStats::request_bytes,
     {"server_bytes", "sent"}},
    {"responses", "replies received", kCounter, &ServerStats::responses, {"server_responses"}},
    {"response_bytes",
     "bytes of the replies received",
     kCounter,
     &ServerStats::response_bytes,
     {"server_bytes", "received"}},
    {"in_queue",
     "requests not yet written to the server",
     kGauge,
     &ServerStats::in_queue,
     {"server_queue_length", "unwritten"}},
    {"in_queue_bytes",
     "bytes of the requests not yet written",
     kGauge,
     &ServerStats::in_queue_bytes,
     {"server_queue_bytes", "unwritten"}},
    {"out_queue",
     "requests written and not yet answered",
     kGauge,
     &ServerStats::out_queue,
     {"server_queue_length", "unanswered"}},
    {"out_queue_bytes",
     "bytes of the requests not yet answered",
     kGauge,
     &ServerStats::out_queue_bytes,
     {"server_queue_bytes", "unanswered"}},
    {"overloads",
     "requests refused because the queue was full",
     kCounter,
     &ServerStats::overloads,
     {"server_overloads"}},
    {"late_replies",
     "replies dropped because their request had timed out",
     kCounter,
     &ServerStats::late_replies,
     {"server_late_replies"}},
    {"leases",
     "connections lent to one client each now",
     kGauge,
     &ServerStats::leases,
     {"server_leases"}},
    {"shortages",
     "connections that failed because the proxy had no files or memory left",
     kCounter,
     &ServerStats::shortages,
     {"server_shortages"}},
    {"server_ejected",
     "1 while the server is ejected",
     kGauge,
     &ServerHealth::ejected,
     {.name = "server_up",
      .as = As::kOpposite,
      .help = "0 while the server is ejected because of failures"}},
    {"server_ejected_by_hand",
     "1 while an operator keeps the server ejected",
     kGauge,
     &ServerHealth::ejected_by_hand,
     {"server_ejected_by_hand"}},
    {"server_ejections",
     "times the server was ejected",
     kCounter,
     &ServerHealth::ejections,
     {"server_ejections"}},
    {"failed_probes",
     "probes of the ejected server that failed",
     kCounter,
     &ServerHealth::failed_probes,
     {"server_failed_probes"}},
    {"failed_lookups",
     "times the server's name could not be resolved",
     kCounter,
     &ServerHealth::failed_lookups,
     {"server_failed_lookups"}},
    {"address_changes",
     "times the server's name got another address",
     kCounter,
     &ServerHealth::address_changes,
     {"server_address_changes"}},
    {"server_last_error_at",
     "last failure, in microseconds since 1970",
     kGauge,
     &ServerHealth::last_error_at,
     {.name = "server_last_error_timestamp_seconds",
      .as = As::kMicroseconds,
      .help = "last failure; 0 if there was none"}},
};

constexpr PercentileRow kPercentiles[] = {
    {"latency_p50_us", "half of the latest requests took at most so many microseconds", 0.5},
    {"latency_p99_us", "99 in 100 of the latest requests took at most so many microseconds", 0.99},
};

void Describe(std::string_view name, std::string_view help, std::string& text) {
  absl::StrAppendFormat(&text, "  %-20s\"%s\"\n", name, help);
}

template <class Rows>
void Describe(const Rows& rows, std::string& text) {
  for (const auto& row : rows) Describe(row.name, row.help, text);
}

}  // namespace

ControlStats::ControlStats(std::span<const size_t> server_counts) {
  for (const size_t count : server_counts) pools.emplace_back(count);
}

std::span<const ProcessMetric> ProcessMetrics() { return kProcessMetrics; }
std::span<const PoolMetric> PoolMetrics() { return kPoolMetrics; }
std::span<const ServerMetric> ServerMetrics() { return kServerMetrics; }
std::span<const PercentileRow> Percentiles() { return kPercentiles; }

std::string DescribeStats() {
  std::string text = "pool stats:\n";
  Describe(kPoolMetrics, text);
  Describe(kPercentiles, text);
  text += "\nserver stats:\n";
  Describe(kServerMetrics, text);
  Describe(kPercentiles, text);
  Describe(kLastErrorName, kLastErrorHelp, text);
  return text;
}

}  // namespace keyway

#include "proxy/stats/json.h"

#include "absl/strings/str_format.h"
#include "proxy/stats/utf8.h"

namespace keyway {
namespace {

void AppendString(std::string_view text, std::string& json) {
  json += '"';
  for (const char c : ValidUtf8(text)) {
    if (c == '"' || c == '\\') {
      json += '\\';
      json += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      absl::StrAppendFormat(&json, "\\u%04x", static_cast<unsigned>(c));
    } else {
      json += c;
    }
  }
  json += '"';
}

void AppendText(std::string_view name, std::string_view value, std::string& json) {
  AppendString(name, json);
  json += ':';
  AppendString(value, json);
}

// The separators are nutcracker's, who has a space behind some of its commas.
constexpr std::string_view kAfterValue = ", ";
constexpr std::string_view kAfterObject = ",";

template <class Rows>
void AppendNumbers(const Rows& rows, const std::vector<int64_t>& values, std::string& json) {
  for (size_t i = 0; i < rows.size(); ++i) {
    if (i > 0) json += kAfterValue;
    absl::StrAppendFormat(&json, "\"%s\":%d", rows[i].name, values[i]);
  }
}

void AppendPercentiles(const HistogramCounts& latency, std::string& json) {
  for (const PercentileRow& row : Percentiles()) {
    absl::StrAppendFormat(&json, "%s\"%s\":%d", kAfterValue, row.name,
                          latency.QuantileUs(row.quantile));
  }
}

void BeginObject(std::string_view separator, std::string_view name, std::string& json) {
  json += separator;
  AppendString(name, json);
  json += ": {";
}

void AppendPool(const PoolTotals& pool, std::string& json) {
  AppendNumbers(PoolMetrics(), pool.values, json);
  AppendPercentiles(pool.latency, json);
  std::string_view separator = kAfterValue;
  for (const ServerTotals& server : pool.servers) {
    BeginObject(separator, server.name, json);
    AppendNumbers(ServerMetrics(), server.values, json);
    AppendPercentiles(server.latency, json);
    json += kAfterValue;
    AppendText(kLastErrorName, server.last_error, json);
    json += '}';
    separator = kAfterObject;
  }
}

}  // namespace

std::string StatsJson(const StatsHeader& header, const Totals& totals) {
  std::string json = "{";
  AppendText("service", "nutcracker", json);
  json += kAfterValue;
  AppendText("source", header.source, json);
  json += kAfterValue;
  AppendText("version", header.version, json);
  absl::StrAppendFormat(&json, "%s\"uptime\":%d%s\"timestamp\":%d%s", kAfterValue, header.uptime_s,
                        kAfterValue, header.timestamp_s, kAfterValue);
  AppendNumbers(ProcessMetrics(), totals.values, json);
  std::string_view separator = kAfterValue;
  for (const PoolTotals& pool : totals.pools) {
    BeginObject(separator, pool.name, json);
    AppendPool(pool, json);
    json += '}';
    separator = kAfterObject;
  }
  json += "}\n";
  return json;
}

}  // namespace keyway

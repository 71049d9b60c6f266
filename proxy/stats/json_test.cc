#include "proxy/stats/json.h"

#include <numeric>
#include <regex>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace keyway {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;

// Numbers from `first` on, one for each row.
template <class Rows>
std::vector<int64_t> CountFrom(int64_t first, const Rows& rows) {
  std::vector<int64_t> values(rows.size());
  std::iota(values.begin(), values.end(), first);
  return values;
}

Totals TwoPools() {
  Totals totals;
  totals.values = CountFrom(6, ProcessMetrics());
  totals.pools = {
      {"b",
       CountFrom(100, PoolMetrics()),
       {},
       {{"srv", CountFrom(200, ServerMetrics()), {}, "Connection refused"},
        {"srv2", CountFrom(300, ServerMetrics()), {}, ""}}},
      {"ab", CountFrom(400, PoolMetrics()), {}, {}},
  };
  return totals;
}

// Takes out what stands behind nutcracker's last field of the process, a pool, a server.
std::string WithoutOurOwn(const std::string& json) {
  static const std::regex ours(
      R"re(("(curr_connections|fragments|out_queue_bytes)":\d+)(, "\w+":(\d+|"[^"]*"))*)re");
  return std::regex_replace(json, ours, "$1");
}

TEST(StatsJsonTest, IsNutcrackersByteForByteButForOurFields) {
  const StatsHeader header = {
      .source = "vm", .version = "0.5.0", .uptime_s = 0, .timestamp_s = 1795345582};
  EXPECT_EQ(WithoutOurOwn(StatsJson(header, TwoPools())),
            R"({"service":"nutcracker", "source":"vm", "version":"0.5.0", "uptime":0, )"
            R"("timestamp":1795345582, "total_connections":6, "curr_connections":7, )"
            R"("b": {"client_eof":100, "client_err":101, "client_connections":102, )"
            R"("server_ejects":103, "forward_error":104, "fragments":105, )"
            R"("srv": {"server_eof":200, "server_err":201, "server_timedout":202, )"
            R"("server_connections":203, "server_ejected_at":204, "requests":205, )"
            R"("request_bytes":206, "responses":207, "response_bytes":208, "in_queue":209, )"
            R"("in_queue_bytes":210, "out_queue":211, "out_queue_bytes":212},)"
            R"("srv2": {"server_eof":300, "server_err":301, "server_timedout":302, )"
            R"("server_connections":303, "server_ejected_at":304, "requests":305, )"
            R"("request_bytes":306, "responses":307, "response_bytes":308, "in_queue":309, )"
            R"("in_queue_bytes":310, "out_queue":311, "out_queue_bytes":312}},)"
            R"("ab": {"client_eof":400, "client_err":401, "client_connections":402, )"
            R"("server_ejects":403, "forward_error":404, "fragments":405}})"
            "\n");
}

TEST(StatsJsonTest, OurFieldsStandBehindNutcrackers) {
  const std::string json = StatsJson({}, TwoPools());
  EXPECT_THAT(json, HasSubstr(R"("fragments":105, "requests":106, "refused":107)"));
  EXPECT_THAT(json, HasSubstr(R"("out_queue_bytes":212, "overloads":213, "late_replies":214)"));
  EXPECT_THAT(json, HasSubstr(R"(, "server_last_error":"Connection refused"},"srv2": {)"));
}

TEST(StatsJsonTest, PercentilesAreInMicroseconds) {
  Totals totals = TwoPools();
  Histogram pool, server;
  for (int i = 1; i <= 100; ++i) {
    pool.Record(std::chrono::microseconds(i <= 98 ? 16 : 4096));
    server.Record(std::chrono::microseconds(8));
  }
  totals.pools[0].latency = pool.counts();
  totals.pools[0].servers[1].latency = server.counts();
  const std::string json = StatsJson({}, totals);
  EXPECT_THAT(json, HasSubstr(R"("latency_p50_us":16, "latency_p99_us":4096, "srv": {)"));
  EXPECT_THAT(json,
              HasSubstr(R"("latency_p50_us":0, "latency_p99_us":0, "server_last_error":"Co)"));
  EXPECT_THAT(json, HasSubstr(R"("latency_p50_us":8, "latency_p99_us":8, "server_last_error":"")"));
}

TEST(StatsJsonTest, NamesAreEscaped) {
  Totals totals = TwoPools();
  totals.pools[0].name = "quote\" back\\ line\n";
  totals.pools[0].servers[0].name = "\x01é\xff";
  const std::string json = StatsJson({.source = "a\"b", .version = ""}, totals);
  EXPECT_THAT(json, HasSubstr(R"("source":"a\"b")"));
  EXPECT_THAT(json, HasSubstr(R"("quote\" back\\ line\u000a": {)"));
  EXPECT_THAT(json, HasSubstr("\"\\u0001é\xef\xbf\xbd\": {"));
}

TEST(StatsJsonTest, WithoutPoolsItIsStillAnObject) {
  Totals totals;
  totals.values = CountFrom(0, ProcessMetrics());
  EXPECT_THAT(StatsJson({}, totals), EndsWith(":3}\n"));
}

}  // namespace
}  // namespace keyway

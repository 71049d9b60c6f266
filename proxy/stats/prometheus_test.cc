#include "proxy/stats/prometheus.h"

#include <numeric>
#include <string>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "proxy/stats/exposition_checker.h"

namespace keyway {
namespace {

using std::chrono::microseconds;
using ::testing::HasSubstr;

template <class Rows>
std::vector<int64_t> CountFrom(int64_t first, const Rows& rows) {
  std::vector<int64_t> values(rows.size());
  std::iota(values.begin(), values.end(), first);
  return values;
}

ServerTotals ServerNamed(std::string name, int64_t first) {
  ServerTotals server;
  server.name = std::move(name);
  server.values = CountFrom(first, ServerMetrics());
  return server;
}

Totals TwoPools() {
  Totals totals;
  totals.values = CountFrom(1, ProcessMetrics());
  totals.pools.resize(2);
  totals.pools[0].name = "alpha";
  totals.pools[0].values = CountFrom(100, PoolMetrics());
  totals.pools[0].servers = {ServerNamed("redis-1", 200), ServerNamed("redis-2", 300)};
  totals.pools[1].name = "beta";
  totals.pools[1].values = CountFrom(400, PoolMetrics());
  totals.pools[1].servers = {ServerNamed("redis-1", 500)};
  return totals;
}

// The value of a row, as CountFrom gave it.
template <class Rows>
double ValueOf(int64_t first, const Rows& rows, std::string_view name) {
  for (size_t i = 0; i < rows.size(); ++i) {
    if (rows[i].name == name) return static_cast<double>(first) + static_cast<double>(i);
  }
  ADD_FAILURE() << "no row " << name;
  return -1;
}

Exposition Read(const Totals& totals,
                const PrometheusHeader& header = {.version = "1.2.3", .process = {}}) {
  Exposition read = ReadExposition(PrometheusText(header, totals));
  EXPECT_EQ(read.error, "");
  return read;
}

TEST(PrometheusTest, EachRowIsASeries) {
  Exposition read = Read(TwoPools());
  EXPECT_EQ(read.values["keyway_connections_made_total"], 1);
  EXPECT_EQ(read.values["keyway_connections"], 2);
  const auto pool = [](std::string_view row) { return ValueOf(100, PoolMetrics(), row); };
  EXPECT_EQ(read.values[R"(keyway_client_requests_total{pool="alpha"})"], pool("requests"));
  EXPECT_EQ(read.values[R"(keyway_client_connections{pool="alpha"})"], pool("client_connections"));
  EXPECT_EQ(read.values[R"(keyway_fragments_total{pool="alpha"})"], pool("fragments"));
  EXPECT_EQ(read.values[R"(keyway_fragments_total{pool="beta"})"],
            ValueOf(400, PoolMetrics(), "fragments"));
  const auto server = [](std::string_view row) { return ValueOf(300, ServerMetrics(), row); };
  EXPECT_EQ(read.values[R"(keyway_server_requests_total{pool="alpha",server="redis-2"})"],
            server("requests"));
  EXPECT_EQ(read.values[R"(keyway_server_ejections_total{pool="alpha",server="redis-2"})"],
            server("server_ejections"));
}

TEST(PrometheusTest, OneFamilyMayTellKindsApart) {
  Exposition read = Read(TwoPools());
  const auto server = [](std::string_view row) { return ValueOf(200, ServerMetrics(), row); };
  const std::string labels = R"(pool="alpha",server="redis-1"})";
  EXPECT_EQ(read.values[R"(keyway_server_bytes_total{kind="sent",)" + labels],
            server("request_bytes"));
  EXPECT_EQ(read.values[R"(keyway_server_bytes_total{kind="received",)" + labels],
            server("response_bytes"));
  EXPECT_EQ(read.values[R"(keyway_server_queue_length{kind="unwritten",)" + labels],
            server("in_queue"));
  EXPECT_EQ(read.helps["keyway_server_bytes_total"],
            "sent: bytes of the requests sent; received: bytes of the replies received");
}

TEST(PrometheusTest, ValuesHaveBaseUnits) {
  Totals totals = TwoPools();
  const auto set = [&](std::string_view name, int64_t value) {
    const auto i = static_cast<size_t>(ValueOf(0, ServerMetrics(), name));
    totals.pools[0].servers[0].values[i] = value;
  };
  set("server_ejected", 1);
  set("server_ejected_at", 1795345582123456);
  set("server_last_error_at", 0);
  const std::string text = PrometheusText({.version = "", .process = {}}, totals);
  EXPECT_THAT(text, HasSubstr(R"(keyway_server_up{pool="alpha",server="redis-1"} 0)"));
  EXPECT_THAT(text, HasSubstr("keyway_server_ejected_timestamp_seconds"
                              R"({pool="alpha",server="redis-1"} 1795345582.123456)"));
  EXPECT_THAT(text, HasSubstr("keyway_server_last_error_timestamp_seconds"
                              R"({pool="alpha",server="redis-1"} 0.000000)"));
  set("server_ejected", 0);
  EXPECT_EQ(Read(totals).values[R"(keyway_server_up{pool="alpha",server="redis-1"})"], 1);
}

TEST(PrometheusTest, LatenciesAreHistograms) {
  Totals totals = TwoPools();
  Histogram histogram;
  for (const int us : {20, 32, 33, 1000, 30'000'000}) histogram.Record(microseconds(us));
  totals.pools[0].latency = histogram.counts();
  totals.pools[1].servers[0].latency = histogram.counts();
  Exposition read = Read(totals);
  EXPECT_EQ(read.types["keyway_request_duration_seconds"], "histogram");
  const std::string bucket = R"(keyway_request_duration_seconds_bucket{le=")";
  EXPECT_EQ(read.values[bucket + R"(0.000032",pool="alpha"})"], 2);
  EXPECT_EQ(read.values[bucket + R"(0.000064",pool="alpha"})"], 3);
  EXPECT_EQ(read.values[bucket + R"(0.001024",pool="alpha"})"], 4);
  EXPECT_EQ(read.values[bucket + R"(16.777216",pool="alpha"})"], 4);
  EXPECT_EQ(read.values[bucket + R"(+Inf",pool="alpha"})"], 5);
  EXPECT_EQ(read.values[bucket + R"(+Inf",pool="beta"})"], 0);
  EXPECT_EQ(read.values[R"(keyway_request_duration_seconds_count{pool="alpha"})"], 5);
  EXPECT_DOUBLE_EQ(read.values[R"(keyway_request_duration_seconds_sum{pool="alpha"})"], 30.001085);
  EXPECT_EQ(read.values[R"(keyway_server_request_duration_seconds_count)"
                        R"({pool="beta",server="redis-1"})"],
            5);
}

TEST(PrometheusTest, TheProcessTellsOfItself) {
  const PrometheusHeader header = {.version = "1.2.3+abc",
                                   .start_time_s = 1795345582.125,
                                   .process = {.cpu_seconds = 12.5,
                                               .threads = 4,
                                               .resident_bytes = 10'000'000,
                                               .virtual_bytes = 5'000'000'000,
                                               .open_fds = 12,
                                               .max_fds = 1'048'576}};
  Exposition read = Read(TwoPools(), header);
  EXPECT_EQ(read.values[R"(keyway_build_info{version="1.2.3+abc"})"], 1);
  EXPECT_EQ(read.values["process_cpu_seconds_total"], 12.5);
  EXPECT_EQ(read.types["process_cpu_seconds_total"], "counter");
  EXPECT_EQ(read.values["process_resident_memory_bytes"], 10'000'000);
  EXPECT_EQ(read.values["process_virtual_memory_bytes"], 5'000'000'000);
  EXPECT_EQ(read.values["process_open_fds"], 12);
  EXPECT_EQ(read.values["process_max_fds"], 1'048'576);
  EXPECT_EQ(read.values["process_threads"], 4);
  EXPECT_EQ(read.values["process_start_time_seconds"], 1795345582.125);
}

TEST(PrometheusTest, LabelValuesAreEscaped) {
  Totals totals = TwoPools();
  totals.pools[1].name = "quote\" back\\ line\n é \xff";
  const std::string text = PrometheusText({.version = "1", .process = {}}, totals);
  EXPECT_THAT(text, HasSubstr(R"({pool="quote\" back\\ line\n é )"
                              "\xef\xbf\xbd\"} "));
  Exposition read = Read(totals);
  EXPECT_TRUE(
      read.values.contains("keyway_fragments_total{pool=\"quote\" back\\ line\n é "
                           "\xef\xbf\xbd\"}"));
}

TEST(PrometheusTest, WithoutPoolsFamiliesAreLeftOut) {
  Totals totals;
  totals.values = CountFrom(0, ProcessMetrics());
  Exposition read = Read(totals);
  EXPECT_TRUE(read.types.contains("keyway_build_info"));
  EXPECT_FALSE(read.types.contains("keyway_client_requests_total"));
}

// Labels must not grow with traffic: only names of the configuration and fixed words.
TEST(PrometheusTest, TheNumberOfSeriesIsThatOfPoolsAndServers) {
  const size_t before = Read(TwoPools()).values.size();
  Totals busy = TwoPools();
  for (PoolTotals& pool : busy.pools) {
    for (ServerTotals& server : pool.servers) server.last_error = "something new";
  }
  EXPECT_EQ(Read(busy).values.size(), before);
}

TEST(ExpositionCheckerTest, RefusesWhatPrometheusWould) {
  const std::string head = "# HELP a help\n# TYPE a gauge\n";
  EXPECT_EQ(ReadExposition(head + "a 1\n").error, "");
  EXPECT_EQ(ReadExposition(head + "a{b=\"c\",d=\"\\n\\\\\\\"\"} 1e3\n").error, "");
  for (const std::string bad : {
           "a 1",                                          // no line end
           "a\n",                                          // no value
           "a  1\n",                                       // two spaces
           "a 1 x\n",                                      // a bad time stamp
           "a{b=\"c\" 1\n",                                // open labels
           "a{b=\"\\c\"} 1\n",                             // an unknown escape
           "a{b=\"\"c\"} 1\n",                             // a bare quote
           "a{1=\"c\"} 1\n",                               // a bad label
           "a{b=\"c\",b=\"c\"} 1\n",                       // a label twice
           "b 1\n",                                        // of another family
           "a 1\na 2\n",                                   // a series twice
           "a 1\n# HELP a help\n",                         // a family in pieces
           "a 1\n# HELP b help\nb 1\n",                    // no type
           "a 1\n# HELP b help\n# TYPE b counter\nb 1\n",  // a counter without _total
           "# comment\n",
           "",  // a family without samples
       }) {
    EXPECT_NE(ReadExposition(head + bad).error, "") << bad;
  }
}

TEST(ExpositionCheckerTest, WantsWholeHistograms) {
  const std::string head = "# HELP h help\n# TYPE h histogram\n";
  const std::string whole = "h_bucket{le=\"1\"} 1\nh_bucket{le=\"+Inf\"} 2\nh_sum 3\nh_count 2\n";
  EXPECT_EQ(ReadExposition(head + whole).error, "");
  for (const std::string bad : {
           "h_bucket{le=\"1\"} 1\nh_sum 3\nh_count 1\n",
           "h_bucket{le=\"1\"} 3\nh_bucket{le=\"+Inf\"} 2\nh_sum 3\nh_count 2\n",
           "h_bucket{le=\"2\"} 1\nh_bucket{le=\"1\"} 1\nh_bucket{le=\"+Inf\"} 2\nh_sum 3\n"
           "h_count 2\n",
           "h_bucket{le=\"+Inf\"} 2\nh_sum 3\nh_count 1\n",
           "h_bucket{le=\"+Inf\"} 2\nh_count 2\n",
       }) {
    EXPECT_NE(ReadExposition(head + bad).error, "") << bad;
  }
}

}  // namespace
}  // namespace keyway

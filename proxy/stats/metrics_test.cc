#include "proxy/stats/metrics.h"

#include <cstddef>
#include <set>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace keyway {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

template <class Rows>
std::vector<std::string> Names(const Rows& rows, size_t count) {
  std::vector<std::string> names;
  for (const auto& row : rows.first(count)) names.emplace_back(row.name);
  return names;
}

TEST(MetricsTest, NutcrackersFieldsComeFirstAndInItsOrder) {
  EXPECT_THAT(Names(ProcessMetrics(), 2),
              testing::ElementsAre("total_connections", "curr_connections"));
  EXPECT_THAT(Names(PoolMetrics(), 6),
              testing::ElementsAre("client_eof", "client_err", "client_connections",
                                   "server_ejects", "forward_error", "fragments"));
  EXPECT_THAT(Names(ServerMetrics(), 13),
              testing::ElementsAre("server_eof", "server_err", "server_timedout",
                                   "server_connections", "server_ejected_at", "requests",
                                   "request_bytes", "responses", "response_bytes", "in_queue",
                                   "in_queue_bytes", "out_queue", "out_queue_bytes"));
}

template <class Rows>
void ExpectDistinct(const Rows& rows) {
  for (size_t i = 0; i < rows.size(); ++i) {
    EXPECT_FALSE(rows[i].help.empty()) << rows[i].name;
    for (size_t j = 0; j < i; ++j) {
      EXPECT_NE(rows[i].name, rows[j].name);
      EXPECT_TRUE(rows[i].field != rows[j].field) << rows[i].name << " shows " << rows[j].name;
    }
  }
}

TEST(MetricsTest, EachRowShowsANumberOfItsOwn) {
  ExpectDistinct(ProcessMetrics());
  ExpectDistinct(PoolMetrics());
  ExpectDistinct(ServerMetrics());
}

TEST(MetricsTest, EveryCounterHasARow) {
  const size_t of_control = offsetof(ControlStats, pools) / sizeof(Counter);
  EXPECT_EQ((ProcessMetrics().size() - of_control) * sizeof(Counter), offsetof(WorkerStats, pools));
  // One row of a pool is the control thread's.
  EXPECT_EQ((PoolMetrics().size() - 1) * sizeof(Counter), offsetof(PoolStats, latency));
  const size_t of_health = offsetof(ServerHealth, last_error) / sizeof(Counter);
  EXPECT_EQ((ServerMetrics().size() - of_health) * sizeof(Counter), offsetof(ServerStats, latency));
}

// Prometheus adds up what is one name, so it must be of one kind and told apart.
template <class Rows>
void ExpectSeriesDistinct(const Rows& rows) {
  std::set<std::pair<std::string_view, std::string_view>> series;
  for (const auto& row : rows) {
    if (row.exposed.name.empty()) continue;
    EXPECT_TRUE(series.emplace(row.exposed.name, row.exposed.kind).second) << row.name;
    for (const auto& other : rows) {
      if (other.exposed.name != row.exposed.name) continue;
      EXPECT_EQ(other.kind, row.kind) << row.name << " and " << other.name;
      EXPECT_EQ(other.exposed.kind.empty(), row.exposed.kind.empty()) << row.name;
    }
  }
}

TEST(MetricsTest, EachExposedRowIsASeriesOfItsOwn) {
  ExpectSeriesDistinct(ProcessMetrics());
  ExpectSeriesDistinct(PoolMetrics());
  ExpectSeriesDistinct(ServerMetrics());
}

TEST(DescribeStatsTest, ListsNamesAndMeanings) {
  const std::string text = DescribeStats();
  EXPECT_THAT(text, StartsWith("pool stats:\n  client_eof          \"client connections"));
  EXPECT_THAT(text, HasSubstr("\n\nserver stats:\n  server_eof          \""));
  EXPECT_THAT(text, HasSubstr("\n  out_queue_bytes     \""));
  EXPECT_THAT(text, HasSubstr("\n  latency_p99_us      \""));
  EXPECT_THAT(text, HasSubstr("\n  server_last_error   \""));
}

}  // namespace
}  // namespace keyway

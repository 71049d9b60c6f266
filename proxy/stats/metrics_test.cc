#include "proxy/stats/metrics.h"

#include <cstddef>
#include <thread>

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

// The value of the row with that name.
template <class Rows>
int64_t Value(const Rows& rows, const std::vector<int64_t>& values, std::string_view name) {
  for (size_t i = 0; i < rows.size(); ++i) {
    if (rows[i].name == name) return values[i];
  }
  ADD_FAILURE() << "no row " << name;
  return -1;
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
  EXPECT_EQ(ProcessMetrics().size() * sizeof(Counter), offsetof(WorkerStats, pools));
  // One row of a pool and three of a server are the control thread's.
  EXPECT_EQ((PoolMetrics().size() - 1) * sizeof(Counter), offsetof(PoolStats, servers));
  const size_t of_health = sizeof(ServerHealth) / sizeof(Counter) - 1;  // without ejections
  EXPECT_EQ((ServerMetrics().size() - of_health) * sizeof(Counter), sizeof(ServerStats));
}

class AddUpTest : public ::testing::Test {
 protected:
  AddUpTest() {
    for (WorkerStats& worker : workers_) {
      worker.pools.push_back(std::make_unique<PoolStats>(1));
      worker.pools.push_back(std::make_unique<PoolStats>(2));
    }
  }

  Totals Sum() const {
    const WorkerStats* const workers[] = {&workers_[0], &workers_[1]};
    return AddUp(shown_, workers, control_);
  }

  WorkerStats workers_[2];
  ControlStats control_{std::vector<size_t>{1, 2}};
  // Not in the order of the indices, as it is when names decide.
  std::vector<ShownPool> shown_ = {{"b", 1, {{"y", 1}, {"x", 0}}}, {"a", 0, {{"z", 0}}}};
};

TEST_F(AddUpTest, NumbersOfAllWorkersAreAdded) {
  workers_[0].total_connections.Add(3);
  workers_[1].total_connections.Add(4);
  workers_[0].pools[1]->client_eof.Add(10);
  workers_[1].pools[1]->client_eof.Add(5);
  workers_[0].pools[1]->servers[1].requests.Add(7);
  workers_[1].pools[1]->servers[1].requests.Add(8);
  const Totals totals = Sum();
  EXPECT_EQ(Value(ProcessMetrics(), totals.values, "total_connections"), 7);
  ASSERT_EQ(totals.pools.size(), 2u);
  const PoolTotals& b = totals.pools[0];
  EXPECT_EQ(b.name, "b");
  EXPECT_EQ(Value(PoolMetrics(), b.values, "client_eof"), 15);
  ASSERT_EQ(b.servers.size(), 2u);
  EXPECT_EQ(b.servers[0].name, "y");
  EXPECT_EQ(Value(ServerMetrics(), b.servers[0].values, "requests"), 15);
  EXPECT_EQ(Value(ServerMetrics(), b.servers[1].values, "requests"), 0);
  EXPECT_EQ(Value(PoolMetrics(), totals.pools[1].values, "client_eof"), 0);
}

TEST_F(AddUpTest, HealthIsTheControlThreads) {
  control_.pools[1][0].ejections.Add(2);
  control_.pools[1][1].ejections.Add();
  control_.pools[1][1].ejected.Set(1);
  control_.pools[1][1].ejected_at.Set(1795345582000000);
  const PoolTotals b = Sum().pools[0];
  EXPECT_EQ(Value(PoolMetrics(), b.values, "server_ejects"), 3);
  EXPECT_EQ(Value(ServerMetrics(), b.servers[0].values, "server_ejected"), 1);
  EXPECT_EQ(Value(ServerMetrics(), b.servers[0].values, "server_ejected_at"), 1795345582000000);
  EXPECT_EQ(Value(ServerMetrics(), b.servers[1].values, "server_ejected"), 0);
}

TEST_F(AddUpTest, OthersMayReadWhileTheWorkerWrites) {
  constexpr int kRequests = 10000;
  std::thread worker([&] {
    for (int i = 0; i < kRequests; ++i) workers_[0].pools[0]->requests.Add();
  });
  int64_t last = 0;
  for (int i = 0; i < 100; ++i) {
    const int64_t now = Value(PoolMetrics(), Sum().pools[1].values, "requests");
    EXPECT_GE(now, last);
    last = now;
  }
  worker.join();
  EXPECT_EQ(Value(PoolMetrics(), Sum().pools[1].values, "requests"), kRequests);
}

TEST(DescribeStatsTest, ListsNamesAndMeanings) {
  const std::string text = DescribeStats();
  EXPECT_THAT(text, StartsWith("pool stats:\n  client_eof          \"client connections"));
  EXPECT_THAT(text, HasSubstr("\n\nserver stats:\n  server_eof          \""));
  EXPECT_THAT(text, HasSubstr("\n  out_queue_bytes     \""));
}

}  // namespace
}  // namespace keyway

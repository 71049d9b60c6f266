#include "proxy/stats/totals.h"

#include <memory>
#include <string_view>
#include <thread>
#include <vector>

#include "gtest/gtest.h"

namespace keyway {
namespace {

using std::chrono::microseconds;
using std::chrono::seconds;

// The value of the row with that name.
template <class Rows>
int64_t Value(const Rows& rows, const std::vector<int64_t>& values, std::string_view name) {
  for (size_t i = 0; i < rows.size(); ++i) {
    if (rows[i].name == name) return values[i];
  }
  ADD_FAILURE() << "no row " << name;
  return -1;
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

TEST_F(AddUpTest, TheProcessHasNumbersOfControl) {
  control_.generation.Set(5);
  control_.refused_readers.Add(2);
  const Totals totals = Sum();
  EXPECT_EQ(Value(ProcessMetrics(), totals.values, "routing_generation"), 5);
  EXPECT_EQ(Value(ProcessMetrics(), totals.values, "refused_readers"), 2);
}

TEST_F(AddUpTest, LatenciesAreMergedAndErrorsTold) {
  workers_[0].pools[1]->latency.Record(microseconds(100));
  workers_[1].pools[1]->latency.Record(microseconds(200));
  workers_[0].pools[1]->servers[1].latency.Record(microseconds(50));
  workers_[1].pools[1]->servers[1].latency.Record(microseconds(60));
  control_.pools[1][1].last_error.Set("Connection refused");
  const PoolTotals b = Sum().pools[0];
  EXPECT_EQ(b.latency.total(), 2);
  EXPECT_EQ(b.latency.sum_us(), 300);
  EXPECT_EQ(b.servers[0].latency.sum_us(), 110);
  EXPECT_EQ(b.servers[0].last_error, "Connection refused");
  EXPECT_EQ(b.servers[1].latency.total(), 0);
  EXPECT_EQ(b.servers[1].last_error, "");
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

// One pool with one server, and a clock.
class LatestLatencyTest : public ::testing::Test {
 protected:
  LatestLatencyTest() { worker_.pools.push_back(std::make_unique<PoolStats>(1)); }

  void Record(int count, microseconds duration) {
    for (int i = 0; i < count; ++i) {
      worker_.pools[0]->latency.Record(duration);
      worker_.pools[0]->servers[0].latency.Record(2 * duration);
    }
  }

  // What a reader gets who asks `after` the last one.
  PoolTotals Ask(seconds after) {
    now_ += after;
    const WorkerStats* const workers[] = {&worker_};
    Totals totals = AddUp(shown_, workers, control_);
    latest_.Reduce(now_, totals);
    return totals.pools.at(0);
  }

  WorkerStats worker_;
  ControlStats control_{std::vector<size_t>{1}};
  std::vector<ShownPool> shown_ = {{"a", 0, {{"z", 0}}}};
  LatestLatency::Time now_{seconds(1000)};
  LatestLatency latest_{now_};
};

TEST_F(LatestLatencyTest, AtFirstAllOfThemAreOfTheLatest) {
  Record(3, microseconds(100));
  EXPECT_EQ(Ask(seconds(1)).latency.total(), 3);
  Record(2, microseconds(100));
  EXPECT_EQ(Ask(seconds(30)).latency.total(), 5);
}

TEST_F(LatestLatencyTest, OldOnesAreForgotten) {
  Record(100, microseconds(8));
  Ask(seconds(60));
  Record(10, microseconds(1000));
  const PoolTotals both = Ask(seconds(59));
  EXPECT_EQ(both.latency.total(), 110) << "the window is not over";
  const PoolTotals late = Ask(seconds(1));
  EXPECT_EQ(late.latency.total(), 10);
  EXPECT_EQ(late.latency.QuantileUs(0.5), 1024);
  EXPECT_EQ(late.servers[0].latency.total(), 10);
  EXPECT_EQ(late.servers[0].latency.QuantileUs(0.5), 2048);
  EXPECT_EQ(Ask(seconds(60)).latency.total(), 0);
}

TEST_F(LatestLatencyTest, AskingOftenForgetsNothingSooner) {
  int shown_at_least_once = 0;
  for (int second = 0; second < 300; ++second) {
    Record(1, microseconds(10));
    const int64_t total = Ask(seconds(1)).latency.total();
    EXPECT_GE(total, std::min(second + 1, 60));
    EXPECT_LE(total, 120);
    shown_at_least_once += total > 0 ? 1 : 0;
  }
  EXPECT_EQ(shown_at_least_once, 300);
}

TEST_F(LatestLatencyTest, WhoAsksSeldomGetsAllSinceTheLastTime) {
  Ask(seconds(3600));
  Record(7, microseconds(10));
  EXPECT_EQ(Ask(seconds(3600)).latency.total(), 7);
  EXPECT_EQ(Ask(seconds(3600)).latency.total(), 0);
}

TEST_F(LatestLatencyTest, OtherPoolsStartAnew) {
  Record(5, microseconds(10));
  Ask(seconds(60));
  Ask(seconds(60));
  shown_[0].servers.clear();
  EXPECT_EQ(Ask(seconds(1)).latency.total(), 5);
}

}  // namespace
}  // namespace keyway

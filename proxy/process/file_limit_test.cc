#include "proxy/process/file_limit.h"

#include <sys/resource.h>

#include "gtest/gtest.h"
#include "proxy/base/limits.h"

namespace keyway {
namespace {

PoolConfig PoolOf(size_t servers, int connections) {
  PoolConfig pool;
  pool.servers.resize(servers);
  pool.server_connections = connections;
  return pool;
}

TEST(FileLimitTest, TheSoftLimitIsRaisedToTheHardOne) {
  rlimit limit = {};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
  const rlimit lowered = {.rlim_cur = limit.rlim_max / 2, .rlim_max = limit.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &lowered), 0);
  EXPECT_EQ(RaiseFileLimit(), static_cast<int64_t>(limit.rlim_max));
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
  EXPECT_EQ(limit.rlim_cur, limit.rlim_max);
}

int64_t ClientsWithin(int64_t limit, const Config& config, int64_t workers) {
  const FileBudget budget = ShareFiles(limit, config, workers);
  EXPECT_EQ(budget.limit, limit);
  EXPECT_TRUE(budget.suffices());
  EXPECT_EQ(budget.others + budget.leases + budget.clients, limit);
  return budget.clients;
}

TEST(FileLimitTest, EachServerAndListenerOfEachWorkerCostsAClient) {
  Config config;
  config.pools.push_back(PoolOf(3, 2));
  const int64_t one_worker = ClientsWithin(50'000, config, 1);
  const int64_t two_workers = ClientsWithin(50'000, config, 2);
  const int64_t leases_of_a_worker = 3 * kMaxLeases;
  EXPECT_EQ(one_worker - two_workers, 3 * 2 + 1 + 3 + leases_of_a_worker);
  EXPECT_EQ(ClientsWithin(100'000, config, 1), one_worker + 50'000);

  config.pools.push_back(PoolOf(0, 1));
  EXPECT_EQ(ClientsWithin(50'000, config, 1), one_worker - 1);
}

TEST(FileLimitTest, MoreServersNeedNoMoreProbesThanAreSentAtATime) {
  Config config;
  config.pools.push_back(PoolOf(kMaxProbes, 1));
  const int64_t leases_of_a_server = kMaxLeases;
  const int64_t clients = ClientsWithin(50'000, config, 1);
  config.pools[0] = PoolOf(kMaxProbes + 100, 1);
  EXPECT_EQ(ClientsWithin(50'000, config, 1), clients - 100 - 100 * leases_of_a_server);
}

TEST(FileLimitTest, LeasesTakeAQuarterAtMost) {
  Config config;
  config.pools.push_back(PoolOf(100, 1));
  const FileBudget budget = ShareFiles(5000, config, 4);
  EXPECT_EQ(budget.leases, (5000 - budget.others) / 4);
  EXPECT_EQ(ShareFiles(1'000'000, config, 4).leases, 4 * 100 * static_cast<int64_t>(kMaxLeases));
}

TEST(FileLimitTest, ALimitThatIsTooLowStillLeavesRoomForClients) {
  Config config;
  config.pools.push_back(PoolOf(500, 4));
  const FileBudget budget = ShareFiles(1024, config, 8);
  EXPECT_FALSE(budget.suffices());
  EXPECT_EQ(budget.clients, 256);
}

}  // namespace
}  // namespace keyway

#include "sim/statistics.h"

#include <vector>

#include "gtest/gtest.h"
#include "proxy/config/config.h"
#include "sim/tally.h"

namespace keyway::sim {
namespace {

PoolConfig PoolOf(const std::vector<uint32_t>& weights) {
  PoolConfig pool;
  for (uint32_t weight : weights) {
    ServerConfig server;
    server.name = "s" + std::to_string(pool.servers.size());
    server.weight = weight;
    pool.servers.push_back(server);
  }
  return pool;
}

Tally TallyOf(const std::vector<uint64_t>& keys) {
  Tally tally(keys.size());
  for (size_t server = 0; server < keys.size(); ++server) {
    for (uint64_t i = 0; i < keys[server]; ++i) tally.Add(server);
  }
  return tally;
}

TEST(TallyTest, CountsByServer) {
  const Tally tally = TallyOf({3, 0, 4});
  EXPECT_EQ(tally.servers(), 3u);
  EXPECT_EQ(tally.keys(0), 3u);
  EXPECT_EQ(tally.keys(1), 0u);
  EXPECT_EQ(tally.keys(2), 4u);
  EXPECT_EQ(tally.total(), 7u);
}

TEST(StatisticsTest, EvenKeysAreFair) {
  const Figures figures = ComputeFigures(PoolOf({1, 1}), TallyOf({5, 5}));
  EXPECT_EQ(figures.keys, 10u);
  EXPECT_DOUBLE_EQ(figures.servers[0].share, 0.5);
  EXPECT_DOUBLE_EQ(figures.servers[0].fair_share, 0.5);
  EXPECT_DOUBLE_EQ(figures.servers[0].load, 1);
  EXPECT_DOUBLE_EQ(figures.max_to_mean, 1);
  EXPECT_DOUBLE_EQ(figures.min_to_mean, 1);
  EXPECT_DOUBLE_EQ(figures.variation, 0);
}

// Loads 1.6, 0.8, 0.6 around 1: the standard deviation is sqrt((0.36 + 0.04 + 0.16) / 3).
TEST(StatisticsTest, TheSpreadOfEqualServersIsThatOfTheirKeys) {
  const Figures figures = ComputeFigures(PoolOf({7, 7, 7}), TallyOf({8, 4, 3}));
  EXPECT_DOUBLE_EQ(figures.max_to_mean, 1.6);
  EXPECT_DOUBLE_EQ(figures.min_to_mean, 0.6);
  EXPECT_NEAR(figures.variation, 0.432049, 1e-6);
}

TEST(StatisticsTest, TwiceTheWeightMayHaveTwiceTheKeys) {
  const Figures figures = ComputeFigures(PoolOf({1, 2, 1}), TallyOf({5, 10, 5}));
  EXPECT_DOUBLE_EQ(figures.servers[1].share, 0.5);
  EXPECT_DOUBLE_EQ(figures.servers[1].fair_share, 0.5);
  for (const ServerFigures& server : figures.servers) EXPECT_DOUBLE_EQ(server.load, 1);
  EXPECT_NEAR(figures.variation, 0, 1e-12);
}

TEST(StatisticsTest, AServerWithoutKeysShows) {
  const Figures figures = ComputeFigures(PoolOf({1, 1}), TallyOf({4, 0}));
  EXPECT_DOUBLE_EQ(figures.max_to_mean, 2);
  EXPECT_DOUBLE_EQ(figures.min_to_mean, 0);
  EXPECT_DOUBLE_EQ(figures.variation, 1);
}

TEST(StatisticsTest, WithoutKeysAllFiguresAreZero) {
  const Figures figures = ComputeFigures(PoolOf({1, 3}), TallyOf({0, 0}));
  EXPECT_EQ(figures.keys, 0u);
  EXPECT_DOUBLE_EQ(figures.servers[1].share, 0);
  EXPECT_DOUBLE_EQ(figures.servers[1].fair_share, 0.75);
  EXPECT_DOUBLE_EQ(figures.servers[1].load, 0);
  EXPECT_DOUBLE_EQ(figures.max_to_mean, 0);
  EXPECT_DOUBLE_EQ(figures.variation, 0);
}

}  // namespace
}  // namespace keyway::sim

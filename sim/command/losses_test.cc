#include "sim/command/losses.h"

#include <set>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace keyway::sim {
namespace {

using ::testing::ElementsAre;

const std::vector<Server> kServers = {{.address = "a:1", .name = "one"},
                                      {.address = "b:1", .name = "two"},
                                      {.address = "a:2", .name = "three"}};

TEST(MachinesTest, ServersOrHosts) {
  EXPECT_EQ(MachinesOf(kServers, false).size(), 3u);
  const std::vector<Machine> hosts = MachinesOf(kServers, true);
  ASSERT_EQ(hosts.size(), 2u);
  EXPECT_EQ(hosts[0].name, "a");
  EXPECT_THAT(hosts[0].servers, ElementsAre(0, 2));
}

TEST(ChooseTest, AllIfTheyAreFew) {
  const Combinations pairs = Choose(4, 2, 6, 1);
  EXPECT_TRUE(pairs.all);
  EXPECT_THAT(pairs.chosen, ElementsAre(ElementsAre(0, 1), ElementsAre(0, 2), ElementsAre(0, 3),
                                        ElementsAre(1, 2), ElementsAre(1, 3), ElementsAre(2, 3)));
  EXPECT_EQ(Choose(10, 3, 120, 1).chosen.size(), 120u);
}

TEST(ChooseTest, OtherwiseADrawThatCanBeRepeated) {
  const Combinations drawn = Choose(100, 3, 50, 7);
  EXPECT_FALSE(drawn.all);
  EXPECT_EQ(drawn.chosen, Choose(100, 3, 50, 7).chosen);
  EXPECT_NE(drawn.chosen, Choose(100, 3, 50, 8).chosen);
  const std::set<std::vector<size_t>> different(drawn.chosen.begin(), drawn.chosen.end());
  EXPECT_EQ(different.size(), 50u);
  for (const std::vector<size_t>& one : drawn.chosen) {
    EXPECT_EQ(std::set<size_t>(one.begin(), one.end()).size(), 3u);
    EXPECT_LT(one.back(), 100u);
  }
}

TEST(WithoutTest, AllMembersOfTheServerGo) {
  const Scenario base = {.id = "all",
                         .members = {{.name = "x"}, {.name = "y", .weight = 2}, {.name = "z"}},
                         .servers = {0, 1, 0}};
  const Scenario rest = Without(base, {0}, "rest");
  ASSERT_EQ(rest.members.size(), 1u);
  EXPECT_EQ(rest.members[0].name, "y");
  EXPECT_EQ(rest.members[0].weight, 2u);
  EXPECT_THAT(rest.servers, ElementsAre(1));
}

// Three equal servers with 40, 30 and 30; the first is lost, and 10 of its 40 go to the
// second. Five move although their server lives.
TEST(EffectTest, ByHand) {
  const LossEffect effect = EffectOf({1, 1, 1}, {40, 30, 30}, {0, 35, 65}, 45, {0});
  EXPECT_DOUBLE_EQ(effect.lost_share, 0.4);
  EXPECT_DOUBLE_EQ(effect.churn_share, 0.05);
  EXPECT_EQ(effect.worst_server, 2u);
  EXPECT_NEAR(effect.worst_load, 0.65 * 3, 1e-12);
}

}  // namespace
}  // namespace keyway::sim

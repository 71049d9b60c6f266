#include "sim/verify/explain.h"

#include <string>
#include <vector>

#include "absl/strings/str_format.h"
#include "gtest/gtest.h"

namespace keyway::sim {
namespace {

constexpr size_t kKeys = 60;
const std::vector<std::string> kAddresses = {"10.0.0.1:6379", "10.0.0.2:6379", "10.0.0.3"};

Scenario MakeScenario(const std::string& hash, const std::string& distribution,
                      const std::string& tag) {
  return {.options = {.hash = hash, .hash_tag = tag, .distribution = distribution},
          .members = {{.name = "a", .weight = 1}, {.name = "b", .weight = 3}, {.name = "c"}},
          .servers = {0, 1, 2}};
}

// Keys where `truth` has them; some of them with tags.
std::vector<FoundKey> Place(const Scenario& truth) {
  const auto placement = hashing::Placement::Make(truth.options, truth.members);
  EXPECT_TRUE(placement.ok()) << placement.status();
  std::vector<FoundKey> keys;
  for (size_t i = 0; i < kKeys; ++i) {
    const std::string key =
        i % 2 == 0 ? absl::StrFormat("user:%d", i) : absl::StrFormat("{user:%d}:cart", i);
    keys.push_back({key, truth.servers[placement->MemberFor(key)]});
  }
  return keys;
}

TEST(ExplainTest, TheTruthComesFirst) {
  const Scenario scenario = MakeScenario("fnv1a_64", "ketama", "");
  for (const hashing::PlacementOptions& options :
       {hashing::PlacementOptions{.hash = "murmur", .hash_tag = "", .distribution = "ketama"},
        {.hash = "md5", .hash_tag = "{}", .distribution = "rendezvous"},
        {.hash = "fnv1a_64", .hash_tag = "{}", .distribution = "ketama"}}) {
    const Scenario truth = MakeScenario(options.hash, options.distribution, options.hash_tag);
    const Explanation best = Explain(scenario, kAddresses, Place(truth)).front();
    EXPECT_EQ(best.options.hash, options.hash);
    EXPECT_EQ(best.options.distribution, options.distribution);
    EXPECT_EQ(best.options.hash_tag, options.hash_tag);
    EXPECT_EQ(best.keys, kKeys);
    EXPECT_EQ(best.matches, kKeys);
    EXPECT_FALSE(best.by_address);
    EXPECT_FALSE(best.unweighted);
  }
}

TEST(ExplainTest, ServersThatHadNoNamesOrWeights) {
  const Scenario scenario = MakeScenario("fnv1a_64", "ketama", "");
  Scenario truth = scenario;
  for (size_t i = 0; i < truth.members.size(); ++i) truth.members[i].name = kAddresses[i];
  const Explanation unnamed = Explain(scenario, kAddresses, Place(truth)).front();
  EXPECT_TRUE(unnamed.by_address);
  EXPECT_FALSE(unnamed.unweighted);
  EXPECT_EQ(unnamed.matches, kKeys);
  EXPECT_EQ(unnamed.differences, 1u);

  for (hashing::Member& member : truth.members) member.weight = 1;
  const Explanation both = Explain(scenario, kAddresses, Place(truth)).front();
  EXPECT_TRUE(both.by_address);
  EXPECT_TRUE(both.unweighted);
  EXPECT_EQ(both.matches, kKeys);
}

TEST(ExplainTest, WhatIsAsInTheFileComesBeforeWhatIsAsGood) {
  const Scenario scenario = MakeScenario("crc32", "modula", "");
  std::vector<FoundKey> keys = Place(scenario);
  for (FoundKey& found : keys) found.server = 1;
  const Scenario alone = {.options = scenario.options, .members = {{.name = "b"}}, .servers = {1}};
  const std::vector<std::string> address = {"10.0.0.2:6379"};
  const Explanation best = Explain(alone, address, keys).front();
  EXPECT_EQ(best.differences, 0u) << "of one server everything is true";
}

TEST(ExplainTest, FewKeysOrNone) {
  const Scenario scenario = MakeScenario("fnv1a_64", "ketama", "$$");
  EXPECT_EQ(Explain(scenario, kAddresses, {}).front().differences, 0u);
  std::vector<FoundKey> many;
  for (int copy = 0; copy < 30; ++copy) {
    for (FoundKey& found : Place(scenario)) many.push_back(std::move(found));
  }
  const Explanation best = Explain(scenario, kAddresses, many).front();
  EXPECT_LE(best.keys, 1000u);
  EXPECT_EQ(best.matches, best.keys);
}

}  // namespace
}  // namespace keyway::sim

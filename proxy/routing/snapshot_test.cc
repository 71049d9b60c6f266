#include "proxy/routing/snapshot.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace keyway {
namespace {

// Four servers, "s0" to "s3".
std::shared_ptr<const PoolRoute> Route(const std::vector<bool>& live,
                                       const std::string& distribution = "ketama") {
  PoolConfig config;
  config.distribution = distribution;
  config.hash_tag = "{}";
  for (size_t i = 0; i < live.size(); ++i) {
    ServerConfig& server = config.servers.emplace_back();
    server.name = "s" + std::to_string(i);
  }
  std::vector<std::optional<Address>> addresses(live.size());
  addresses[0] = *Resolve({.host = "127.0.0.1", .port = 6386, .path = {}});
  auto route = PoolRoute::Make(std::make_shared<const PoolConfig>(config), live, addresses);
  EXPECT_TRUE(route.ok()) << route.status();
  return *route;
}

std::vector<std::string> Keys() {
  std::vector<std::string> keys;
  for (int i = 0; i < 200; ++i) keys.push_back("user:{" + std::to_string(i) + "}");
  return keys;
}

TEST(PoolRouteTest, ExplainsWhatServerForAnswers) {
  for (const char* distribution : {"ketama", "modula", "maglev", "rendezvous"}) {
    const auto route = Route({false, true, false, true}, distribution);
    for (const std::string& key : Keys()) {
      const auto why = route->Explain(key);
      ASSERT_TRUE(why) << key;
      EXPECT_EQ(why->finding.member, route->ServerFor(key)) << distribution;
      EXPECT_EQ("user:{" + std::string(why->hashed_part) + "}", key);
    }
  }
}

TEST(PoolRouteTest, ManyKeysAtOnceHaveTheServersThatEachHas) {
  const auto route = Route({false, true, false, true});
  const std::vector<std::string> texts = Keys();
  const std::vector<std::string_view> keys(texts.begin(), texts.end());
  std::vector<uint32_t> servers(keys.size());
  ASSERT_TRUE(route->ServersFor(keys, servers));
  for (size_t i = 0; i < keys.size(); ++i) EXPECT_EQ(servers[i], route->ServerFor(keys[i]));
  EXPECT_FALSE(Route({false, false})->ServersFor(keys, servers));
}

TEST(PoolRouteTest, RandomHasNoServerForAKey) {
  const auto why = Route({true, true}, "random")->Explain("key");
  ASSERT_TRUE(why);
  EXPECT_EQ(why->finding.member, std::nullopt);
}

TEST(PoolRouteTest, NothingToExplainWithoutAServer) {
  EXPECT_FALSE(Route({false, false})->Explain("key"));
}

TEST(PoolRouteTest, WithAllLiveIsTheRingBeforeAnyEjection) {
  const auto all = Route({true, true, true, true});
  for (const auto& live : {std::vector<bool>{false, true, true, true},
                           std::vector<bool>{false, false, false, false}}) {
    const auto restored = Route(live)->WithAllLive();
    ASSERT_TRUE(restored.ok()) << restored.status();
    for (const std::string& key : Keys()) {
      EXPECT_EQ((*restored)->ServerFor(key), all->ServerFor(key));
    }
    EXPECT_TRUE((*restored)->IsLive(0));
    EXPECT_EQ(ToString(*(*restored)->address(0)), "127.0.0.1:6386");
  }
}

}  // namespace
}  // namespace keyway

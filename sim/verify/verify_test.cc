// Real servers, filled without any proxy.
#include "sim/verify/verify.h"

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "hashing/placement.h"
#include "proxy/testing/client.h"
#include "proxy/testing/process.h"

namespace keyway::sim {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

constexpr size_t kServers = 3;
constexpr size_t kKeys = 3000;

template <class ServerProcess>
class Stage {
 public:
  explicit Stage(bool redis) : redis_(redis) {
    deployment_.scenario.options = {.hash = "murmur", .hash_tag = "{}", .distribution = "ketama"};
    for (size_t i = 0; i < kServers; ++i) {
      servers_.push_back(std::make_unique<ServerProcess>());
      deployment_.servers.push_back(At(servers_.back()->port()));
      deployment_.scenario.members.push_back({.name = absl::StrFormat("server%d", i)});
      deployment_.scenario.servers.push_back(i);
    }
  }

  LiveServer At(uint16_t port) const {
    return {.endpoint = {.host = "127.0.0.1", .port = port, .path = ""}, .redis = redis_};
  }
  uint16_t port(size_t server) const { return servers_[server]->port(); }
  Deployment& deployment() { return deployment_; }

  void Set(uint16_t port, const std::vector<std::string>& keys) const {
    Client client(port);
    std::string requests;
    for (const std::string& key : keys) {
      requests += redis_ ? Resp({"SET", key, "v"}) : "set " + key + " 0 0 1\r\nv\r\n";
    }
    client.Send(requests);
    client.ReadReplies(redis_ ? Protocol::kRedis : Protocol::kMemcache, keys.size());
  }

  // Keys where they should be. Returns them by server.
  std::vector<std::vector<std::string>> Fill() const {
    const hashing::Placement placement = MakePlacement();
    std::vector<std::vector<std::string>> keys(kServers);
    for (size_t i = 0; i < kKeys; ++i) {
      const std::string key = absl::StrFormat("a{%d}b%%&", i);
      keys[placement.MemberFor(key)].push_back(key);
    }
    for (size_t i = 0; i < kServers; ++i) Set(port(i), keys[i]);
    return keys;
  }

  hashing::Placement MakePlacement() const {
    return *hashing::Placement::Make(deployment_.scenario.options, deployment_.scenario.members);
  }

  Findings Look(const VerifyOptions& options = {}) const {
    const absl::StatusOr<Findings> findings = Verify(deployment_, options);
    EXPECT_TRUE(findings.ok()) << findings.status();
    return findings.ok() ? *findings : Findings{};
  }

 private:
  const bool redis_;
  std::vector<std::unique_ptr<ServerProcess>> servers_;
  Deployment deployment_;
};

std::vector<std::string> Lines(const Findings& findings) {
  std::vector<std::string> lines;
  for (const Misplaced& key : findings.misplaced) {
    std::string line = absl::StrFormat("%s on %d not %d", key.key, key.found, key.belongs);
    for (const size_t server : key.also_on) absl::StrAppendFormat(&line, " also on %d", server);
    lines.push_back(line);
  }
  return lines;
}

template <class ServerProcess>
void EverythingInPlace(bool redis) {
  Stage<ServerProcess> stage(redis);
  const std::vector<std::vector<std::string>> keys = stage.Fill();
  const Findings findings = stage.Look({.sample = 100});
  EXPECT_EQ(findings.keys(), kKeys);
  EXPECT_EQ(findings.misplaced_keys(), 0u);
  EXPECT_THAT(findings.misplaced, IsEmpty());
  EXPECT_EQ(findings.sample.size(), 100 * kServers);
  for (size_t i = 0; i < kServers; ++i) EXPECT_EQ(findings.servers[i].keys, keys[i].size());
  for (const FoundKey& found : findings.sample) {
    EXPECT_EQ(1, std::ranges::count(keys[found.server], found.key)) << found.key;
  }
}

TEST(VerifyTest, RedisEverythingInPlace) { EverythingInPlace<RedisServer>(true); }
TEST(VerifyTest, MemcachedEverythingInPlace) { EverythingInPlace<Memcached>(false); }

template <class ServerProcess>
void MisplacedKeysAreListed(bool redis) {
  Stage<ServerProcess> stage(redis);
  const std::string copy = stage.Fill()[0].front();
  // Two that belong to server 0, and one of them is there.
  const hashing::Placement placement = stage.MakePlacement();
  std::string stray;
  for (int i = 0; stray.empty() || placement.MemberFor(stray) != 0; ++i) {
    stray = absl::StrFormat("stray:%d", i);
  }
  stage.Set(stage.port(1), {copy, stray});
  stage.Set(stage.port(2), {stray});
  const Findings findings = stage.Look();
  EXPECT_EQ(findings.keys(), kKeys + 3);
  EXPECT_EQ(findings.misplaced_keys(), 3u);
  EXPECT_EQ(findings.copies(), 1u);
  EXPECT_EQ(findings.servers[1].misplaced, 2u);
  EXPECT_EQ(findings.servers[1].copies, 1u);
  EXPECT_THAT(findings.servers[1].belongs, ElementsAre(2, 0, 0));
  EXPECT_THAT(Lines(findings),
              UnorderedElementsAre(copy + " on 1 not 0 also on 0", stray + " on 1 not 0 also on 2",
                                   stray + " on 2 not 0 also on 1"));
}

TEST(VerifyTest, RedisMisplacedKeysAreListed) { MisplacedKeysAreListed<RedisServer>(true); }
TEST(VerifyTest, MemcachedMisplacedKeysAreListed) { MisplacedKeysAreListed<Memcached>(false); }

TEST(VerifyTest, AllMisplacedAreCountedAndSomeListed) {
  Stage<RedisServer> stage(true);
  stage.Fill();
  stage.deployment().scenario.servers = {1, 2, 0};
  const Findings findings = stage.Look({.examples = 5});
  EXPECT_EQ(findings.misplaced_keys(), kKeys);
  EXPECT_EQ(findings.copies(), 0u);
  EXPECT_EQ(findings.misplaced.size(), 5 * kServers);
}

// Whatever has some of the keys can stand in for the proxy.
template <class ServerProcess>
void WhatTheProxyLacksIsListed(bool redis) {
  Stage<ServerProcess> stage(redis);
  std::vector<std::string> keys;
  for (const std::vector<std::string>& some : stage.Fill()) {
    keys.insert(keys.end(), some.begin(), some.end());
  }
  ServerProcess proxy;
  stage.deployment().proxy = stage.At(proxy.port());
  const std::string missing = keys.back();
  keys.pop_back();
  stage.Set(proxy.port(), keys);
  const Findings findings = stage.Look({.sample = kKeys});
  ASSERT_TRUE(findings.proxy.has_value());
  EXPECT_EQ(findings.proxy->asked, kKeys);
  EXPECT_EQ(findings.proxy->gone, 0u);
  ASSERT_EQ(findings.proxy->unreadable.size(), 1u);
  EXPECT_EQ(findings.proxy->unreadable[0].found.key, missing);
  EXPECT_EQ(findings.proxy->unreadable[0].answer, "");
}

TEST(VerifyTest, RedisWhatTheProxyLacksIsListed) { WhatTheProxyLacksIsListed<RedisServer>(true); }
TEST(VerifyTest, MemcachedWhatTheProxyLacksIsListed) {
  WhatTheProxyLacksIsListed<Memcached>(false);
}

TEST(VerifyTest, LooksWithoutUsingKeys) {
  Stage<Memcached> stage(false);
  const std::string key = stage.Fill()[0].front();
  stage.Set(stage.port(1), {key});
  stage.Look();
  Client client(stage.port(0));
  client.Send("mg " + key + " h\r\n");
  EXPECT_THAT(client.ReadReplies(Protocol::kMemcache, 1), ElementsAre("HD h0\r\n")) << "not hit";
}

TEST(VerifyTest, OneDatabaseWithAPassword) {
  RedisServer server({"--requirepass", "s3cret"});
  Client client(server.port());
  client.Ask({"AUTH", "s3cret"});
  client.Ask({"SET", "in zero", "v"});
  client.Ask({"SELECT", "4"});
  client.Ask({"SET", "in four", "v"});
  Deployment deployment = {
      .servers = {{.endpoint = {.host = "127.0.0.1", .port = server.port(), .path = ""},
                   .password = "s3cret",
                   .database = 4}},
      .scenario = {.members = {{.name = "one"}}, .servers = {0}}};
  const absl::StatusOr<Findings> findings = Verify(deployment, {});
  ASSERT_TRUE(findings.ok()) << findings.status();
  ASSERT_EQ(findings->sample.size(), 1u);
  EXPECT_EQ(findings->sample[0].key, "in four");
}

TEST(VerifyTest, SaysWhoCannotBeAsked) {
  Stage<RedisServer> stage(true);
  FreePort nobody;
  stage.deployment().servers[1] = stage.At(nobody.number());
  EXPECT_THAT(
      std::string(Verify(stage.deployment(), {}).status().message()),
      HasSubstr(absl::StrFormat("redis://127.0.0.1:%d/0: cannot connect", nobody.number())));
  stage.deployment().scenario.options.distribution = "random";
  EXPECT_THAT(std::string(Verify(stage.deployment(), {}).status().message()),
              HasSubstr("the distribution is random"));
}

}  // namespace
}  // namespace keyway::sim

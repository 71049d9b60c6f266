#include "proxy/config/parse.h"

#include <algorithm>
#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "proxy/config/nutcracker.h"

namespace keyway {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kPool[] = "alpha:\n  listen: 127.0.0.1:22121\n  servers:\n   - h:1:1\n";

TEST(ParseConfigTest, OfManyProblemsTheFirstErrorsAreShown) {
  std::string text = kPool;
  for (int i = 0; i < 150; ++i) text += "   - h:1:1\n";  // twice the same server
  text += "beta: nonsense\n";
  const ParsedConfig parsed = ParseConfig(text, "f.yml");
  ASSERT_GT(parsed.problems.size(), 100u);
  ASSERT_FALSE(parsed.ok());
  const std::string report = parsed.Report();
  const auto lines = static_cast<size_t>(std::count(report.begin(), report.end(), '\n'));
  EXPECT_LE(lines, 101u);
  EXPECT_THAT(report, HasSubstr(": error: "));
  EXPECT_THAT(report, ::testing::EndsWith(absl::StrFormat("f.yml: %d more problems\n",
                                                          parsed.problems.size() - (lines - 1))));
}

TEST(ParseConfigTest, TheClassicExample) {
  const ParsedConfig parsed = ReadConfigFile("testdata/configs/alpha.yml");
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(parsed.Report(), "");
  EXPECT_EQ(parsed.config.file, "testdata/configs/alpha.yml");
  ASSERT_EQ(parsed.config.pools.size(), 1u);
  const PoolConfig& pool = parsed.config.pools[0];
  EXPECT_EQ(pool.name, "alpha");
  EXPECT_EQ(pool.listen, (Endpoint{.host = "127.0.0.1", .port = 22121, .path = ""}));
  EXPECT_EQ(pool.listen_text, "127.0.0.1:22121");
  EXPECT_EQ(pool.hash, "fnv1a_64");
  EXPECT_EQ(pool.distribution, "ketama");
  EXPECT_TRUE(pool.auto_eject_hosts);
  EXPECT_TRUE(pool.redis);
  EXPECT_EQ(pool.server_retry_timeout_ms, 2000);
  EXPECT_EQ(pool.server_failure_limit, 1);
  ASSERT_EQ(pool.servers.size(), 2u);
  EXPECT_EQ(pool.servers[1].endpoint, (Endpoint{.host = "127.0.0.1", .port = 6387, .path = ""}));
  EXPECT_EQ(pool.servers[1].weight, 1u);
  EXPECT_EQ(pool.servers[1].name, "127.0.0.1:6387");
  EXPECT_EQ(pool.servers[1].line, "127.0.0.1:6387:1");
  EXPECT_EQ(pool.servers[1].location.line, 11);
}

TEST(ParseConfigTest, EveryKeySetsItsField) {
  const ParsedConfig parsed = ReadConfigFile("testdata/configs/valid/every_key.yml");
  ASSERT_TRUE(parsed.ok()) << parsed.Report();
  const PoolConfig& pool = parsed.config.pools.at(0);
  EXPECT_EQ(pool.listen.host, "0.0.0.0");
  EXPECT_EQ(pool.hash, "murmur");
  EXPECT_EQ(pool.hash_tag, "{}");
  EXPECT_EQ(pool.distribution, "modula");
  EXPECT_EQ(pool.timeout_ms, 400);
  EXPECT_EQ(pool.backlog, 1024);
  EXPECT_EQ(pool.client_connections, 100);
  EXPECT_TRUE(pool.redis);
  EXPECT_TRUE(pool.tcpkeepalive);
  EXPECT_EQ(pool.redis_auth, "secret");
  EXPECT_EQ(pool.redis_db, 3);
  EXPECT_TRUE(pool.preconnect);
  EXPECT_TRUE(pool.auto_eject_hosts);
  EXPECT_EQ(pool.server_connections, 2);
  EXPECT_EQ(pool.server_retry_timeout_ms, 2000);
  EXPECT_EQ(pool.server_failure_limit, 3);
  EXPECT_EQ(pool.servers.size(), 2u);
  for (const Key<PoolConfig>& key : PoolKeys()) {
    if (key.name == "reuse_port" || key.name == "reuseport") continue;  // not nutcracker's
    EXPECT_TRUE(pool.key_locations.contains(key.name)) << key.name << " is not in the file";
  }
}

TEST(ParseConfigTest, SharingThePortHasTwoNames) {
  for (const char* name : {"reuse_port", "reuseport"}) {
    const ParsedConfig parsed =
        ReadConfigFile("testdata/configs/valid/" + std::string(name) + ".yml");
    ASSERT_TRUE(parsed.ok()) << parsed.Report();
    EXPECT_TRUE(parsed.config.pools.at(0).reuse_port) << name;
  }
  EXPECT_FALSE(ParseConfig(kPool, "").config.pools.at(0).reuse_port);
}

TEST(ParseConfigTest, WhatIsNotGivenHasNutcrackersDefault) {
  const PoolConfig pool = ParseConfig(kPool, "").config.pools.at(0);
  EXPECT_EQ(pool.hash, "fnv1a_64");
  EXPECT_EQ(pool.hash_tag, "");
  EXPECT_EQ(pool.distribution, "ketama");
  EXPECT_EQ(pool.timeout_ms, 0);
  EXPECT_EQ(pool.backlog, 512);
  EXPECT_EQ(pool.client_connections, 0);
  EXPECT_FALSE(pool.redis || pool.tcpkeepalive || pool.preconnect || pool.auto_eject_hosts);
  EXPECT_EQ(pool.redis_auth, "");
  EXPECT_EQ(pool.redis_db, 0);
  EXPECT_EQ(pool.server_connections, 1);
  EXPECT_EQ(pool.server_retry_timeout_ms, 30000);
  EXPECT_EQ(pool.server_failure_limit, 2);
}

TEST(ParseConfigTest, PoolsAndServersKeepTheOrderOfTheFile) {
  const ParsedConfig parsed = ParseConfig(
      "zeta:\n  listen: h:1\n  servers:\n   - h:1:1 longer\n   - h:2:1 b\n   - h:3:1 a\n"
      "eta:\n  listen: h:2\n  servers:\n   - h:1:1\n",
      "");
  ASSERT_TRUE(parsed.ok()) << parsed.Report();
  std::vector<std::string> names;
  for (const PoolConfig& pool : parsed.config.pools) {
    names.push_back(pool.name);
    for (const ServerConfig& server : pool.servers) names.push_back(server.name);
  }
  EXPECT_THAT(names, ElementsAre("zeta", "longer", "b", "a", "eta", "h:1"));
}

TEST(ParseConfigTest, TheKeywaySectionIsNoPool) {
  const ParsedConfig parsed =
      ParseConfig(std::string("keyway:\n  workers: 1024\n  lookup_interval: 0\n") + kPool, "");
  ASSERT_TRUE(parsed.ok()) << parsed.Report();
  EXPECT_EQ(parsed.config.process.workers, 1024);
  EXPECT_EQ(parsed.config.process.lookup_interval_ms, 0);
  EXPECT_EQ(parsed.config.pools.size(), 1u);
  EXPECT_EQ(ParseConfig(kPool, "").config.process.workers, 0);
}

TEST(ParseConfigTest, ProblemsStandInTheOrderOfTheFile) {
  const ParsedConfig parsed = ParseConfig(
      "a:\n  listen: h:1\n  hash: no\n  servers:\n   - h:1:1\n   - h:1:1\nb:\n  listen: h:x\n",
      "my.yml");
  EXPECT_FALSE(parsed.ok());
  EXPECT_THAT(parsed.Report(),
              ::testing::MatchesRegex("my.yml:3:9: error: pool 'a': key 'hash': 'no' is not .*\n"
                                      "my.yml:6:6: error: pool 'a': key 'servers': 'h:1' is .*\n"
                                      "my.yml:7:1: error: pool 'b': key 'servers': is missing.*\n"
                                      "my.yml:8:11: error: pool 'b': key 'listen': 'x' .*\n"));
}

TEST(ParseConfigTest, WarningsAreNoErrors) {
  const ParsedConfig parsed =
      ParseConfig("a:\n  listen: h:1\n  redis_db: 1\n  servers:\n   - h:1:1\n", "my.yml");
  EXPECT_TRUE(parsed.ok());
  EXPECT_EQ(parsed.Report(),
            "my.yml:3:3: warning: pool 'a': key 'redis_db': has no effect; memcached has no "
            "databases\n");
}

TEST(ParseConfigTest, MessagesAreOneLineOfText) {
  const ParsedConfig parsed =
      ParseConfig("\"a\\nb\":\n  \"\\e[1m\": " + std::string(300, 'x') + "\n", "f");
  const std::string report = parsed.Report();
  EXPECT_EQ(report.find('\x1b'), std::string::npos);
  EXPECT_THAT(report, HasSubstr("pool 'a\\nb': key '\\033[1m': is not known"));
}

TEST(ReadConfigFileTest, WhatCannotBeReadIsAProblem) {
  EXPECT_EQ(ReadConfigFile("no/such/file.yml").Report(),
            "no/such/file.yml: error: cannot be opened: No such file or directory\n");
  EXPECT_FALSE(ReadConfigFile("testdata").ok());
  EXPECT_THAT(ReadConfigFile("testdata").Report(), HasSubstr("cannot be read: Is a directory"));
}

TEST(ReadConfigFileTest, ReadsEveryByte) {
  const std::string path = ::testing::TempDir() + "long.yml";
  const std::string comment = "#" + std::string(100000, 'x') + "\n";
  std::ofstream(path) << comment << kPool;
  const ParsedConfig parsed = ReadConfigFile(path);
  EXPECT_TRUE(parsed.ok()) << parsed.Report();
  EXPECT_EQ(parsed.config.pools.at(0).location.line, 2);
}

TEST(KeysTest, EveryKeyIsExplained) {
  std::set<std::string_view> names;
  const auto check = [&](const auto& keys) {
    for (const auto& key : keys) {
      EXPECT_TRUE(names.insert(key.name).second) << key.name;
      EXPECT_FALSE(key.form.empty() || key.help.empty()) << key.name;
    }
  };
  check(PoolKeys());
  check(ProcessKeys());
  EXPECT_EQ(names.size(), 21u);
}

}  // namespace
}  // namespace keyway

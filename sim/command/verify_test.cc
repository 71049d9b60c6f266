// The command over real servers that nutcracker or the proxy has filled.
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "proxy/testing/both_programs.h"
#include "proxy/testing/client.h"
#include "proxy/testing/process.h"
#include "sim/command/program.h"
#include "sim/command/program_testing.h"

namespace keyway::sim {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr size_t kServers = 3;
constexpr size_t kKeys = 1000;

Ran Sim(const std::vector<std::string>& arguments) { return RunSim(arguments, ""); }

std::vector<std::string> Keys() {
  std::vector<std::string> keys;
  for (size_t i = 0; i < kKeys; ++i) {
    keys.push_back(i % 2 == 0 ? absl::StrFormat("user:%d", i)
                              : absl::StrFormat("{cart:%d}:items", i));
  }
  return keys;
}

// Servers of one protocol, and the pool that they are.
template <class ServerProcess>
struct Stage {
  static constexpr bool kRedis = std::is_same_v<ServerProcess, RedisServer>;

  explicit Stage(const std::string& pool_settings, std::vector<std::string> arguments = {})
      : settings(pool_settings) {
    for (size_t i = 0; i < kServers; ++i) {
      if constexpr (kRedis) {
        servers.push_back(std::make_unique<ServerProcess>(arguments));
      } else {
        servers.push_back(std::make_unique<ServerProcess>());
      }
    }
  }

  std::string Config(const std::string& other_settings) const {
    std::string text = absl::StrFormat("p:\n  listen: 127.0.0.1:%d\n  redis: %s\n%s  servers:\n",
                                       port.number(), kRedis ? "true" : "false", other_settings);
    for (size_t i = 0; i < kServers; ++i) {
      absl::StrAppendFormat(&text, "   - 127.0.0.1:%d:%d server%d\n", servers[i]->port(), i + 1, i);
    }
    return text;
  }

  // The path of a file with the pool; with other settings than it runs with, if given.
  std::string ConfigFile(const std::string& other_settings = "") const {
    const std::string path = absl::StrFormat("%s/%d.yml", getenv("TEST_TMPDIR"), port.number());
    std::ofstream(path) << Config(other_settings.empty() ? settings : other_settings);
    return path;
  }

  std::string Proxy() const { return absl::StrFormat("127.0.0.1:%d", port.number()); }

  void Set(uint16_t to, const std::vector<std::string>& keys, const std::string& first = "") const {
    Client client(to);
    std::string requests = first;
    for (const std::string& key : keys) {
      requests += kRedis ? Resp({"SET", key, "v"}) : "set " + key + " 0 0 1\r\nv\r\n";
    }
    client.Send(requests);
    const size_t replies = keys.size() + (first.empty() ? 0 : 1);
    for (const std::string& reply :
         client.ReadReplies(kRedis ? Protocol::kRedis : Protocol::kMemcache, replies)) {
      ASSERT_EQ(kRedis ? "+OK\r\n" : "STORED\r\n", reply);
    }
  }

  const std::string settings;
  FreePort port;
  std::vector<std::unique_ptr<ServerProcess>> servers;
};

class VerifyCommandTest : public BothProgramsTest {
 protected:
  template <class ServerProcess>
  std::unique_ptr<ProxyProcess> Fill(const Stage<ServerProcess>& stage,
                                     const std::string& first = "") const {
    auto proxy = Start(stage.Config(stage.settings), {stage.port.number()});
    stage.Set(stage.port.number(), Keys(), first);
    return proxy;
  }

  template <class ServerProcess>
  void ExpectNoDifferences(const std::string& settings) const {
    const Stage<ServerProcess> stage(settings);
    const auto proxy = Fill(stage);
    const Ran ran = Sim({"verify", "--config", stage.ConfigFile(), "--servers", "--proxy",
                         stage.Proxy(), "--sample", "1000"});
    EXPECT_EQ(ran.code, kFine) << ran.output << ran.messages;
    EXPECT_THAT(ran.output, HasSubstr("0 keys of 1000 on the wrong server"));
    EXPECT_THAT(ran.output, HasSubstr("0 keys of 1000 not found through the proxy"));
  }
};

TEST_P(VerifyCommandTest, RedisHasNoDifferences) {
  ExpectNoDifferences<RedisServer>("  hash: murmur\n  hash_tag: \"{}\"\n  distribution: ketama\n");
}

TEST_P(VerifyCommandTest, MemcachedHasNoDifferences) {
  ExpectNoDifferences<Memcached>("  hash: fnv1a_64\n  distribution: ketama\n");
}

TEST_P(VerifyCommandTest, ADatabase) {
  const Stage<RedisServer> stage("  redis_db: 5\n");
  const auto proxy = Fill(stage);
  const Ran ran = Sim({"verify", "--config", stage.ConfigFile(), "--proxy", stage.Proxy()});
  EXPECT_EQ(ran.code, kFine) << ran.output << ran.messages;
  EXPECT_THAT(ran.output, HasSubstr("0 keys of 1000 on the wrong server"));
}

// With both, nutcracker writes to database 0.
TEST_P(VerifyCommandTest, APasswordAndADatabase) {
  const Stage<RedisServer> stage("  redis_auth: s3cret\n  redis_db: 5\n",
                                 {"--requirepass", "s3cret"});
  const auto proxy = Fill(stage, Resp({"AUTH", "s3cret"}));
  const Ran ran = Sim({"verify", "--config", stage.ConfigFile(), "--proxy", stage.Proxy()});
  EXPECT_EQ(ran.code, kFine) << ran.output << ran.messages;
  EXPECT_THAT(ran.output, HasSubstr(ours() ? "0 keys of 1000 on the wrong server"
                                           : "no server has any key in database 5; nutcracker"));
}

// Exactly what was put elsewhere is listed, and is what the proxy does not find.
TEST_P(VerifyCommandTest, WhatWasMisplacedIsListed) {
  const Stage<RedisServer> stage("  hash: fnv1a_64\n  distribution: ketama\n");
  const auto proxy = Fill(stage);
  std::set<std::string> moved;
  Client from(stage.servers[0]->port());
  while (moved.size() < 5) {
    const std::vector<std::string> words =
        RequestWords(Protocol::kRedis, "*1\r\n" + from.Ask({"RANDOMKEY"}));
    from.Ask({"DEL", words[0]});
    moved.insert(words[0]);
  }
  stage.Set(stage.servers[2]->port(), {moved.begin(), moved.end()});
  const Ran ran = Sim({"verify", "--config", stage.ConfigFile(), "--servers", "--proxy",
                       stage.Proxy(), "--sample", "1000", "--report", "csv"});
  EXPECT_EQ(ran.code, kBroken) << ran.output << ran.messages;
  EXPECT_THAT(ran.output, HasSubstr("5 keys of 1000 on the wrong server"));
  EXPECT_THAT(ran.output, HasSubstr("5 keys of 1000 not found through the proxy"));
  EXPECT_THAT(ran.output, HasSubstr("server2,server0,5"));
  for (const std::string& key : moved) {
    EXPECT_THAT(ran.output, HasSubstr(key + ",server2,server0,"));
    EXPECT_THAT(ran.output, HasSubstr(key + ",server2,no such key"))
        << "not found through the proxy";
  }
}

TEST_P(VerifyCommandTest, TheSettingsThatTheKeysWereWrittenWithAreNamed) {
  const Stage<Memcached> stage("  hash: murmur\n  hash_tag: \"{}\"\n  distribution: modula\n");
  const auto proxy = Fill(stage);
  const Ran ran =
      Sim({"verify", "--config", stage.ConfigFile("  hash: fnv1a_64\n  distribution: ketama\n"),
           "--servers", "--report", "csv"});
  EXPECT_EQ(ran.code, kBroken) << ran.messages;
  EXPECT_THAT(ran.output, HasSubstr(" keys are where modula, murmur, hash tag {} has them"));
}

INSTANTIATE_TEST_SUITE_P(Programs, VerifyCommandTest, BothPrograms(), ProgramName);

TEST(VerifyCommandUseTest, SaysWhatItNeeds) {
  const Stage<RedisServer> stage("");
  const Ran neither = Sim({"verify", "--config", stage.ConfigFile("  hash: md5\n")});
  EXPECT_EQ(neither.code, kBadInput);
  EXPECT_THAT(neither.messages, StartsWith("--servers looks at the servers"));
  const Ran wrong = Sim({"verify", "--config", stage.ConfigFile(), "--proxy", "here"});
  EXPECT_EQ(wrong.code, kBadInput);
  EXPECT_THAT(wrong.messages, StartsWith("--proxy: 'here' is not an address"));
  const Ran random =
      Sim({"verify", "--config", stage.ConfigFile("  distribution: random\n"), "--servers"});
  EXPECT_EQ(random.code, kBadInput);
  EXPECT_THAT(random.messages, HasSubstr("nothing can be verified"));
}

TEST(VerifyCommandUseTest, AServerThatIsDownIsNamed) {
  Stage<RedisServer> stage("  redis_auth: s3cret\n");
  const std::string file = stage.ConfigFile();
  stage.servers[1]->Kill();
  const Ran ran = Sim({"verify", "--config", file, "--servers"});
  EXPECT_EQ(ran.code, kBadInput);
  EXPECT_THAT(ran.messages, Not(HasSubstr("s3cret")));
  EXPECT_EQ(ran.output, "");
}

}  // namespace
}  // namespace keyway::sim

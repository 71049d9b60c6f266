// What the real programs print, read back.
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "proxy/testing/client.h"
#include "proxy/testing/command.h"
#include "proxy/testing/process.h"
#include "sim/source/open/open.h"
#include "sim/source/testing.h"

namespace keyway::sim {
namespace {

using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAreArray;

std::string RedisCliPath() { return getenv("REDIS_CLI"); }

// As a user would: into a file, whose format is recognised.
Collected ReadBack(const std::string& text, std::string_view format) {
  const std::string path = std::string(getenv("TEST_TMPDIR")) + "/" +
                           ::testing::UnitTest::GetInstance()->current_test_info()->name() +
                           std::string(format);
  std::ofstream(path, std::ios::binary) << text;
  const absl::StatusOr<std::unique_ptr<Source>> source = OpenSource(path, {});
  if (!source.ok()) return {.status = source.status()};
  EXPECT_EQ((*source)->format(), format);
  return Collect(**source);
}

// Keys of any bytes, which are all different.
std::vector<std::string> Keys(size_t count) {
  std::minstd_rand random(7);
  std::vector<std::string> keys;
  for (size_t i = 0; i < count; ++i) {
    std::string key = std::to_string(i) + ":";
    for (size_t size = random() % 20; size > 0; --size) key += static_cast<char>(random());
    keys.push_back(key);
  }
  return keys;
}

// A word to each argument; keys may hold NUL bytes, so no initializer list of literals.
void Tell(Client& client, const std::vector<std::string>& words) {
  std::string request = "*" + std::to_string(words.size()) + "\r\n";
  for (const std::string& word : words) {
    request += "$" + std::to_string(word.size()) + "\r\n" + word + "\r\n";
  }
  client.Send(request);
  client.ReadReplies(Protocol::kRedis, 1);
}

struct Use {
  uint64_t reads = 0;
  uint64_t writes = 0;

  Use& operator+=(const Use& other) {
    reads += other.reads;
    writes += other.writes;
    return *this;
  }
  friend bool operator==(const Use&, const Use&) = default;
};

TEST(ProgramsTest, MonitorTellsWhatWasReadAndWritten) {
  RedisServer server;
  Client client(server.port());
  Process monitor("redis-cli monitor",
                  {RedisCliPath(), "-p", std::to_string(server.port()), "monitor"});
  const auto deadline = std::chrono::steady_clock::now() + kTestDeadline;
  while (client.Ask({"CLIENT", "LIST"}).find("flags=O") == std::string::npos) {
    ASSERT_LT(std::chrono::steady_clock::now(), deadline);
  }

  std::map<std::string, Use> uses;
  const std::vector<std::string> keys = Keys(300);
  for (size_t i = 0; i + 1 < keys.size(); ++i) {
    const std::string& key = keys[i];
    const std::string& next = keys[i + 1];
    Tell(client, {"SET", key, next});
    Tell(client, {"mget", key, next});
    Tell(client, {"EVAL", "return redis.call('del', KEYS[1], KEYS[2])", "2", key, next, "x"});
    Tell(client, {"LPUSH", key, key, next});
    Tell(client, {"ping", key});
    uses[key] += Use{.reads = 1, .writes = 3};
    uses[next] += Use{.reads = 1, .writes = 1};
  }
  Tell(client, {"PING"});
  server.Kill();
  ASSERT_TRUE(monitor.AwaitExit().has_value());

  const std::string log = monitor.Log();
  const Collected all = ReadBack(log.substr(0, log.find("Error: ")), "monitor");
  EXPECT_THAT(all.bad, IsEmpty());
  std::map<std::string, Use> found;
  for (const auto& [key, weight] : all.records) {
    found[key] += Use{.reads = weight.reads, .writes = weight.writes};
  }
  EXPECT_EQ(found, uses);
  EXPECT_THAT(all.skipped, ::testing::Contains(Pair("commands of scripts", keys.size() - 1)));
}

TEST(ProgramsTest, RedisCliNamesKeys) {
  RedisServer server;
  Client client(server.port());
  const std::vector<std::string> names = {"plain", "with space", "quo\"te's", "back\\slash"};
  for (const std::string& key : names) Tell(client, {"SET", key, key + key});
  const auto run = [&](const std::string& option) {
    return RunCommand({RedisCliPath(), "-p", std::to_string(server.port()), option}).out;
  };
  EXPECT_THAT(ReadBack(run("--scan"), "list").keys(), UnorderedElementsAreArray(names));

  // Each of these is a key that was found to be the biggest so far.
  for (const std::string option : {"--bigkeys", "--memkeys"}) {
    const Collected all = ReadBack(run(option), "redis-cli");
    EXPECT_THAT(all.bad, IsEmpty()) << option;
    ASSERT_FALSE(all.records.empty()) << option;
    for (const auto& [key, weight] : all.records) {
      EXPECT_THAT(names, ::testing::Contains(key)) << option;
      EXPECT_GE(weight.bytes, 2 * key.size()) << option;
    }
  }
}

TEST(ProgramsTest, MemcachedTellsKeysAndSizes) {
  Memcached server;
  Client client(server.port());
  const std::vector<std::string> names = {"plain", "pct%25key&=+", "utf8:\xc3\xa9", "a,b;c\"d"};
  for (const std::string& key : names) {
    client.Send("set " + key + " 0 0 100\r\n" + std::string(100, 'x') + "\r\n");
    ASSERT_EQ(client.ReadBytes(8), "STORED\r\n");
  }
  std::string dump;
  do {
    // Its own rounds keep it busy now and then.
    dump.clear();
    client.Send("lru_crawler metadump all\r\n");
    while (!dump.ends_with("\r\n") && !HasFailure()) dump += client.ReadBytes(1);
  } while (dump.starts_with("BUSY"));
  const Collected all = ReadBack(dump, "metadump");
  EXPECT_THAT(all.bad, IsEmpty());
  EXPECT_THAT(all.keys(), UnorderedElementsAreArray(names));
  for (const auto& [key, weight] : all.records) {
    EXPECT_GT(weight.bytes, 100 + key.size());
    EXPECT_LT(weight.bytes, 300u);
  }
}

}  // namespace
}  // namespace keyway::sim

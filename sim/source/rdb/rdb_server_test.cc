// Dumps as redis-server writes them: every type in every encoding that it has.
#include <cstdlib>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "proxy/testing/client.h"
#include "proxy/testing/process.h"
#include "sim/source/open/open.h"
#include "sim/source/testing.h"

namespace keyway::sim {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

class RdbServerTest : public ::testing::Test {
 protected:
  RdbServerTest()
      : server_({"--dbfilename", file_, "--list-max-listpack-size", "64", "--enable-debug-command",
                 "yes"}) {}

  std::string Save() {
    Client client(server_.port());
    EXPECT_EQ("+OK\r\n", client.Ask({"SAVE"}));
    return std::string(getenv("TEST_TMPDIR")) + "/" + file_;
  }
  Collected Read(const std::string& format = "") {
    const absl::StatusOr<std::unique_ptr<Source>> source = OpenSource(Save(), {.format = format});
    EXPECT_TRUE(source.ok()) << source.status();
    if (!source.ok()) return {};
    EXPECT_EQ((*source)->format(), "rdb");
    Collected all = Collect(**source);
    EXPECT_TRUE(all.status.ok()) << all.status;
    EXPECT_EQ((*source)->done(), (*source)->in_all());
    return all;
  }

  // A server that finds its file loads it.
  const std::string file_ = ::testing::UnitTest::GetInstance()->current_test_info()->name();
  RedisServer server_;
};

std::map<std::string, uint64_t> Sizes(const Collected& all) {
  std::map<std::string, uint64_t> sizes;
  for (const Collected::Record& record : all.records) {
    EXPECT_TRUE(sizes.emplace(record.key, record.weight.bytes).second) << record.key;
  }
  return sizes;
}

using Words = std::vector<std::string>;

// So many words that no small encoding takes them.
Words Many(Words command, const std::function<Words(int)>& element) {
  for (int i = 0; i < 2000; ++i) {
    for (std::string& word : element(i)) command.push_back(std::move(word));
  }
  return command;
}

std::string Random(size_t size) {
  std::string text;
  for (uint64_t state = 1; text.size() < size; state = state * 6364136223846793005u + 1) {
    text += static_cast<char>(state >> 56);
  }
  return text;
}

// Name of the encoding, as OBJECT ENCODING has it, and what makes a key of it.
struct EncodingCase {
  std::string encoding;
  Words command;
};

std::vector<EncodingCase> EncodingCases() {
  const auto number = [](int i) { return std::to_string(i); };
  const std::string large(100, 'x'), huge = Random(300'000);
  return {
      {"int", {"SET", "int8", "-100"}},
      {"int", {"SET", "int16", "1000"}},
      {"int", {"SET", "int32", "-2000000000"}},
      {"int", {"SET", "int64", "9000000000000000000"}},
      {"embstr", {"SET", "embstr", "short"}},
      {"raw", {"SET", "raw", huge}},
      {"raw", {"SET", "compressed", std::string(100'000, 'x')}},
      {"listpack", {"HSET", "hash listpack", "f", "v", "g", "w"}},
      {"hashtable", {"HSET", "hash", "f", large}},
      {"listpack", {"ZADD", "zset listpack", "1.5", "a", "-inf", "b"}},
      {"skiplist", {"ZADD", "zset", "1.5", large, "+inf", "b"}},
      {"intset", {"SADD", "intset", "1", "2", "-70000", "5000000000"}},
      {"hashtable", {"SADD", "set", "a", "b"}},
      {"hashtable", Many({"SADD", "set of integers"}, [&](int i) { return Words{number(i)}; })},
      {"quicklist", {"RPUSH", "quicklist", "a", "b", "3"}},
      {"quicklist", Many({"RPUSH", "long quicklist"}, [&](int i) { return Words{number(i)}; })},
      {"quicklist", {"RPUSH", "plain node", huge, "b"}},
      {"skiplist", Many({"ZADD", "large zset"},
                        [&](int i) {
                          return Words{number(i), "m" + number(i)};
                        })},
      {"hashtable", Many({"HSET", "large hash"},
                         [&](int i) {
                           return Words{"f" + number(i), number(i)};
                         })},
      {"stream", {"XADD", "stream", "1-1", "field", "value"}},
      {"int", {"SET", "12345", "1"}},
      {"embstr", {"SET", std::string(5000, 'k'), "compressed key"}},
      {"embstr", {"SET", std::string("\0\r\n\xff {}", 7), "any bytes"}},
      {"embstr", {"SET", "", "the empty key"}},
      {"raw", {"SETRANGE", "bitmap", "5000", "x"}},
      {"raw", {"PFADD", "hyperloglog", "a", "b"}},
  };
}

TEST_F(RdbServerTest, EveryEncodingIsReadKeyByKey) {
  Client client(server_.port());
  ASSERT_EQ("+OK\r\n", client.Ask({"DEBUG", "QUICKLIST-PACKED-THRESHOLD", "100kb"}));
  std::set<std::string> keys;
  for (const EncodingCase& item : EncodingCases()) {
    client.Send(Resp(item.command));
    const std::string reply = client.ReadReplies(Protocol::kRedis, 1).front();
    ASSERT_NE(reply[0], '-') << reply;
    const std::string& key = item.command[1];
    EXPECT_EQ(client.Ask({"OBJECT", "ENCODING", key}),
              absl::StrFormat("$%d\r\n%s\r\n", item.encoding.size(), item.encoding))
        << key;
    keys.insert(key);
  }
  for (int i = 2; i < 500; ++i) client.Ask({"XADD", "stream", "*", "f" + std::to_string(i), "v"});
  EXPECT_EQ(client.Ask({"XGROUP", "CREATE", "stream", "group", "0"}), "+OK\r\n");
  client.Ask({"XREADGROUP", "GROUP", "group", "reader", "COUNT", "100", "STREAMS", "stream", ">"});
  client.Ask({"XACK", "stream", "group", "1-1"});
  client.Ask({"FUNCTION", "LOAD",
              "#!lua name=lib\nredis.register_function('f', function() return 1 end)"});

  const std::map<std::string, uint64_t> sizes = Sizes(Read());
  std::set<std::string> read;
  for (const auto& [key, bytes] : sizes) {
    read.insert(key);
    EXPECT_GT(bytes, 0u) << key;
    if (client.Ask({"TYPE", key}) == "+string\r\n") {
      EXPECT_EQ(client.Ask({"STRLEN", key}), absl::StrFormat(":%d\r\n", bytes)) << key;
    }
  }
  EXPECT_EQ(read, keys);
  EXPECT_EQ(sizes.at("hash"), 101u);
  EXPECT_EQ(sizes.at("set"), 2u);
  EXPECT_EQ(sizes.at("zset"), 100u + 8 + 1 + 8);
  EXPECT_EQ(sizes.at("plain node"), 300'000u + 10) << "and a listpack of one";
}

TEST_F(RdbServerTest, ManyKeysWithTimesInSeveralDatabases) {
  Client client(server_.port());
  std::map<std::string, std::set<std::string>> keys;
  for (const std::string database : {"0", "3", "15"}) {
    std::string requests = Resp({"SELECT", database});
    for (int i = 0; i < 10'000; ++i) {
      const std::string key = absl::StrFormat("%s:%d", database, i);
      requests += i % 3 == 0 ? Resp({"SET", key, "v", "EX", "1000"}) : Resp({"SET", key, "v"});
      keys[database].insert(key);
    }
    client.Send(requests);
    client.ReadReplies(Protocol::kRedis, 10'001);
  }
  EXPECT_EQ(Sizes(Read()).size(), 30'000u);
  for (const auto& [database, expected] : keys) {
    const Collected all = Read("rdb:db=" + database);
    std::set<std::string> read;
    for (const Collected::Record& record : all.records) read.insert(record.key);
    EXPECT_EQ(read, expected);
    EXPECT_THAT(all.skipped, ElementsAre(Pair("other database", 20'000)));
  }
}

TEST_F(RdbServerTest, WhatServersAddForEviction) {
  Client client(server_.port());
  for (const std::string policy : {"allkeys-lru", "allkeys-lfu"}) {
    EXPECT_EQ("+OK\r\n", client.Ask({"CONFIG", "SET", "maxmemory-policy", policy}));
    EXPECT_EQ("+OK\r\n", client.Ask({"SET", "key", "value"}));
    EXPECT_THAT(Read().keys(), ElementsAre("key"));
  }
}

TEST_F(RdbServerTest, WithoutCompressionOrChecksum) {
  Client client(server_.port());
  EXPECT_EQ("+OK\r\n", client.Ask({"CONFIG", "SET", "rdbcompression", "no"}));
  EXPECT_EQ("+OK\r\n", client.Ask({"SET", std::string(1000, 'k'), std::string(1000, 'v')}));
  EXPECT_EQ(Sizes(Read()), (std::map<std::string, uint64_t>{{std::string(1000, 'k'), 1000}}));
}

}  // namespace
}  // namespace keyway::sim

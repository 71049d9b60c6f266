// What Twemproxy's own tests check of requests for many keys, and of Memcached pools, once
// with nutcracker and once with the proxy; README.md has the list.
#include <initializer_list>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "proxy/testing/both_programs.h"
#include "proxy/testing/client.h"
#include "proxy/testing/process.h"
#include "proxy/testing/wire.h"

namespace keyway {
namespace {

using ::testing::ElementsAre;
using ::testing::MatchesRegex;
using ::testing::StartsWith;

// nutcracker's buffers in these tests, of which 48 bytes are its own.
constexpr size_t kBufferBytes = 512;

std::string Bulk(const std::string& text) {
  return absl::StrFormat("$%d\r\n", text.size()) + text + "\r\n";
}

std::string KeyOf(int i) { return "key-" + std::to_string(i); }
std::string ValueOf(int i) { return "value-" + std::to_string(i); }

class ManyKeysTest : public BothProgramsTest {
 protected:
  void StartPool(size_t buffer_bytes = kBufferBytes) {
    proxy_ = Start(absl::StrFormat("p:\n  listen: 127.0.0.1:%d\n  redis: true\n  hash: fnv1a_64\n"
                                   "  distribution: modula\n  preconnect: true\n  servers:\n"
                                   "   - 127.0.0.1:%d:1 one\n   - 127.0.0.1:%d:1 two\n",
                                   port_.number(), one_.port(), two_.port()),
                   {port_.number()}, {"-m", std::to_string(buffer_bytes)});
    client_ = std::make_unique<Client>(port_.number());
  }

  std::string Ask(const std::vector<std::string>& words) {
    client_->Send(Resp(words));
    const std::vector<std::string> replies = client_->ReadReplies(Protocol::kRedis, 1);
    return replies.empty() ? "" : replies[0];
  }
  std::string AskAnew(const std::vector<std::string>& words) {
    client_ = std::make_unique<Client>(port_.number());
    return Ask(words);
  }
  // Sets the keys of these numbers, with one request.
  void SetKeys(int count) {
    std::vector<std::string> words = {"MSET"};
    for (int i = 0; i < count; ++i) words.insert(words.end(), {KeyOf(i), ValueOf(i)});
    EXPECT_EQ("+OK\r\n", Ask(words));
  }
  static std::vector<std::string> Keys(const std::string& command, int count) {
    std::vector<std::string> words = {command};
    for (int i = 0; i < count; ++i) words.push_back(KeyOf(i));
    return words;
  }
  static std::string Values(int count) {
    std::string reply = absl::StrFormat("*%d\r\n", count);
    for (int i = 0; i < count; ++i) reply += Bulk(ValueOf(i));
    return reply;
  }

  RedisServer one_, two_;
  FreePort port_;
  std::unique_ptr<ProxyProcess> proxy_;
  std::unique_ptr<Client> client_;
};

TEST_P(ManyKeysTest, MsetMgetAndDelOfUpToAThousandKeys) {
  StartPool();
  for (const int count : {1, 10, 100, 1000}) {
    SetKeys(count);
    EXPECT_EQ(Values(count), Ask(Keys("MGET", count)));
    EXPECT_EQ(absl::StrFormat(":%d\r\n", count), Ask(Keys("DEL", count)));
  }
}

TEST_P(ManyKeysTest, MissingKeysAreNil) {
  StartPool();
  SetKeys(1);
  EXPECT_EQ("*3\r\n$-1\r\n" + Bulk(ValueOf(0)) + "$-1\r\n",
            Ask({"MGET", "none", KeyOf(0), "neither"}));
  EXPECT_EQ("*2\r\n$-1\r\n$-1\r\n", Ask({"MGET", "none", "neither"}));
  EXPECT_EQ(":1\r\n", Ask({"DEL", "none", KeyOf(0), "neither"}));
}

TEST_P(ManyKeysTest, KeysThatJustFitIntoABuffer) {
  StartPool();
  for (const size_t less : {50u, 49u}) {
    const std::string key(kBufferBytes - less, 'k');
    EXPECT_EQ("+OK\r\n", Ask({"MSET", key, "v", "other", "w"}));
    EXPECT_EQ("*2\r\n" + Bulk("v") + Bulk("w"), Ask({"MGET", key, "other"}));
  }
  // One byte more is too much for nutcracker.
  client_->Send(Resp({"SET", std::string(kBufferBytes - 48, 'k'), "v"}));
  if (ours()) {
    EXPECT_THAT(client_->ReadReplies(Protocol::kRedis, 1), ElementsAre("+OK\r\n"));
  } else {
    EXPECT_EQ("", client_->ReadUntilClosed());
  }
}

TEST_P(ManyKeysTest, OneServerOrBothDownAndBackAgain) {
  StartPool();
  SetKeys(10);
  one_.Kill();
  for (const bool both : {false, true}) {
    if (both) two_.Kill();
    // nutcracker closes the client of a failed MGET. The first request sees the end of the
    // connection that was there, the later ones that there is nobody.
    for (int round = 0; round < 3; ++round) {
      client_ = std::make_unique<Client>(port_.number());
      const auto failure = MatchesRegex(
          "-ERR (Connection refused|Connection reset by peer|Broken pipe|unknown|server closed "
          "the connection)( .server [a-z]+.)?\r\n");
      client_->Send(Resp(Keys("MGET", 10)));
      EXPECT_THAT(
          ours() ? client_->ReadReplies(Protocol::kRedis, 1)[0] : client_->ReadUntilClosed(),
          failure);
      EXPECT_THAT(AskAnew(Keys("DEL", 10)), failure);
      EXPECT_THAT(Ask({"MSET", KeyOf(0), "v", KeyOf(1), "v", KeyOf(2), "v"}), failure);
    }
  }
  one_.Restart();
  two_.Restart();
  client_ = std::make_unique<Client>(port_.number());
  SetKeys(10);
  EXPECT_EQ(Values(10), Ask(Keys("MGET", 10)));
}

TEST_P(ManyKeysTest, AReadOnlyServerSaysSo) {
  StartPool();
  SetKeys(10);
  for (const RedisServer* server : {&one_, &two_}) {
    EXPECT_EQ("+OK\r\n", Client(server->port()).Ask({"REPLICAOF", "127.0.0.1", "1"}));
  }
  EXPECT_THAT(Ask(Keys("DEL", 1)), StartsWith("-READONLY "));
  // nutcracker has lost the text by then.
  EXPECT_THAT(Ask(Keys("DEL", 10)), StartsWith(Either("-ERR Invalid argument\r\n", "-READONLY ")));
  EXPECT_EQ(Values(10), Ask(Keys("MGET", 10)));
}

TEST_P(ManyKeysTest, APipelineOfAThousandKeys) {
  StartPool();
  constexpr int kCount = 1000;
  std::string requests, expected;
  for (int i = 0; i < kCount; ++i) {
    requests += Resp({"SET", KeyOf(i), ValueOf(i)});
    expected += "+OK\r\n";
    if (i % 100 == 99) {
      requests += Resp(Keys("MGET", i + 1));
      expected += Values(i + 1);
    }
    requests += Resp({"GET", KeyOf(i)});
    expected += Bulk(ValueOf(i));
  }
  client_->Send(requests);
  EXPECT_TRUE(client_->ReadBytes(expected.size()) == expected);
}

TEST_P(ManyKeysTest, LargeValues) {
  StartPool(65536);
  std::string value(16 << 20, '\0');
  for (size_t i = 0; i < value.size(); ++i) value[i] = static_cast<char>(i * 7 + i / 253);
  EXPECT_EQ("+OK\r\n", Ask({"MSET", "a", value, "b", "small", "c", value}));
  const std::string all = Ask({"MGET", "a", "b", "c"});
  EXPECT_TRUE(all == "*3\r\n" + Bulk(value) + Bulk("small") + Bulk(value)) << all.size();
}

class MemcachedChecksTest : public BothProgramsTest {
 protected:
  MemcachedChecksTest() {
    proxy_ = Start(absl::StrFormat("p:\n  listen: 127.0.0.1:%d\n  hash: fnv1a_64\n"
                                   "  distribution: modula\n  preconnect: true\n  servers:\n"
                                   "   - 127.0.0.1:%d:1 one\n   - 127.0.0.1:%d:1 two\n",
                                   port_.number(), one_.port(), two_.port()),
                   {port_.number()}, {"-m", std::to_string(kBufferBytes)});
    client_ = std::make_unique<Client>(port_.number());
  }

  std::string Ask(const std::string& request) {
    client_->Send(request);
    const std::vector<std::string> replies = client_->ReadReplies(Protocol::kMemcache, 1);
    return replies.empty() ? "" : replies[0];
  }

  Memcached one_, two_;
  FreePort port_;
  std::unique_ptr<ProxyProcess> proxy_;
  std::unique_ptr<Client> client_;
};

TEST_P(MemcachedChecksTest, SetGetIncrDelete) {
  EXPECT_EQ("STORED\r\n", Ask("set k 0 0 1\r\n7\r\n"));
  EXPECT_EQ("VALUE k 0 1\r\n7\r\nEND\r\n", Ask("get k\r\n"));
  EXPECT_EQ("12\r\n", Ask("incr k 5\r\n"));
  EXPECT_EQ("DELETED\r\n", Ask("delete k\r\n"));
  EXPECT_EQ("END\r\n", Ask("get k\r\n"));
  EXPECT_EQ("NOT_FOUND\r\n", Ask("incr k 1\r\n"));
}

TEST_P(MemcachedChecksTest, UpToAThousandKeysAndMisses) {
  for (const int count : {10, 100, 1000}) {
    std::string sets, get = "get", deletes;
    for (int i = 0; i < count; ++i) {
      const std::string key = KeyOf(i), value = ValueOf(i);
      sets += absl::StrFormat("set %s 0 0 %d\r\n%s\r\n", key, value.size(), value);
      absl::StrAppendFormat(&get, " %s missing-%s", key, key);
      deletes += "delete " + key + "\r\n";
    }
    client_->Send(sets);
    const size_t all = static_cast<size_t>(count);
    EXPECT_EQ(client_->ReadReplies(Protocol::kMemcache, all),
              std::vector<std::string>(all, "STORED\r\n"));
    const std::string found = Ask(get + "\r\n");
    for (int i = 0; i < count; ++i) {
      const std::string value = ValueOf(i);
      const std::string item =
          absl::StrFormat("VALUE %s 0 %d\r\n%s\r\n", KeyOf(i), value.size(), value);
      EXPECT_NE(found.find(item), found.npos) << item;
    }
    EXPECT_EQ(found.find("VALUE missing"), found.npos);
    client_->Send(deletes);
    EXPECT_EQ(client_->ReadReplies(Protocol::kMemcache, all),
              std::vector<std::string>(all, "DELETED\r\n"));
    EXPECT_EQ("END\r\n", Ask(get + "\r\n"));
  }
}

INSTANTIATE_TEST_SUITE_P(Both, ManyKeysTest, BothPrograms(), ProgramName);
INSTANTIATE_TEST_SUITE_P(Both, MemcachedChecksTest, BothPrograms(), ProgramName);

}  // namespace
}  // namespace keyway

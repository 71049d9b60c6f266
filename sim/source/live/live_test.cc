// Keys of real servers, and servers that do not as they should.
#include "sim/source/live/live.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <set>
#include <string>
#include <thread>
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
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

constexpr int kKeys = 20'000;

Collected Read(const std::string& text) {
  const absl::StatusOr<std::unique_ptr<Source>> source = OpenSource(text, {});
  if (!source.ok()) return {.status = source.status()};
  return Collect(**source);
}

std::string Message(const Collected& all) { return std::string(all.status.message()); }

std::set<std::string> Set(const std::vector<std::string>& keys) {
  return {keys.begin(), keys.end()};
}

// Sets kKeys keys, and returns their names.
std::set<std::string> FillRedis(uint16_t port, const std::string& prefix) {
  std::set<std::string> keys;
  std::string requests;
  for (int i = 0; i < kKeys; ++i) {
    const std::string key = absl::StrFormat("%s:%d", prefix, i);
    requests += Resp({"SET", key, "value"});
    keys.insert(key);
  }
  Client client(port);
  client.Send(requests);
  client.ReadReplies(Protocol::kRedis, kKeys);
  return keys;
}

TEST(LiveRedisTest, GivesEveryKey) {
  RedisServer server;
  const std::string url = absl::StrFormat("redis://127.0.0.1:%d", server.port());
  EXPECT_THAT(Read(url).records, IsEmpty());

  std::set<std::string> keys = FillRedis(server.port(), "user");
  Client client(server.port());
  const std::string binary("\0 \r\n\xff", 5);
  client.Ask({"RPUSH", binary, "element"});
  client.Ask({"SET", "", "empty"});
  keys.insert({binary, ""});

  const absl::StatusOr<std::unique_ptr<Source>> source = OpenSource(url, {});
  ASSERT_TRUE(source.ok()) << source.status();
  EXPECT_EQ((*source)->name(), url + "/0");
  EXPECT_EQ((*source)->format(), "redis");
  EXPECT_EQ((*source)->content(), Content::kKeys);
  EXPECT_EQ((*source)->in_all(), keys.size());
  const Collected all = Collect(**source);
  EXPECT_TRUE(all.status.ok()) << all.status;
  EXPECT_EQ(Set(all.keys()), keys);
  EXPECT_GE((*source)->done(), keys.size());
  EXPECT_GT(all.blocks, 10u);
}

TEST(LiveRedisTest, OneDatabaseAndAPattern) {
  RedisServer server;
  FillRedis(server.port(), "zero");
  Client client(server.port());
  client.Ask({"SELECT", "7"});
  client.Ask({"SET", "a:1", "x"});
  client.Ask({"SET", "b:1", "x"});
  const std::string address = absl::StrFormat("redis://127.0.0.1:%d", server.port());
  EXPECT_EQ(Set(Read(address + "/7").keys()), (std::set<std::string>{"a:1", "b:1"}));
  EXPECT_THAT(Read(address + "/7?match=a*").keys(), ElementsAre("a:1"));
  EXPECT_THAT(Read(address + "?match=zero:1999[89]&count=7").records.size(), 2u);
}

TEST(LiveRedisTest, SizesAreThoseOfTheServer) {
  RedisServer server;
  Client client(server.port());
  client.Ask({"SET", "small", "x"});
  client.Ask({"SET", "large", std::string(100'000, 'x')});
  const Collected all = Read(absl::StrFormat("redis://127.0.0.1:%d?memory=yes", server.port()));
  ASSERT_EQ(all.records.size(), 2u);
  for (const Collected::Record& record : all.records) {
    EXPECT_EQ(client.Ask({"MEMORY", "USAGE", record.key}),
              absl::StrFormat(":%d\r\n", record.weight.bytes));
  }
}

TEST(LiveRedisTest, PasswordsAndUsers) {
  RedisServer server({"--requirepass", "s3cret"});
  Client client(server.port());
  client.Ask({"AUTH", "s3cret"});
  client.Ask({"ACL", "SETUSER", "me", "on", ">mine", "~*", "+@all"});
  client.Ask({"SET", "k", "v"});
  const std::string address = absl::StrFormat("127.0.0.1:%d", server.port());
  EXPECT_THAT(Read("redis://s3cret@" + address).keys(), ElementsAre("k"));
  EXPECT_THAT(Read("redis://me:mine@" + address).keys(), ElementsAre("k"));
  EXPECT_THAT(Message(Read("redis://" + address)),
              StartsWith("redis://" + address + "/0: NOAUTH "));
  const std::string wrong = Message(Read("redis://me:wr0ng@" + address));
  EXPECT_THAT(wrong, HasSubstr("WRONGPASS"));
  EXPECT_EQ(wrong.find("wr0ng"), std::string::npos) << wrong;
  EXPECT_THAT(Message(Read("redis://s3cret@" + address + "/99")), HasSubstr("DB index"));
}

TEST(LiveMemcachedTest, GivesEveryKey) {
  Memcached server;
  const std::string url = absl::StrFormat("memcached://127.0.0.1:%d", server.port());
  EXPECT_THAT(Read(url).records, IsEmpty());
  EXPECT_TRUE(Read(url).status.ok());

  Client client(server.port());
  std::set<std::string> keys;
  std::string requests;
  for (int i = 0; i < kKeys; ++i) {
    const std::string key = absl::StrFormat("user:%d%%/&=?", i);
    absl::StrAppendFormat(&requests, "set %s 0 0 5\r\nvalue\r\n", key);
    keys.insert(key);
  }
  client.Send(requests);
  client.ReadReplies(Protocol::kMemcache, kKeys);
  const absl::StatusOr<std::unique_ptr<Source>> source = OpenSource(url, {});
  ASSERT_TRUE(source.ok()) << source.status();
  EXPECT_EQ((*source)->name(), url);
  EXPECT_EQ((*source)->format(), "metadump");
  const Collected all = Collect(**source);
  EXPECT_TRUE(all.status.ok()) << all.status;
  EXPECT_THAT(all.bad, IsEmpty());
  EXPECT_EQ(Set(all.keys()), keys);
  EXPECT_GT(all.records.front().weight.bytes, 5u);
}

TEST(LiveMemcachedTest, WithoutACrawlerItSaysSo) {
  Memcached server;
  Client client(server.port());
  client.Send("lru_crawler disable\r\n");
  EXPECT_THAT(client.ReadReplies(Protocol::kMemcache, 1), ElementsAre("OK\r\n"));
  const std::string message =
      Message(Read(absl::StrFormat("memcached://127.0.0.1:%d", server.port())));
  EXPECT_THAT(message, HasSubstr("ERROR"));
  EXPECT_THAT(message, HasSubstr("with its crawler on"));
}

// Gives one client after another its answer, whatever it asks for, and hangs up.
class Answers {
 public:
  explicit Answers(std::vector<std::string> answers)
      : listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* const plain = reinterpret_cast<sockaddr*>(&address);
    socklen_t size = sizeof(address);
    EXPECT_EQ(::bind(listener_, plain, size), 0);
    EXPECT_EQ(::listen(listener_, 1), 0);
    EXPECT_EQ(::getsockname(listener_, plain, &size), 0);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this, answers = std::move(answers)] {
      for (const std::string& answer : answers) Give(answer);
    });
  }
  Answers(const Answers&) = delete;
  Answers& operator=(const Answers&) = delete;
  ~Answers() {
    thread_.join();
    ::close(listener_);
  }

  uint16_t port() const { return port_; }

 private:
  void Give(const std::string& answer) const {
    const int client = ::accept(listener_, nullptr, nullptr);
    char request[100];
    EXPECT_GT(::recv(client, request, sizeof(request), 0), 0);
    EXPECT_EQ(::send(client, answer.data(), answer.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(answer.size()));
    ::shutdown(client, SHUT_WR);
    while (::recv(client, request, sizeof(request), 0) > 0) continue;
    ::close(client);
  }

  const int listener_;
  uint16_t port_ = 0;
  std::thread thread_;
};

Collected ReadFrom(const std::string& kind, const std::string& answer) {
  const Answers server({answer});
  return Read(absl::StrFormat("%s://127.0.0.1:%d", kind, server.port()));
}

TEST(LiveMemcachedTest, AnEmptyServerMaySaySo) {
  const Collected all = ReadFrom("memcached", "NOTSTARTED no items to crawl\r\n");
  EXPECT_TRUE(all.status.ok()) << all.status;
  EXPECT_THAT(all.records, IsEmpty());
  EXPECT_THAT(all.bad, IsEmpty());
}

constexpr const char* kBusy = "BUSY currently processing crawler request\r\n";

TEST(LiveMemcachedTest, ABusyCrawlerIsWaitedFor) {
  const Answers server({kBusy, kBusy, "key=a exp=-1 la=1 cas=1 fetch=no cls=1 size=70\nEND\r\n"});
  EXPECT_THAT(Read(absl::StrFormat("memcached://127.0.0.1:%d", server.port())).keys(),
              ElementsAre("a"));
}

TEST(LiveMemcachedTest, ACrawlerThatStaysBusyIsNamed) {
  const Answers server({kBusy});
  absl::StatusOr<LiveServer> impatient =
      ParseMemcached(absl::StrFormat("127.0.0.1:%d", server.port()));
  ASSERT_TRUE(impatient.ok()) << impatient.status();
  impatient->busy_patience = std::chrono::milliseconds(0);
  EXPECT_THAT(OpenLive(*impatient).status().message(),
              HasSubstr("try again when its crawler is done"));
}

TEST(LiveTest, AnAnswerThatIsCutOffIsAnError) {
  EXPECT_THAT(Message(ReadFrom("memcached", "key=a exp=-1 la=1 cas=1 fetch=no cls=1 size=70\n")),
              HasSubstr("the server has closed the connection too early"));
  EXPECT_THAT(Message(ReadFrom("redis", "")), HasSubstr("the server has closed the connection"));
  EXPECT_THAT(Message(ReadFrom("redis", ":1\r\n*2\r\n$1\r\n0\r\n*1\r\n")),
              HasSubstr("the server has closed the connection"));
}

TEST(LiveRedisTest, WhatTheServerSaysIsPassedOn) {
  EXPECT_THAT(Message(ReadFrom("redis", "-LOADING Redis is loading the dataset in memory\r\n")),
              HasSubstr("LOADING Redis is loading"));
  EXPECT_THAT(Message(ReadFrom("redis", ":1\r\n:2\r\n")), HasSubstr("is no Redis server"));
}

TEST(LiveTest, UnixSockets) {
  char folder[] = "/tmp/k.XXXXXX";
  ASSERT_NE(nullptr, ::mkdtemp(folder));
  const std::string path = std::string(folder) + "/s";
  {
    RedisServer server({"--unixsocket", path});
    Client(server.port()).Ask({"SET", "k", "v"});
    EXPECT_THAT(Read("redis-socket:" + path).keys(), ElementsAre("k"));
    EXPECT_THAT(Read("redis-socket:" + path + "?db=1").keys(), IsEmpty());
  }
  ::unlink(path.c_str());
  ::rmdir(folder);
}

TEST(LiveTest, NobodyListens) {
  FreePort port;
  for (const char* kind : {"redis://", "memcached://"}) {
    const std::string message =
        Message(Read(absl::StrFormat("%s127.0.0.1:%d", kind, port.number())));
    EXPECT_THAT(message, StartsWith(absl::StrFormat("%s127.0.0.1:%d", kind, port.number())));
    EXPECT_THAT(message, HasSubstr("cannot connect: Connection refused"));
  }
  EXPECT_THAT(Message(Read("redis-socket:/tmp/no-such-socket")),
              HasSubstr("cannot connect: No such file or directory"));
}

TEST(LiveTest, TheOtherProtocolIsNamed) {
  RedisServer redis;
  Memcached memcached;
  EXPECT_THAT(Message(Read(absl::StrFormat("memcached://127.0.0.1:%d", redis.port()))),
              HasSubstr("says '-ERR unknown command"));
  EXPECT_THAT(Message(Read(absl::StrFormat("redis://127.0.0.1:%d", memcached.port()))),
              HasSubstr("is this a Redis server?"));
}

TEST(LiveTest, WrongAddressesNameTheKind) {
  EXPECT_THAT(Message(Read("redis://localhost")), StartsWith("redis:// 'localhost' is not an"));
  EXPECT_THAT(Message(Read("memcached-socket:x")), StartsWith("memcached-socket: 'x' is no path"));
}

}  // namespace
}  // namespace keyway::sim

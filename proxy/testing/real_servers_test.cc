// The program over real servers: what fake ones cannot show.
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "proxy/testing/client.h"
#include "proxy/testing/process.h"

namespace keyway {
namespace {

using ::testing::ElementsAre;
using ::testing::StartsWith;

// A proxy over servers that are there already; `servers` are lines of the configuration.
std::unique_ptr<ProxyProcess> StartProxy(const std::string& listen, const std::string& settings,
                                         const std::vector<std::string>& servers,
                                         std::vector<uint16_t> ports) {
  std::string config = "p:\n  listen: " + listen + "\n" + settings + "  servers:\n";
  for (const std::string& server : servers) config += "   - " + server + "\n";
  return std::make_unique<ProxyProcess>(ProxyPath(), config, std::move(ports),
                                        std::vector<std::string>{"--workers=2"});
}

std::string Listen(const FreePort& port) { return "127.0.0.1:" + std::to_string(port.number()); }

std::string Tcp(uint16_t port, const std::string& name) {
  return absl::StrFormat("127.0.0.1:%d:1 %s", port, name);
}

TEST(RealServersTest, RedisCommandsOfEachKind) {
  RedisServer one, two;
  FreePort port;
  const auto proxy = StartProxy(Listen(port), "  redis: true\n",
                                {Tcp(one.port(), "one"), Tcp(two.port(), "two")}, {port.number()});
  Client client(port.number());
  EXPECT_EQ("+OK\r\n", client.Ask({"MSET", "a", "1", "b", "2", "c", "3", "d", "4"}));
  EXPECT_EQ("*5\r\n$1\r\n4\r\n$1\r\n1\r\n$-1\r\n$1\r\n3\r\n$1\r\n2\r\n",
            client.Ask({"MGET", "d", "a", "none", "c", "b"}));
  EXPECT_EQ(":3\r\n", client.Ask({"EXISTS", "a", "b", "c", "none"}));
  EXPECT_EQ(":2\r\n", client.Ask({"TOUCH", "a", "d"}));
  EXPECT_EQ(":2\r\n", client.Ask({"INCR", "a"}));
  EXPECT_EQ(":1\r\n", client.Ask({"SADD", "set", "x"}));
  EXPECT_THAT(client.Ask({"MGET", "a", "set"}), StartsWith("*2\r\n$1\r\n2\r\n$-1\r\n"));
  EXPECT_THAT(client.Ask({"GET", "set"}), StartsWith("-WRONGTYPE "));
  EXPECT_EQ("*2\r\n$1\r\n2\r\n$3\r\narg\r\n",
            client.Ask({"EVAL", "return {redis.call('GET', KEYS[1]), ARGV[1]}", "1", "a", "arg"}));
  EXPECT_THAT(client.Ask({"XADD", "stream", "1-1", "f", "v"}), "$3\r\n1-1\r\n");
  EXPECT_EQ("*1\r\n*2\r\n$6\r\nstream\r\n*1\r\n*2\r\n$3\r\n1-1\r\n*2\r\n$1\r\nf\r\n$1\r\nv\r\n",
            client.Ask({"XREAD", "STREAMS", "stream", "0"}));
  EXPECT_EQ(":4\r\n", client.Ask({"DEL", "a", "b", "c", "d"}));
}

TEST(RealServersTest, MemcachedCommandsOfEachKind) {
  Memcached one, two;
  FreePort port;
  const auto proxy = StartProxy(Listen(port), "", {Tcp(one.port(), "one"), Tcp(two.port(), "two")},
                                {port.number()});
  Client client(port.number());
  const auto ask = [&](const std::string& bytes, size_t replies) {
    client.Send(bytes);
    return client.ReadReplies(Protocol::kMemcache, replies);
  };
  EXPECT_THAT(ask("set a 1 0 1\r\nA\r\nset b 2 0 1\r\nB\r\nadd a 0 0 1\r\nX\r\n", 3),
              ElementsAre("STORED\r\n", "STORED\r\n", "NOT_STORED\r\n"));
  EXPECT_THAT(ask("set c 3 0 1 noreply\r\nC\r\nget b none c a\r\n", 1),
              ElementsAre("VALUE b 2 1\r\nB\r\nVALUE c 3 1\r\nC\r\nVALUE a 1 1\r\nA\r\nEND\r\n"));
  EXPECT_THAT(
      ask("append a 0 0 1\r\n1\r\ngat 0 a\r\ntouch a 60\r\ntouch none 60\r\n", 4),
      ElementsAre("STORED\r\n", "VALUE a 1 2\r\nA1\r\nEND\r\n", "TOUCHED\r\n", "NOT_FOUND\r\n"));
  EXPECT_THAT(ask("set n 0 0 1\r\n7\r\nincr n 5\r\ndecr n 2\r\nincr a 1\r\n", 4),
              ElementsAre("STORED\r\n", "12\r\n", "10\r\n", StartsWith("CLIENT_ERROR ")));
  EXPECT_THAT(ask("mg a v q\r\nmg none v q\r\nms m 2\r\nhi\r\nmg m v f\r\nmd m q\r\nmn\r\n", 4),
              ElementsAre("VA 2\r\nA1\r\n", "HD\r\n", "VA 2 f0\r\nhi\r\n", "MN\r\n"));
  EXPECT_THAT(ask("set neg 0 -1 1\r\nx\r\nget neg\r\ndelete b\r\ndelete b\r\n", 4),
              ElementsAre("STORED\r\n", "END\r\n", "DELETED\r\n", "NOT_FOUND\r\n"));
  EXPECT_THAT(ask("flush_all\r\nverbosity 0\r\nversion\r\n", 3),
              ElementsAre("OK\r\n", "OK\r\n", StartsWith("VERSION 1.")));
}

TEST(RealServersTest, LargeValuesGoThereAndBack) {
  RedisServer one;
  FreePort port;
  const auto proxy =
      StartProxy(Listen(port), "  redis: true\n", {Tcp(one.port(), "one")}, {port.number()});
  Client client(port.number());
  for (const size_t size : {100, 5000, 70'000, 1'100'000, 30'000'000}) {
    std::string value(size, '\0');
    for (size_t i = 0; i < size; ++i) value[i] = static_cast<char>(i * 7 + i / 253);
    EXPECT_EQ("+OK\r\n", client.Ask({"SET", "k", value}));
    EXPECT_TRUE(client.Ask({"GET", "k"}) == absl::StrFormat("$%d\r\n", size) + value + "\r\n")
        << size;
  }
}

TEST(RealServersTest, PasswordAndDatabaseReachTheServer) {
  RedisServer one({"--requirepass", "s3cret"});
  FreePort port;
  const auto proxy =
      StartProxy(Listen(port), "  redis: true\n  redis_auth: s3cret\n  redis_db: 5\n",
                 {Tcp(one.port(), "one")}, {port.number()});
  Client client(port.number());
  EXPECT_THAT(client.Ask({"SET", "k", "v"}), StartsWith("-NOAUTH "));
  EXPECT_EQ("+OK\r\n", client.Ask({"AUTH", "s3cret"}));
  EXPECT_EQ("+OK\r\n", client.Ask({"SET", "k", "v"}));
  Client direct(one.port());
  EXPECT_EQ("+OK\r\n", direct.Ask({"AUTH", "s3cret"}));
  EXPECT_EQ("$-1\r\n", direct.Ask({"GET", "k"}));
  EXPECT_EQ("+OK\r\n", direct.Ask({"SELECT", "5"}));
  EXPECT_EQ("$1\r\nv\r\n", direct.Ask({"GET", "k"}));
}

TEST(RealServersTest, AClientsOrderIsKeptOverSeveralConnections) {
  constexpr int kCount = 1000;
  RedisServer one;
  FreePort port;
  const auto proxy = StartProxy(Listen(port), "  redis: true\n  server_connections: 4\n",
                                {Tcp(one.port(), "one")}, {port.number()});
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 8; ++i) {
    clients.push_back(std::make_unique<Client>(port.number()));
    std::string requests;
    for (int n = 0; n < kCount; ++n) requests += Resp({"INCR", "key" + std::to_string(i)});
    clients.back()->Send(requests);
  }
  std::string replies;
  for (int n = 1; n <= kCount; ++n) replies += ":" + std::to_string(n) + "\r\n";
  for (const auto& client : clients) EXPECT_EQ(client->ReadBytes(replies.size()), replies);
  // And so they were, as redis-server sees it: with this client's, and the workers'.
  const std::string list = Client(one.port()).Ask({"CLIENT", "LIST"});
  EXPECT_GE(std::count(list.begin(), list.end(), '\n'), 1 + 4);
}

TEST(RealServersTest, UnixSocketsOnBothSides) {
  char folder[] = "/tmp/k.XXXXXX";
  ASSERT_NE(nullptr, ::mkdtemp(folder));
  const std::string server_path = std::string(folder) + "/s",
                    listen_path = std::string(folder) + "/l";
  {
    RedisServer one({"--unixsocket", server_path});
    const auto proxy = StartProxy(listen_path + " 0600", "  redis: true\n  redis_db: 2\n",
                                  {server_path + ":1 one"}, {});
    Client client(listen_path);
    EXPECT_EQ("+OK\r\n", client.Ask({"SET", "k", std::string(100'000, 'x')}));
    Client direct(one.port());
    EXPECT_EQ("+OK\r\n", direct.Ask({"SELECT", "2"}));
    EXPECT_EQ(":100000\r\n", direct.Ask({"STRLEN", "k"}));
  }
  ::unlink(server_path.c_str());
  ::unlink(listen_path.c_str());
  ::rmdir(folder);
}

TEST(RealServersTest, ManyClientsAtOnceOverBothProtocolsOfOneProcess) {
  RedisServer redis;
  Memcached memcached;
  FreePort redis_port, memcache_port;
  const std::string config = absl::StrFormat(
      "r:\n  listen: 127.0.0.1:%d\n  redis: true\n  servers:\n   - 127.0.0.1:%d:1 r1\n"
      "m:\n  listen: 127.0.0.1:%d\n  servers:\n   - 127.0.0.1:%d:1 m1\n",
      redis_port.number(), redis.port(), memcache_port.number(), memcached.port());
  ProxyProcess proxy(ProxyPath(), config, {redis_port.number(), memcache_port.number()},
                     {"--workers=2"});
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 100; ++i) {
    clients.push_back(std::make_unique<Client>(redis_port.number()));
    clients.back()->Send(Resp({"SET", "k" + std::to_string(i), std::to_string(i)}));
    clients.back()->Send(Resp({"GET", "k" + std::to_string(i)}));
    clients.push_back(std::make_unique<Client>(memcache_port.number()));
    clients.back()->Send(absl::StrFormat("set k%d 0 0 1\r\nx\r\nget k%d\r\n", i, i));
  }
  for (int i = 0; i < 100; ++i) {
    const std::string text = std::to_string(i);
    EXPECT_THAT(clients[2 * static_cast<size_t>(i)]->ReadReplies(Protocol::kRedis, 2),
                ElementsAre("+OK\r\n", absl::StrFormat("$%d\r\n%s\r\n", text.size(), text)));
    EXPECT_THAT(clients[2 * static_cast<size_t>(i) + 1]->ReadReplies(Protocol::kMemcache, 2),
                ElementsAre("STORED\r\n", absl::StrFormat("VALUE k%d 0 1\r\nx\r\nEND\r\n", i)));
  }
}

}  // namespace
}  // namespace keyway

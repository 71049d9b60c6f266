#include "proxy/testing/process.h"

#include <signal.h>
#include <sys/wait.h>

#include <memory>
#include <string>

#include "absl/strings/str_format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "proxy/testing/client.h"

namespace keyway {
namespace {

TEST(ProcessTest, RealServersAnswer) {
  RedisServer redis;
  Client to_redis(redis.port());
  EXPECT_EQ("+OK\r\n", to_redis.Ask({"SET", "k", "v"}));
  EXPECT_EQ("$1\r\nv\r\n", to_redis.Ask({"GET", "k"}));

  Memcached memcached;
  Client to_memcached(memcached.port());
  to_memcached.Send("set k 0 0 1\r\nv\r\nget k\r\n");
  EXPECT_THAT(to_memcached.ReadReplies(Protocol::kMemcache, 2),
              ::testing::ElementsAre("STORED\r\n", "VALUE k 0 1\r\nv\r\nEND\r\n"));
}

TEST(ProcessTest, AServerComesBackOnItsPort) {
  RedisServer redis;
  Client before(redis.port());
  redis.Kill();
  EXPECT_EQ("", before.ReadUntilClosed());
  redis.Restart();
  EXPECT_EQ("+PONG\r\n", Client(redis.port()).Ask({"PING"}));
}

TEST(ProcessTest, NutcrackerForwards) {
  RedisServer redis;
  FreePort port;
  ProxyProcess proxy(NutcrackerPath(),
                     absl::StrFormat("p:\n"
                                     "  listen: 127.0.0.1:%d\n"
                                     "  redis: true\n"
                                     "  servers:\n"
                                     "   - 127.0.0.1:%d:1 one\n",
                                     port.number(), redis.port()),
                     {port.number()});
  Client client(port.number());
  EXPECT_EQ("+OK\r\n", client.Ask({"SET", "k", "v"}));
  EXPECT_EQ("$1\r\nv\r\n", Client(redis.port()).Ask({"GET", "k"}));
  client.SendEnd();
  EXPECT_EQ("", client.ReadUntilClosed());
  EXPECT_THAT(proxy.Stats(), ::testing::HasSubstr("\"service\":\"nutcracker\""));
  proxy.process().Signal(SIGINT);
  const std::optional<int> status = proxy.process().AwaitExit();
  ASSERT_TRUE(status.has_value());
  EXPECT_EQ(1, WEXITSTATUS(*status));
}

}  // namespace
}  // namespace keyway

#include "proxy/dispatch/local_commands.h"

#include <string>

#include "gtest/gtest.h"
#include "proxy/dispatch/pool_testing.h"
#include "proxy/testing/wire.h"

namespace keyway {
namespace {

struct Case {
  std::string request;
  std::string reply;
  bool closes = false;
};

class LocalCommandsTest : public ::testing::Test {
 protected:
  void Try(PoolConfig config, const Case& each) {
    FakeLoop loop;
    TestPool pool(loop, std::move(config), 1);
    TestClient client(pool);
    client.state.authenticated = true;
    client.Send(each.request);
    EXPECT_EQ(client.ReplyTo(0), each.reply);
    EXPECT_EQ(client.exchange(0).close_after, each.closes) << each.request;
    EXPECT_EQ(pool.connections(0), 0u) << each.request;
  }
};

TEST_F(LocalCommandsTest, OfRedis) {
  const Case kCases[] = {
      {Resp({"PING"}), "+PONG\r\n"},
      {Resp({"PING", ""}), "$0\r\n\r\n"},
      {Resp({"PING", "a\r\nb"}), "$4\r\na\r\nb\r\n"},
      {Resp({"PING", "a", "b"}), "-ERR wrong number of arguments for 'ping' command\r\n"},
      {Resp({"ECHO", "hello"}), "$5\r\nhello\r\n"},
      {Resp({"ECHO"}), "-ERR wrong number of arguments for 'echo' command\r\n"},
      {Resp({"QUIT"}), "+OK\r\n", true},
      {Resp({"AUTH", "x"}), "-ERR Client sent AUTH, but no password is set\r\n"},
      {Resp({"AUTH", "a", "b", "c"}), "-ERR wrong number of arguments for 'auth' command\r\n"},
  };
  for (const Case& each : kCases) Try(RedisPool(), each);
}

TEST_F(LocalCommandsTest, OfMemcached) {
  Try(MemcachePool(), {"mn\r\n", "MN\r\n"});
  Try(MemcachePool(), {"quit\r\n", "", true});
}

TEST_F(LocalCommandsTest, EveryLocalRowHasAHandlerAndNoOtherRow) {
  for (const PoolConfig& config : {RedisPool(), MemcachePool()}) {
    FakeLoop loop;
    TestPool pool(loop, config, 1);
    const Codec& codec = pool.dispatcher().codec();
    const LocalCommands local(codec);
    for (const CommandSpec& command : codec.commands()) {
      EXPECT_EQ(local.Find(command) != nullptr, command.plan == Plan::kLocal) << command.name;
    }
  }
}

}  // namespace
}  // namespace keyway

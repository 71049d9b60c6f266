#include "proxy/dispatch/dispatcher.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "proxy/dispatch/pool_testing.h"
#include "proxy/testing/wire.h"

namespace keyway {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class DispatcherTest : public ::testing::Test {
 protected:
  explicit DispatcherTest(PoolConfig config = RedisPool()) : pool_(loop_, std::move(config), 3) {}

  std::string Answer(std::string_view request) {
    TestClient client(pool_);
    client.state.authenticated = authenticated_;
    client.Send(request);
    return client.ReplyTo(0);
  }

  FakeLoop loop_;
  TestPool pool_;
  TestClient client_{pool_};
  bool authenticated_ = true;
};

// --- kOneShard -------------------------------------------------------------------

TEST_F(DispatcherTest, ARequestGoesToTheServerOfItsKey) {
  for (size_t server = 0; server < 3; ++server) {
    const std::string get = Resp({"gEt", pool_.KeyOn(server)});
    client_.Send(get);
    EXPECT_EQ(pool_.Got(server), get) << "forwarded as it came";
    pool_.Reply(server, "$2\r\nhi\r\n");
    EXPECT_EQ(client_.exchange(server).server->name(), "s" + std::to_string(server + 1));
    EXPECT_EQ(client_.ReplyTo(server), "$2\r\nhi\r\n");
  }
  EXPECT_EQ(pool_.stats().requests.value(), 3);
  EXPECT_EQ(pool_.stats().fragments.value(), 0);
}

TEST_F(DispatcherTest, AnErrorOfTheServerIsPassedOn) {
  client_.Send(Resp({"INCR", pool_.KeyOn(1)}));
  pool_.Reply(1, "-ERR value is not an integer\r\n");
  EXPECT_EQ(client_.ReplyTo(0), "-ERR value is not an integer\r\n");
  EXPECT_EQ(pool_.stats().forward_error.value(), 0);
}

TEST_F(DispatcherTest, SeveralKeysOnOneServer) {
  const std::string rename = Resp({"RENAME", pool_.KeyOn(1, 0), pool_.KeyOn(1, 1)});
  client_.Send(rename);
  EXPECT_EQ(pool_.Got(1), rename);
}

TEST_F(DispatcherTest, SeveralKeysOnSeveralServers) {
  EXPECT_THAT(Answer(Resp({"RENAME", pool_.KeyOn(0), pool_.KeyOn(1)})),
              StartsWith("-CROSSSLOT Keys in request don't hash to the same slot ('rename'"));
  EXPECT_THAT(Answer(Resp({"SUNION", pool_.KeyOn(0), pool_.KeyOn(0, 1), pool_.KeyOn(2)})),
              StartsWith("-CROSSSLOT"));
  EXPECT_THAT(Answer(Resp({"EVAL", "return 1", "2", pool_.KeyOn(0), pool_.KeyOn(1), "x"})),
              StartsWith("-CROSSSLOT"));
  EXPECT_EQ(pool_.stats().refused.value(), 3);
  EXPECT_EQ(pool_.stats().forward_error.value(), 0);
}

TEST_F(DispatcherTest, KeysAreCountedWhereTheCommandSaysSo) {
  const std::string eval = Resp({"EVAL", "return 1", "1", pool_.KeyOn(2), pool_.KeyOn(0)});
  client_.Send(eval);
  EXPECT_EQ(pool_.Got(2), eval) << "the second is no key";
  EXPECT_EQ(Answer(Resp({"EVAL", "return 1", "many", "a"})),
            "-ERR Number of keys for 'eval' is no number, is negative or is greater than number of "
            "args\r\n");
  EXPECT_THAT(Answer(Resp({"EVAL", "return 1", "2", "a"})), StartsWith("-ERR Number of keys"));
  EXPECT_EQ(pool_.stats().refused.value(), 2);
}

TEST_F(DispatcherTest, WithoutAKeyARequestHasTheServerThatItHasInTwemproxy) {
  const std::string eval = Resp({"EVAL", "return 1", "0"});
  client_.Send(eval);
  client_.Send(Resp({"LOLWUT"}));
  std::vector<std::string> got;
  for (size_t i = 0; i < 3; ++i) got.push_back(pool_.Got(i));
  EXPECT_THAT(got, ::testing::UnorderedElementsAre("", "", eval + Resp({"LOLWUT"})));
}

// --- Refusals --------------------------------------------------------------------

TEST_F(DispatcherTest, WhatIsWrongIsAnsweredWithoutAServer) {
  EXPECT_EQ(Answer(Resp({"FROB", "a"})), "-ERR unknown command 'FROB'\r\n");
  EXPECT_EQ(Answer(Resp({"GET"})), "-ERR wrong number of arguments for 'get' command\r\n");
  EXPECT_EQ(Answer(Resp({"GET", "a", "b"})),
            "-ERR wrong number of arguments for 'get' command\r\n");
  EXPECT_EQ(Answer(Resp({"MSET", "a", "1", "b"})),
            "-ERR wrong number of arguments for 'mset' command\r\n");
  EXPECT_EQ(Answer(Resp({"MGET"})), "-ERR wrong number of arguments for 'mget' command\r\n");
  EXPECT_EQ(Answer(Resp({"SCAN", "0"})), "-ERR command 'scan' is not supported by this proxy\r\n");
  EXPECT_EQ(Answer(Resp({"MULTI"})), "-ERR command 'multi' is not supported by this proxy\r\n");
  EXPECT_THAT(Answer(Resp({"XREAD", "BLOCK", "0", "STREAMS", "a", "0"})),
              StartsWith("-ERR option 'block' of command 'xread'"));
  EXPECT_EQ(pool_.stats().requests.value(), 8);
  EXPECT_EQ(pool_.stats().refused.value(), 8);
  for (size_t i = 0; i < 3; ++i) EXPECT_EQ(pool_.connections(i), 0u);
}

TEST_F(DispatcherTest, NoLiveServer) {
  pool_.SetLive({false, false, false});
  const std::string error = "-ERR Connection refused (no server of the pool is live)\r\n";
  EXPECT_EQ(Answer(Resp({"GET", "a"})), error);
  EXPECT_EQ(Answer(Resp({"LOLWUT"})), error);
  EXPECT_EQ(Answer(Resp({"MGET", "a", "b", "c"})), error);
  EXPECT_EQ(Answer(Resp({"PING"})), "+PONG\r\n");
  EXPECT_EQ(pool_.stats().forward_error.value(), 3);
  pool_.SetLive({true, true, true});
  client_.Send(Resp({"GET", pool_.KeyOn(0)}));
  pool_.Reply(0, "+A\r\n");
  EXPECT_EQ(client_.ReplyTo(0), "+A\r\n");
}

TEST_F(DispatcherTest, ANewRouteIsForNewRequests) {
  const std::string key = pool_.KeyOn(0);
  client_.Send(Resp({"GET", key}));
  pool_.SetLive({false, true, true});
  client_.Send(Resp({"GET", key}));
  EXPECT_EQ(pool_.Got(0), Resp({"GET", key}));
  EXPECT_EQ(pool_.Got(1) + pool_.Got(2), Resp({"GET", key}));
  pool_.Reply(0, "+old\r\n");
  EXPECT_EQ(client_.ReplyTo(0), "+old\r\n");
}

TEST_F(DispatcherTest, AServerThatFailsIsNamed) {
  pool_.Refuse(1);
  client_.Send(Resp({"GET", pool_.KeyOn(1)}));
  EXPECT_EQ(client_.ReplyTo(0), "-ERR Connection refused (server s2)\r\n");
  client_.Send(Resp({"GET", pool_.KeyOn(2)}));
  loop_.RunUntilIdle();
  loop_.Advance(milliseconds(400));
  EXPECT_EQ(client_.ReplyTo(1), "-ERR Connection timed out (server s3)\r\n");
  EXPECT_EQ(pool_.stats().forward_error.value(), 2);
  EXPECT_EQ(pool_.stats().refused.value(), 0);
}

// Every command of the protocol with as few arguments as it takes: an answer at once,
// or something sent to a server.
void TryEveryCommand(PoolConfig config, bool redis) {
  FakeLoop loop;
  TestPool pool(loop, std::move(config), 3);
  for (const CommandSpec& command : pool.dispatcher().codec().commands()) {
    TestClient client(pool);
    client.state.authenticated = true;
    std::vector<std::string> words = {std::string(command.name)};
    while (!ArityFits(command.arity, words.size())) words.push_back("1");
    std::string request;
    if (redis) {
      request = Resp(words);
    } else {
      for (const std::string& word : words) request += word + " ";
      request.back() = '\r';
      request += "\n";
      if (command.arity <= -5 || command.name == "ms") request += "x\r\n";
    }
    const Exchange& exchange = client.Send(request);
    size_t sent = 0;
    for (size_t i = 0; i < 3; ++i) sent += pool.Got(i).empty() ? 0 : 1;
    EXPECT_EQ(exchange.finished(), sent == 0) << command.name;
    EXPECT_LE(sent, command.plan == Plan::kEveryShard ? 3u : 1u) << command.name;
    if (sent != 0) continue;
    EXPECT_TRUE(client.ReplyTo(0).ends_with("\r\n") || command.name == "quit") << command.name;
  }
  pool.DestroyDispatcher();
  loop.RunUntilIdle();
  EXPECT_EQ(loop.blocks().bytes_in_use(), 0u);
}

TEST(EveryCommandTest, OfRedis) { TryEveryCommand(RedisPool(), true); }
TEST(EveryCommandTest, OfMemcached) { TryEveryCommand(MemcachePool(), false); }

// --- kSplitByKey -----------------------------------------------------------------

TEST_F(DispatcherTest, KeysOfOneServerAreNotSplit) {
  const std::string mget = Resp({"MGET", pool_.KeyOn(1, 0), pool_.KeyOn(1, 1)});
  client_.Send(mget);
  EXPECT_EQ(pool_.Got(1), mget);
  pool_.Reply(1, "*2\r\n$-1\r\n:7\r\n");
  EXPECT_EQ(client_.ReplyTo(0), "*2\r\n$-1\r\n:7\r\n");
  EXPECT_EQ(pool_.stats().fragments.value(), 0);
}

TEST_F(DispatcherTest, AServerGetsAllItsKeysInTheirOrder) {
  const std::string a = pool_.KeyOn(0, 0), b = pool_.KeyOn(1, 0), c = pool_.KeyOn(0, 1);
  client_.Send(Resp({"MSET", a, "1", b, "2", c, "3", a, "4"}));
  EXPECT_EQ(pool_.Got(0), Resp({"mset", a, "1", c, "3", a, "4"}));
  EXPECT_EQ(pool_.Got(1), Resp({"mset", b, "2"}));
  EXPECT_EQ(pool_.Got(2), "");
  EXPECT_EQ(pool_.stats().fragments.value(), 2);
  pool_.Reply(1, "+OK\r\n");
  EXPECT_FALSE(client_.finished(0));
  pool_.Reply(0, "+OK\r\n");
  EXPECT_EQ(client_.ReplyTo(0), "+OK\r\n");
}

TEST_F(DispatcherTest, GroupsDoNotOutliveTheirRequest) {
  const std::string a = pool_.KeyOn(0), b = pool_.KeyOn(1), c = pool_.KeyOn(2);
  client_.Send(Resp({"DEL", a, b, c}));
  client_.Send(Resp({"DEL", c, a}));
  pool_.SetLive({false, false, false});
  client_.Send(Resp({"DEL", a, b}));
  pool_.SetLive({true, true, true});
  client_.Send(Resp({"DEL", b, c}));
  EXPECT_EQ(pool_.Got(0), Resp({"del", a}) + Resp({"del", a}));
  EXPECT_EQ(pool_.Got(1), Resp({"del", b}) + Resp({"del", b}));
  EXPECT_EQ(pool_.Got(2), Resp({"del", c}) + Resp({"del", c}) + Resp({"del", c}));
  for (size_t i = 0; i < 3; ++i) pool_.Reply(i, ":1\r\n:1\r\n:1\r\n");
  EXPECT_EQ(client_.ReplyTo(0), ":3\r\n");
  EXPECT_EQ(client_.ReplyTo(1), ":2\r\n");
  EXPECT_THAT(client_.ReplyTo(2), HasSubstr("no server of the pool is live"));
  EXPECT_EQ(client_.ReplyTo(3), ":2\r\n");
}

// --- Authentication --------------------------------------------------------------

class AuthTest : public DispatcherTest {
 protected:
  AuthTest() : DispatcherTest(WithPassword()) { authenticated_ = false; }
  static PoolConfig WithPassword() {
    PoolConfig config = RedisPool();
    config.redis_auth = "secret";
    return config;
  }
};

TEST_F(AuthTest, FirstThePassword) {
  const std::string refusal = "-NOAUTH Authentication required\r\n";
  EXPECT_EQ(Answer(Resp({"GET", "a"})), refusal);
  EXPECT_EQ(Answer(Resp({"MGET", "a", "b"})), refusal);
  EXPECT_EQ(Answer(Resp({"PING"})), refusal);
  EXPECT_EQ(Answer(Resp({"SCAN", "0"})), refusal);
  EXPECT_EQ(Answer(Resp({"QUIT"})), "+OK\r\n");
  EXPECT_EQ(pool_.stats().refused.value(), 4);
}

TEST_F(AuthTest, AClientStaysAuthenticatedUntilItFails) {
  client_.Send(Resp({"AUTH", "wrong"}));
  client_.Send(Resp({"PING"}));
  client_.Send(Resp({"AUTH", "secret"}));
  client_.Send(Resp({"PING"}));
  client_.Send(Resp({"AUTH", "default", "secret"}));
  client_.Send(Resp({"AUTH", "somebody", "secret"}));
  client_.Send(Resp({"PING"}));
  EXPECT_EQ(client_.ReplyTo(0), "-ERR invalid password\r\n");
  EXPECT_THAT(client_.ReplyTo(1), StartsWith("-NOAUTH"));
  EXPECT_EQ(client_.ReplyTo(2), "+OK\r\n");
  EXPECT_EQ(client_.ReplyTo(3), "+PONG\r\n");
  EXPECT_EQ(client_.ReplyTo(4), "+OK\r\n");
  EXPECT_EQ(client_.ReplyTo(5), "-ERR invalid password\r\n");
  EXPECT_THAT(client_.ReplyTo(6), StartsWith("-NOAUTH"));
}

// --- memcached -------------------------------------------------------------------

class MemcacheDispatcherTest : public DispatcherTest {
 protected:
  MemcacheDispatcherTest() : DispatcherTest(MemcachePool()) {}
};

TEST_F(MemcacheDispatcherTest, NoreplyIsNotForwardedAndItsReplyNotPassedOn) {
  const std::string key = pool_.KeyOn(1);
  client_.Send("set " + key + " 0 0 1 noreply\r\nx\r\n");
  client_.Send("get " + key + "\r\n");
  EXPECT_EQ(pool_.Got(1), "set " + key + " 0 0 1\r\nx\r\nget " + key + "\r\n");
  pool_.Reply(1, "STORED\r\nEND\r\n");
  EXPECT_EQ(client_.ReplyTo(0), "");
  EXPECT_EQ(client_.ReplyTo(1), "END\r\n");
}

TEST_F(MemcacheDispatcherTest, NoreplyHidesFailures) {
  pool_.Refuse(1);
  client_.Send("set " + pool_.KeyOn(1) + " 0 0 1 noreply\r\nx\r\n");
  EXPECT_EQ(client_.ReplyTo(0), "");
  EXPECT_EQ(pool_.stats().forward_error.value(), 0);
}

TEST_F(MemcacheDispatcherTest, AQuietReplyIsHiddenHoweverItComes) {
  const std::string key = pool_.KeyOn(1);
  client_.Send("mg " + key + " v q\r\n");
  client_.Send("mg " + key + " v q\r\n");
  client_.Send("mn\r\n");
  EXPECT_EQ(pool_.Got(1), "mg " + key + " v\r\nmg " + key + " v\r\n");
  for (const char c : std::string("EN\r\nVA 5\r\nhello\r\n")) pool_.Reply(1, std::string(1, c));
  EXPECT_EQ(client_.ReplyTo(0), "");
  EXPECT_EQ(client_.ReplyTo(1), "VA 5\r\nhello\r\n");
  EXPECT_EQ(client_.ReplyTo(2), "MN\r\n");
}

TEST_F(MemcacheDispatcherTest, AQuietRequestsFailureIsShown) {
  pool_.Refuse(1);
  client_.Send("mg " + pool_.KeyOn(1) + " v q\r\n");
  EXPECT_EQ(client_.ReplyTo(0), "SERVER_ERROR Connection refused (server s2)\r\n");
}

TEST_F(MemcacheDispatcherTest, EveryServer) {
  client_.Send("flush_all 10\r\n");
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_FALSE(client_.finished(0));
    EXPECT_EQ(pool_.Got(i), "flush_all 10\r\n");
    pool_.Reply(i, "OK\r\n");
  }
  EXPECT_EQ(client_.ReplyTo(0), "OK\r\n");
}

TEST_F(MemcacheDispatcherTest, EveryServerIsAlsoTheEjectedOne) {
  pool_.SetLive({true, false, true});
  pool_.Refuse(1);
  client_.Send("flush_all\r\n");
  pool_.Reply(0, "OK\r\n");
  pool_.Reply(2, "OK\r\n");
  EXPECT_EQ(client_.ReplyTo(0), "SERVER_ERROR Connection refused (server s2)\r\n");
}

TEST_F(MemcacheDispatcherTest, EveryServerWithoutReply) {
  client_.Send("flush_all noreply\r\n");
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(pool_.Got(i), "flush_all\r\n");
    pool_.Reply(i, "OK\r\n");
  }
  EXPECT_EQ(client_.ReplyTo(0), "");
}

TEST_F(MemcacheDispatcherTest, VersionHasOneServer) {
  client_.Send("version\r\n");
  std::string got;
  for (size_t i = 0; i < 3; ++i) got += pool_.Got(i);
  EXPECT_EQ(got, "version\r\n");
}

TEST_F(MemcacheDispatcherTest, AMultiGetInKeyOrder) {
  const std::string a = pool_.KeyOn(0), b = pool_.KeyOn(1), c = pool_.KeyOn(0, 1);
  client_.Send("get " + a + " " + b + " " + c + "\r\n");
  EXPECT_EQ(pool_.Got(0), "get " + a + " " + c + "\r\n");
  pool_.Reply(1, "VALUE " + b + " 0 1\r\nB\r\nEND\r\n");
  pool_.Reply(0, "VALUE " + a + " 0 1\r\nA\r\nVALUE " + c + " 0 1\r\nC\r\nEND\r\n");
  EXPECT_EQ(client_.ReplyTo(0), "VALUE " + a + " 0 1\r\nA\r\nVALUE " + b + " 0 1\r\nB\r\nVALUE " +
                                    c + " 0 1\r\nC\r\nEND\r\n");
}

}  // namespace
}  // namespace keyway

// Large requests, which pass a session while they arrive.
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "proxy/base/limits.h"
#include "proxy/client/session_testing.h"

namespace keyway {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr size_t kSocketBytes = 256 * 1024;

class SessionStreamedTest : public SessionTest {
 protected:
  explicit SessionStreamedTest(PoolConfig config = RedisPool())
      : SessionTest(std::move(config), {.socket_bytes = kSocketBytes}) {}

  std::string Set(size_t server, size_t size = 3 * kStreamBytes) {
    return Resp({"SET", pool_.KeyOn(server), std::string(size, 'v')});
  }
  size_t memory() { return loop_.blocks().bytes_in_use(); }
};

TEST_F(SessionStreamedTest, ALargeRequestPasses) {
  Party& client = Connect();
  client.Send(Set(0));
  EXPECT_TRUE(pool_.Got(0) == Set(0));
  pool_.Reply(0, "+OK\r\n");
  EXPECT_EQ(Got(client), "+OK\r\n");
  EXPECT_EQ(memory(), 0u);
  EXPECT_EQ(pool_.stats(0).leases.value(), 0);
}

TEST_F(SessionStreamedTest, ItIsABarrierBetweenItsClientsOthers) {
  Party& client = Connect();
  client.Send(Get(0) + Get(1) + Set(0) + Get(0, 1) + Get(2));
  EXPECT_EQ(pool_.Got(0), Get(0));
  EXPECT_EQ(pool_.connections(0), 1u) << "not before the earlier ones are answered";
  pool_.Reply(0, "+A\r\n");
  pool_.Reply(1, "+B\r\n");
  EXPECT_EQ(Got(client), "+A\r\n+B\r\n");
  EXPECT_TRUE(pool_.Got(0, 1) == Set(0));
  EXPECT_EQ(pool_.Got(0, 0) + pool_.Got(2), "") << "not before it is answered";
  pool_.Reply(0, "+OK\r\n", 1);
  EXPECT_EQ(pool_.Got(0, 0), Get(0, 1));
  EXPECT_EQ(pool_.Got(2), Get(2));
  pool_.Reply(2, "+D\r\n");
  pool_.Reply(0, "+C\r\n");
  EXPECT_EQ(Got(client), "+OK\r\n+C\r\n+D\r\n");
}

TEST_F(SessionStreamedTest, SeveralInARowUseOneConnection) {
  Party& client = Connect();
  client.Send(Set(0) + Set(0) + Set(0));
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(pool_.Got(0) == Set(0));
    pool_.Reply(0, "+OK\r\n");
  }
  EXPECT_EQ(Got(client), "+OK\r\n+OK\r\n+OK\r\n");
  EXPECT_EQ(pool_.connections(0), 1u);
}

TEST_F(SessionStreamedTest, WhoeverStopsInTheMiddleIsDropped) {
  Party& client = Connect();
  client.Send(Set(0).substr(0, kStreamBytes / 2));
  loop_.Advance(std::chrono::seconds(kSenderStallSeconds) - milliseconds(1));
  client.Send("v");
  loop_.Advance(std::chrono::seconds(kSenderStallSeconds));
  EXPECT_EQ(pool_.stats(0).leases.value(), 1) << "it has sent something";
  loop_.Advance(std::chrono::seconds(kSenderStallSeconds));
  EXPECT_EQ(pool_.stats(0).leases.value(), 0);
  EXPECT_EQ(pool_.stats().dropped_clients.value(), 1);
  EXPECT_TRUE(client.ended());
  EXPECT_EQ(memory(), 0u);
}

TEST_F(SessionStreamedTest, ASlowSenderKeepsNobodyWaiting) {
  Party& slow = Connect();
  Party& other = Connect();
  slow.Send(Set(0).substr(0, kStreamBytes / 2));
  other.Send(Get(0));
  loop_.RunUntilIdle();
  ASSERT_EQ(pool_.connections(0), 2u);
  pool_.Reply(0, "+B\r\n", 1);
  EXPECT_EQ(Got(other), "+B\r\n");
  loop_.Advance(milliseconds(60'000));
  slow.Send(Set(0).substr(kStreamBytes / 2));
  EXPECT_TRUE(pool_.Got(0) == Set(0));
  pool_.Reply(0, "+OK\r\n");
  EXPECT_EQ(Got(slow), "+OK\r\n");
  EXPECT_EQ(pool_.failures(), 0u);
}

TEST_F(SessionStreamedTest, AServerThatTakesNothingHoldsTheClientBack) {
  Party& client = Connect();
  client.Send(Set(0, 20 * kStreamBytes).substr(0, kStreamBytes / 2));
  loop_.RunUntilIdle();
  pool_.ServerEnd(0).SetReading(false);
  client.Send(Set(0, 20 * kStreamBytes).substr(kStreamBytes / 2));
  loop_.RunUntilIdle();
  EXPECT_GE(client.unsent(), 17 * kStreamBytes);
  EXPECT_LE(memory() - client.unsent(), kStreamWindowBytes + 4 * kReceiveBlockBytes);
  EXPECT_EQ(pool_.stats().paused.value(), 1);
  pool_.ServerEnd(0).SetReading(true);
  EXPECT_TRUE(pool_.Got(0) == Set(0, 20 * kStreamBytes));
  pool_.Reply(0, "+OK\r\n");
  EXPECT_EQ(Got(client), "+OK\r\n");
}

// The head with its key is larger than what may wait to be written.
TEST_F(SessionStreamedTest, AHeadAsLargeAsTheWindow) {
  Party& client = Connect();
  const std::string key(kStreamWindowBytes - 1, 'k');
  const std::string set = Resp({"SET", key, std::string(2 * kStreamBytes, 'v')});
  client.Send(Get(0) + set);
  loop_.RunUntilIdle();
  pool_.Reply(0, "+A\r\n");
  std::string got;
  for (size_t server = 0; server < 3; ++server) {
    for (size_t n = server == 0 ? 1 : 0; n < pool_.connections(server); ++n) {
      got += pool_.Got(server, n);
      pool_.Reply(server, "+OK\r\n", n);
    }
  }
  EXPECT_EQ(got.size(), set.size());
  EXPECT_EQ(Got(client), "+A\r\n+OK\r\n");
}

// --- Refused ---------------------------------------------------------------------

TEST_F(SessionStreamedTest, ARefusedOneIsDroppedInItsPlace) {
  Party& client = Connect();
  pool_.SetLive({false, false, false});
  client.Send(Resp({"PING"}) + Set(0) + Resp({"PING"}));
  EXPECT_EQ(Got(client),
            "+PONG\r\n-ERR Connection refused (no server of the pool is live)\r\n+PONG\r\n");
  EXPECT_EQ(memory(), 0u);
}

TEST_F(SessionStreamedTest, ARefusedOneBehindOthers) {
  Party& client = Connect();
  client.Send(Get(0));
  loop_.RunUntilIdle();
  pool_.SetLive({false, false, false});
  client.Send(Set(0) + Resp({"PING"}));
  EXPECT_EQ(Got(client), "");
  pool_.Reply(0, "+A\r\n");
  EXPECT_EQ(Got(client),
            "+A\r\n-ERR Connection refused (no server of the pool is live)\r\n+PONG\r\n");
}

TEST_F(SessionStreamedTest, NoConnectionIsToBeHadForIt) {
  pool_.Refuse(0);
  Party& client = Connect();
  client.Send(Get(1) + Set(0) + Resp({"PING"}));
  pool_.Reply(1, "+B\r\n");
  EXPECT_EQ(Got(client), "+B\r\n-ERR Connection refused (server s1)\r\n+PONG\r\n");
}

TEST_F(SessionStreamedTest, AnEarlyAnswerDoesNotEndIt) {
  Party& client = Connect();
  const std::string set = Set(0);
  client.Send(set.substr(0, 2 * kStreamBytes));
  pool_.Got(0);
  pool_.Reply(0, "-OOM command not allowed\r\n");
  EXPECT_EQ(Got(client), "-OOM command not allowed\r\n");
  client.Send(set.substr(2 * kStreamBytes) + Get(0));
  loop_.RunUntilIdle();
  EXPECT_EQ(pool_.Got(0, 0), set.substr(2 * kStreamBytes));
  pool_.Reply(0, "+A\r\n", 1);
  EXPECT_EQ(Got(client), "+A\r\n");
}

TEST_F(SessionStreamedTest, TheConnectionBreaksInTheMiddle) {
  Party& client = Connect();
  const std::string set = Set(0);
  client.Send(set.substr(0, 2 * kStreamBytes));
  pool_.Got(0);
  pool_.ServerEnd(0).Close();
  loop_.RunUntilIdle();
  client.Send(set.substr(2 * kStreamBytes) + Resp({"PING"}));
  const std::string got = Got(client);
  EXPECT_THAT(got, StartsWith("-ERR "));
  EXPECT_THAT(got, HasSubstr("(server s1)\r\n+PONG\r\n"));
}

// --- Cut short -------------------------------------------------------------------

TEST_F(SessionStreamedTest, TheClientEndsInTheMiddle) {
  Party& client = Connect();
  client.Send(Get(1) + Set(0).substr(0, 2 * kStreamBytes));
  client.SendEnd();
  pool_.Reply(1, "+B\r\n");
  EXPECT_THAT(Got(client), StartsWith("+B\r\n"));
  EXPECT_TRUE(client.ended());
  EXPECT_EQ(closed(), 1u);
  for (size_t n = 0; n < pool_.connections(0); ++n) EXPECT_TRUE(pool_.ServerEnd(0, n).ended());
  EXPECT_EQ(pool_.failures(), 0u);
}

TEST_F(SessionStreamedTest, TheClientEndsInTheMiddleWhileItPasses) {
  Party& client = Connect();
  client.Send(Set(0).substr(0, 2 * kStreamBytes));
  client.SendEnd();
  EXPECT_EQ(Got(client), "-ERR the request broke off (server s1)\r\n");
  EXPECT_TRUE(client.ended());
  EXPECT_TRUE(pool_.ServerEnd(0).ended());
}

TEST_F(SessionStreamedTest, TheClientEndsAfterTheAnswerAndBeforeItsOwnEnd) {
  Party& client = Connect();
  client.Send(Set(0).substr(0, 2 * kStreamBytes));
  pool_.Got(0);
  pool_.Reply(0, "-OOM command not allowed\r\n");
  client.SendEnd();
  EXPECT_EQ(Got(client), "-OOM command not allowed\r\n");
  EXPECT_TRUE(client.ended());
  EXPECT_TRUE(pool_.ServerEnd(0).ended()) << "half a request is in it";
}

TEST_F(SessionStreamedTest, TheClientIsResetInTheMiddle) {
  Party& client = Connect();
  client.Send(Set(0).substr(0, 2 * kStreamBytes));
  pool_.Got(0);
  client.Close();
  loop_.RunUntilIdle();
  EXPECT_EQ(closed(), 1u);
  EXPECT_TRUE(pool_.ServerEnd(0).ended());
  EXPECT_EQ(pool_.failures(), 0u);
}

TEST_F(SessionStreamedTest, AValueThatDoesNotEndAsItSays) {
  Party& client = Connect();
  std::string set = Set(0);
  set[set.size() - 2] = 'x';
  client.Send(Get(1) + set + Get(2));
  pool_.Reply(1, "+B\r\n");
  EXPECT_EQ(Got(client), "+B\r\n-ERR protocol error in the request (server s1)\r\n");
  EXPECT_TRUE(client.ended());
  EXPECT_TRUE(pool_.ServerEnd(0).ended()) << "the server must not wait for its end";
  EXPECT_EQ(pool_.connections(2), 0u);
  EXPECT_EQ(pool_.failures(), 0u);
}

TEST_F(SessionStreamedTest, DrainingLetsItPass) {
  Party& client = Connect();
  client.Send(Set(0).substr(0, 2 * kStreamBytes));
  pool_.Got(0);
  session().Drain();
  client.Send(Set(0).substr(2 * kStreamBytes) + Get(1));
  EXPECT_EQ(pool_.Got(0), Set(0).substr(2 * kStreamBytes));
  pool_.Reply(0, "+OK\r\n");
  EXPECT_EQ(Got(client), "+OK\r\n");
  EXPECT_TRUE(client.ended());
  EXPECT_EQ(pool_.connections(1), 0u);
}

TEST_F(SessionStreamedTest, DrainingLetsOneThatWaitsPass) {
  Party& client = Connect();
  client.Send(Get(1) + Set(0));
  pool_.Got(1);
  session().Drain();
  pool_.Reply(1, "+B\r\n");
  EXPECT_TRUE(pool_.Got(0) == Set(0));
  pool_.Reply(0, "+OK\r\n");
  EXPECT_EQ(Got(client), "+B\r\n+OK\r\n");
  EXPECT_TRUE(client.ended());
}

TEST_F(SessionStreamedTest, DestroyedInTheMiddle) {
  Connect().Send(Get(1) + Set(0));
  Connect().Send(Set(0).substr(0, 2 * kStreamBytes));
  Connect().Send(Set(2));
  loop_.RunUntilIdle();
}

TEST_F(SessionStreamedTest, ALargeReplyToALargeRequest) {
  Party& client = Connect();
  client.SetReading(false);
  const std::string set = Resp({"SET", pool_.KeyOn(0), std::string(2 * kStreamBytes, 'v'), "GET"});
  client.Send(set + Resp({"PING"}));
  EXPECT_TRUE(pool_.Got(0) == set);
  const std::string old = Bulk(std::string(10 * 1024 * 1024, 'o'));
  pool_.Reply(0, old);
  EXPECT_GE(pool_.ServerEnd(0).unsent(), 5u * 1024 * 1024);
  client.SetReading(true);
  EXPECT_TRUE(Got(client) == old + "+PONG\r\n");
  EXPECT_FALSE(pool_.ServerEnd(0).ended());
}

// --- memcached -------------------------------------------------------------------

class MemcacheStreamedTest : public SessionStreamedTest {
 protected:
  MemcacheStreamedTest() : SessionStreamedTest(MemcachePool()) {}
};

TEST_F(MemcacheStreamedTest, RefusedDataIsDroppedWhileItComes) {
  Party& client = Connect();
  client.Send("get " + pool_.KeyOn(0) + "\r\nset k 0 0 9000000 one word too many\r\n");
  for (int i = 0; i < 9; ++i) {
    client.Send(std::string(1'000'000, 'v'));
    if (i == 3) pool_.Reply(0, "END\r\n");
    loop_.RunUntilIdle();
    if (i >= 3) {
      EXPECT_EQ(client.unsent(), 0u);
    }
  }
  client.Send("\r\nmn\r\n");
  EXPECT_EQ(Got(client), "END\r\nERROR\r\nMN\r\n");
  EXPECT_EQ(memory(), 0u);
}

TEST_F(MemcacheStreamedTest, NoreplyPasses) {
  Party& client = Connect();
  const std::string key = pool_.KeyOn(0);
  const std::string value(2 * kStreamBytes, 'v');
  client.Send("set " + key + " 0 0 " + std::to_string(value.size()) + " noreply\r\n" + value +
              "\r\nmn\r\n");
  EXPECT_TRUE(pool_.Got(0) ==
              "set " + key + " 0 0 " + std::to_string(value.size()) + "\r\n" + value + "\r\n");
  EXPECT_EQ(Got(client), "");
  pool_.Reply(0, "STORED\r\n");
  EXPECT_EQ(Got(client), "MN\r\n");
}

}  // namespace
}  // namespace keyway

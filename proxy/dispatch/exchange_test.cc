#include "proxy/dispatch/exchange.h"

#include <string>

#include "gtest/gtest.h"
#include "proxy/base/limits.h"
#include "proxy/dispatch/pool_testing.h"
#include "proxy/testing/wire.h"

namespace keyway {
namespace {

using std::chrono::milliseconds;

class ExchangeTest : public ::testing::Test {
 protected:
  // The n-th request, to the server with that index.
  void Get(size_t server) { client_.Send(Resp({"GET", pool_.KeyOn(server)})); }

  FakeLoop loop_;
  TestPool pool_{loop_, RedisPool(), 3};
  TestClient client_{pool_};
};

TEST_F(ExchangeTest, TheOldestWritesToTheClientAtOnce) {
  Get(0);
  EXPECT_TRUE(client_.exchange(0).IsOldest());
  pool_.Reply(0, "$10\r\n01234");
  EXPECT_EQ(client_.pieces, 1u);
  EXPECT_EQ(client_.exchange(0).reply_bytes(), 10u);
  EXPECT_EQ(client_.exchange(0).kept_bytes(), 0u);
  pool_.Reply(0, "56789\r\n");
  EXPECT_EQ(client_.pieces, 1u) << "the last piece is the end";
  EXPECT_EQ(client_.ReplyTo(0), "$10\r\n0123456789\r\n");
}

TEST_F(ExchangeTest, OthersKeepTheirReply) {
  Get(0);
  Get(1);
  EXPECT_FALSE(client_.exchange(1).IsOldest());
  pool_.Reply(1, "$10\r\n01234");
  EXPECT_EQ(client_.pieces, 1u);
  EXPECT_EQ(client_.exchange(1).kept_bytes(), 10u);
  pool_.Reply(1, "56789\r\n");
  EXPECT_EQ(client_.exchange(1).kept_bytes(), 17u);
  EXPECT_EQ(client_.exchange(1).reply_bytes(), 17u);
  EXPECT_EQ(client_.ReplyTo(1), "$10\r\n0123456789\r\n");
  EXPECT_EQ(client_.exchange(1).kept_bytes(), 0u);
}

// A block for each would cost a client that pipelines much memory.
TEST_F(ExchangeTest, SmallRepliesThatWaitShareTheirMemory) {
  Get(0);
  const size_t before = loop_.blocks().bytes_in_use();
  const std::string del = Resp({"DEL", pool_.KeyOn(1), pool_.KeyOn(2)});
  for (int i = 0; i < 100; ++i) {
    client_.Send(Resp({"PING"}));
    client_.Send(Resp({"FROB"}));
    client_.Send(del);
    pool_.Reply(1, ":1\r\n");
    pool_.Reply(2, ":1\r\n");
  }
  EXPECT_EQ(client_.ReplyTo(300), ":2\r\n");
  EXPECT_LE(loop_.blocks().bytes_in_use() - before, 2 * kOutputBlockBytes);
}

TEST_F(ExchangeTest, LargeMergedRepliesThatWaitAreLinked) {
  Get(0);
  const std::string value(20000, 'x');
  const std::string reply = "*1\r\n$20000\r\n" + value + "\r\n";
  client_.Send(Resp({"MGET", pool_.KeyOn(1), pool_.KeyOn(2)}));
  pool_.Reply(1, reply);
  pool_.Reply(2, reply);
  EXPECT_EQ(client_.exchange(1).kept_bytes(), 2 * reply.size() - 4);
  EXPECT_EQ(client_.ReplyTo(1), "*2\r\n" + reply.substr(4) + reply.substr(4));
}

// --- No reply --------------------------------------------------------------------

TEST_F(ExchangeTest, AnErrorInsteadOfAReply) {
  Get(0);
  pool_.Got(0);
  pool_.Refuse(0);
  EXPECT_EQ(client_.ReplyTo(0), "-ERR server closed the connection (server s1)\r\n");
  EXPECT_FALSE(client_.exchange(0).broken());
  EXPECT_EQ(pool_.stats().forward_error.value(), 1);
}

TEST_F(ExchangeTest, AReplyThatWasPassedOnInPartIsBroken) {
  Get(0);
  pool_.Reply(0, "$10\r\n01234");
  pool_.Refuse(0);
  EXPECT_TRUE(client_.exchange(0).broken());
  EXPECT_EQ(client_.ReplyTo(0), "$10\r\n01234");
}

TEST_F(ExchangeTest, AReplyThatNobodySawBecomesAnError) {
  Get(0);
  Get(1);
  pool_.Reply(1, "$10\r\n01234");
  pool_.Reply(1, "567");
  pool_.Refuse(1);
  EXPECT_FALSE(client_.exchange(1).broken());
  EXPECT_EQ(client_.ReplyTo(1), "-ERR server closed the connection (server s2)\r\n");
}

TEST_F(ExchangeTest, AFullQueueIsAnErrorOfItsOwn) {
  client_.Send(Resp({"SET", pool_.KeyOn(0), std::string(kStreamBytes - 1, 'x')}));
  for (size_t i = 0; i < kMaxServerQueueBytes / kStreamBytes; ++i) {
    client_.Send(Resp({"SET", pool_.KeyOn(0), std::string(kStreamBytes - 1, 'x')}));
  }
  Get(0);
  const size_t last = kMaxServerQueueBytes / kStreamBytes + 1;
  EXPECT_TRUE(client_.finished(last));
  OutputBuffer reply(loop_.blocks());
  client_.exchange(last).Release(reply);
  EXPECT_EQ(TextOf(reply), "-ERR overloaded: too many requests are waiting (server s1)\r\n");
}

// --- Abandoned -------------------------------------------------------------------

TEST_F(ExchangeTest, AnAbandonedOneSwallowsItsReply) {
  Get(0);
  Get(1);
  pool_.Reply(1, "$10\r\n01234");
  client_.Leave();
  TestClient other(pool_);
  other.Send(Resp({"GET", pool_.KeyOn(0)}));
  other.Send(Resp({"GET", pool_.KeyOn(1)}));
  pool_.Reply(0, "+left\r\n+other\r\n");
  pool_.Reply(1, "56789\r\n+second\r\n");
  EXPECT_EQ(other.ReplyTo(0), "+other\r\n");
  EXPECT_EQ(other.ReplyTo(1), "+second\r\n");
  EXPECT_EQ(pool_.connections(0), 1u);
}

TEST_F(ExchangeTest, AnAbandonedOneEndsWithItsConnection) {
  Get(0);
  pool_.Got(0);
  client_.Leave();
  pool_.Refuse(0);
  EXPECT_EQ(pool_.stats().forward_error.value(), 0);
}

TEST_F(ExchangeTest, AnAbandonedOneEndsWithThePool) {
  Get(0);
  Get(1);
  pool_.Reply(1, "+done\r\n");
  pool_.Got(0);
  client_.Leave();
  pool_.DestroyDispatcher();
  loop_.RunUntilIdle();
  EXPECT_EQ(loop_.blocks().bytes_in_use(), 0u);
}

TEST_F(ExchangeTest, AnAbandonedOneMayTimeOutAndBeLate) {
  Get(0);
  pool_.Got(0);
  client_.Leave();
  loop_.Advance(milliseconds(400));
  pool_.Reply(0, "+late\r\n");
  EXPECT_EQ(pool_.stats(0).late_replies.value(), 1);
}

}  // namespace
}  // namespace keyway

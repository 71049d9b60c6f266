// What a session keeps of replies whose turn has not come, or that are being merged: it is
// bounded for all of them together, and nobody waits for ever because of the bound.
#include <algorithm>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "proxy/base/limits.h"
#include "proxy/client/session_testing.h"

namespace keyway {
namespace {

// Beyond the bound: what was read in one turn, and what lies in the sockets of the test.
constexpr size_t kSlack = 8 * kReceiveBlockBytes;

class SessionKeptTest : public SessionFlowTest {
 protected:
  SessionKeptTest() : SessionFlowTest(Patient()) {}
  static PoolConfig Patient() {
    PoolConfig config = RedisPool();
    config.timeout_ms = 0;
    return config;
  }

  // For the n-th key of servers 0 and 1, in this order.
  std::string Mget(size_t n) { return Resp({"MGET", pool_.KeyOn(0, n), pool_.KeyOn(1, n)}); }
  static std::string Part(const std::string& value) { return "*1\r\n" + Bulk(value); }
  static std::string Merged(const std::string& first, const std::string& second) {
    return "*2\r\n" + Bulk(first) + Bulk(second);
  }
  void Deliver(size_t server, const std::vector<std::string>& replies) {
    for (const std::string& reply : replies) pool_.Reply(server, reply);
  }

  const std::string a_ = std::string(1'500'000, 'a');
  const std::string b_ = std::string(1'500'000, 'b');
};

TEST_F(SessionKeptTest, MergedRepliesWhoseTurnHasNotComeAreHeldBack) {
  Party& client = Connect();
  std::string requests = Get(2);
  std::string expected = "+C\r\n";
  std::vector<std::string> first, second;
  for (size_t n = 0; n < 10; ++n) {
    requests += Mget(n);
    expected += Merged(a_, b_);
    first.push_back(Part(a_));
    second.push_back(Part(b_));
  }
  client.Send(requests);
  Deliver(0, first);
  Deliver(1, second);
  EXPECT_LE(memory(), kClientOutputHold + kSlack);
  EXPECT_GE(pool_.stats().held.value(), 2);
  EXPECT_EQ(Got(client), "");
  pool_.Reply(2, "+C\r\n");
  EXPECT_TRUE(Got(client) == expected);
  EXPECT_EQ(memory(), 0u);
}

// What is larger than the bound must still get through.
TEST_F(SessionKeptTest, TheOldestMergedReplyIsNot) {
  Party& client = Connect();
  client.Send(Mget(0) + Get(2));
  const std::string large(3 * kClientOutputHold, 'x');
  pool_.Reply(2, Bulk(large));
  pool_.Reply(0, Part(large));
  EXPECT_EQ(pool_.ServerEnd(0).unsent(), 0u);
  pool_.Reply(1, Part(large));
  EXPECT_TRUE(Got(client) == Merged(large, large) + Bulk(large));
  EXPECT_EQ(memory(), 0u);
}

TEST_F(SessionKeptTest, UnlessTheClientDoesNotTakeWhatStandsBeforeIt) {
  Party& client = Connect();
  client.SetReading(false);
  const std::string large(kClientOutputHold + 2 * kSocketBytes, 'x');
  client.Send(Get(2) + Mget(0));
  pool_.Reply(2, Bulk(large));
  pool_.Reply(0, Part(large));
  pool_.Reply(1, Part(large));
  EXPECT_LE(memory(), large.size() + kSlack);
  client.SetReading(true);
  EXPECT_TRUE(Got(client) == Bulk(large) + Merged(large, large));
  EXPECT_EQ(memory(), 0u);
}

// Many replies, none of them large, each of which comes as a whole.
TEST_F(SessionKeptTest, WholeRepliesAreHeldBackToo) {
  Party& client = Connect();
  const std::string get = Get(0);
  size_t asked = 0;
  for (const size_t deep : {100, 200, 400, 800, 1600}) {  // so that the window grows
    std::string requests;
    for (size_t i = 0; i < deep; ++i) requests += get;
    client.Send(requests);
    for (size_t n = Outstanding(0, get.size()); n != 0; n = Outstanding(0, get.size())) {
      pool_.Got(0);
      for (size_t i = 0; i < n; ++i) pool_.Reply(0, ":1\r\n");
    }
    asked += deep;
  }
  EXPECT_EQ(Got(client).size(), 4 * asked);
  std::string requests = Get(1);
  for (size_t i = 0; i < 400; ++i) requests += get;
  client.Send(requests);
  ASSERT_EQ(Outstanding(0, get.size()), 400u);
  const std::string reply = Bulk(std::string(60'000, 'x'));
  for (size_t i = 0; i < 400; ++i) {
    pool_.Reply(0, reply);
    ASSERT_LE(memory(), kClientOutputHold + kSlack) << i;
  }
  EXPECT_GT(pool_.ServerEnd(0).unsent(), 0u);
  pool_.Reply(1, "+B\r\n");
  EXPECT_EQ(Got(client).size(), 4 + 400 * reply.size());
  EXPECT_EQ(memory(), 0u);
}

TEST_F(SessionKeptTest, ItsRequestsWaitBeforeThat) {
  Party& client = Connect();
  client.Send(Get(1) + Get(0));
  pool_.Reply(0, Bulk(std::string(kClientOutputHigh, 'x')));
  pool_.Got(2);
  client.Send(Get(2));
  EXPECT_EQ(pool_.Got(2), "");
  EXPECT_EQ(pool_.stats().paused.value(), 1);
  pool_.Reply(1, "+B\r\n");
  EXPECT_EQ(pool_.Got(2), Get(2));
  pool_.Reply(2, "+C\r\n");
  EXPECT_EQ(Got(client).size(), 4 + Bulk(std::string(kClientOutputHigh, 'x')).size() + 4);
}

// The other client's request waits behind a part that is held back, which waits for a
// server that the other one does not need.
TEST_F(SessionKeptTest, OthersBehindItGoOnWhenItsTurnComes) {
  const std::string large(kClientOutputMost / 2 + 1024 * 1024, 'x');
  Party& one = Connect();
  Party& two = Connect();
  one.Send(Get(2) + Mget(0));
  loop_.RunUntilIdle();
  two.Send(Mget(1));
  for (const size_t server : {0, 1}) Deliver(server, {Part(large), Part("y")});
  EXPECT_EQ(pool_.stats().held.value(), 1);
  EXPECT_EQ(Got(one) + Got(two), "");
  pool_.Reply(2, "+C\r\n");
  EXPECT_TRUE(Got(one) == "+C\r\n" + Merged(large, large));
  EXPECT_EQ(Got(two), Merged("y", "y"));
  EXPECT_EQ(memory(), 0u);
}

TEST_F(SessionKeptTest, AConnectionHeldForAWholeReplyBreaks) {
  Party& client = Connect();
  const std::string half = Bulk(std::string(kClientOutputHold / 2, 'x'));
  client.Send(Get(1) + Get(0, 0) + Get(0, 1) + Get(0, 2));
  pool_.Reply(0, half);
  pool_.Reply(0, half);
  pool_.Reply(0, ":3\r\n");
  ASSERT_EQ(pool_.stats().held.value(), 1);
  pool_.Refuse(0);
  pool_.Reply(1, "+B\r\n");
  const std::string got = Got(client);
  EXPECT_TRUE(got.starts_with("+B\r\n" + half + half));
  client.Send(Resp({"PING"}));
  EXPECT_EQ(Got(client), "+PONG\r\n");
  EXPECT_EQ(memory(), 0u);
}

TEST_F(SessionKeptTest, AClientThatLeavesTakesAllWithIt) {
  Party& client = Connect();
  client.SetReading(false);
  client.Send(Resp({"PING"}) + Get(2) + Mget(0) + Mget(1));
  Deliver(0, {Part(a_), Part(a_)});
  Deliver(1, {Part(b_), Part(b_)});
  Party& other = Connect();
  other.Send(Get(0) + Get(1));
  client.Close();  // with bytes unread: a reset
  loop_.RunUntilIdle();
  for (const size_t server : {0, 1}) {
    pool_.Reply(server, "+D\r\n", pool_.connections(server) - 1);
  }
  EXPECT_EQ(Got(other), "+D\r\n+D\r\n");
  EXPECT_EQ(memory(), 0u);
}

}  // namespace
}  // namespace keyway

// How much a session takes in, and how much it keeps for its client.
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "proxy/base/limits.h"
#include "proxy/client/session_testing.h"

namespace keyway {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::StartsWith;

constexpr seconds kStall{kClientStallSeconds};

// --- Window ----------------------------------------------------------------------

TEST_F(SessionFlowTest, SmallRepliesWidenTheWindow) {
  Party& client = Connect();
  const std::string get = Get(0);
  std::string requests;
  for (int i = 0; i < 6000; ++i) requests += get;
  client.Send(requests);
  size_t answered = 0;
  size_t widest = Outstanding(0, get.size());
  EXPECT_EQ(widest, kFirstWindow);
  EXPECT_EQ(pool_.stats().paused.value(), 1);
  std::string got;
  while (answered < 6000) {
    const size_t outstanding = Outstanding(0, get.size());
    ASSERT_NE(outstanding, 0u) << "after " << answered;
    ASSERT_LE(outstanding, kMaxWindow);
    widest = std::max(widest, outstanding);
    pool_.Got(0);
    std::string replies;
    for (size_t i = 0; i < outstanding; ++i) replies += ":" + std::to_string(answered++) + "\r\n";
    pool_.Reply(0, replies);
    got += Got(client);
  }
  EXPECT_GE(widest, kMaxWindow / 2);
  std::string all;
  for (int i = 0; i < 6000; ++i) all += ":" + std::to_string(i) + "\r\n";
  EXPECT_EQ(got, all);
}

TEST_F(SessionFlowTest, LargeRepliesNarrowIt) {
  Party& client = Connect();
  const std::string get = Get(0);
  std::string requests;
  for (int i = 0; i < 200; ++i) requests += get;
  client.Send(requests);
  const std::string reply = Bulk(std::string(300'000, 'x'));
  size_t answered = 0;
  for (size_t outstanding = Outstanding(0, get.size()); outstanding != 0;
       outstanding = Outstanding(0, get.size())) {
    EXPECT_LE(outstanding, answered == 0 ? kFirstWindow : kMaxExpectedReplyBytes / 300'000 + 1);
    pool_.Got(0);
    for (size_t i = 0; i < outstanding; ++i) {
      pool_.Reply(0, reply);
      EXPECT_EQ(Got(client), reply);
      ++answered;
    }
  }
  EXPECT_EQ(answered, 200u);
}

TEST_F(SessionFlowTest, OneReplyLargerThanAllWindowsAtATime) {
  Party& client = Connect();
  const std::string get = Get(0);
  for (int i = 0; i < 3; ++i) client.Send(get);
  const std::string reply = Bulk(std::string(2 * kMaxExpectedReplyBytes, 'x'));
  Outstanding(0, get.size());
  pool_.Got(0);
  for (int i = 0; i < 3; ++i) pool_.Reply(0, reply);
  for (int i = 0; i < 3; ++i) client.Send(get);
  EXPECT_EQ(Got(client).size(), 3 * reply.size());
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(pool_.Got(0), get);
    pool_.Reply(0, reply);
    EXPECT_EQ(Got(client).size(), reply.size());
  }
}

TEST_F(SessionFlowTest, WhatTheProxyAnswersNeedsNoWindow) {
  Party& client = Connect();
  std::string requests;
  for (int i = 0; i < 2000; ++i) requests += "PING\r\n";
  client.Send(requests);
  EXPECT_EQ(Got(client).size(), 2000 * 7u);
  EXPECT_EQ(pool_.stats().paused.value(), 0);
}

// --- A client that does not read -------------------------------------------------

TEST_F(SessionFlowTest, ItsRequestsWait) {
  Party& client = Connect();
  client.SetReading(false);
  const std::string get = Get(0);
  const std::string reply = Bulk(std::string(10'000, 'x'));
  std::string requests;
  for (int i = 0; i < 1000; ++i) requests += get;
  client.Send(requests);
  size_t answered = 0;
  for (size_t outstanding = Outstanding(0, get.size()); outstanding != 0;
       outstanding = Outstanding(0, get.size())) {
    pool_.Got(0);
    for (size_t i = 0; i < outstanding; ++i, ++answered) pool_.Reply(0, reply);
  }
  EXPECT_LE(answered * reply.size(),
            kClientOutputHigh + kMaxExpectedReplyBytes + kSocketBytes + 10 * reply.size());
  EXPECT_LT(answered, 1000u);
  client.SetReading(true);
  size_t got = Got(client).size();
  for (size_t outstanding = Outstanding(0, get.size()); outstanding != 0;
       outstanding = Outstanding(0, get.size())) {
    pool_.Got(0);
    for (size_t i = 0; i < outstanding; ++i, ++answered) pool_.Reply(0, reply);
    got += Got(client).size();
  }
  EXPECT_EQ(answered, 1000u);
  EXPECT_EQ(got, 1000 * reply.size());
  EXPECT_EQ(memory(), 0u);
}

TEST_F(SessionFlowTest, WhatTheProxyAnswersIsBoundedToo) {
  Party& client = Connect();
  client.SetReading(false);
  std::string requests;
  const std::string echo = Resp({"ECHO", std::string(10'000, 'x')});
  for (int i = 0; i < 1000; ++i) requests += echo;
  client.Send(requests);
  loop_.RunUntilIdle();
  EXPECT_LE(memory(), requests.size() + kClientOutputHigh + 4 * kReceiveBlockBytes);
  client.SetReading(true);
  EXPECT_EQ(Got(client).size(), 1000 * Bulk(std::string(10'000, 'x')).size());
  EXPECT_EQ(memory(), 0u);
}

class LargeReplyTest : public SessionFlowTest {
 protected:
  using SessionFlowTest::SessionFlowTest;

  // A client that does not read asks for ten megabytes.
  Party& AskForMuch() {
    Party& client = Connect();
    client.SetReading(false);
    client.Send(Get(0));
    loop_.RunUntilIdle();
    return client;
  }
  const std::string reply_ = Bulk(std::string(10 * 1024 * 1024, 'x'));
  // More than is taken in for the sake of others.
  const std::string huge_ = Bulk(std::string(kClientOutputMost + 2 * 1024 * 1024, 'x'));
};

TEST_F(LargeReplyTest, TheServerIsHeldBack) {
  Party& client = AskForMuch();
  pool_.Reply(0, reply_);
  const size_t taken = reply_.size() - pool_.ServerEnd(0).unsent();
  EXPECT_GE(taken, kClientOutputHold);
  EXPECT_LE(taken, kClientOutputHold + 2 * kSocketBytes + kReceiveBlockBytes);
  loop_.Advance(10 * kStall);
  EXPECT_FALSE(client.ended()) << "it keeps nobody waiting";
  client.SetReading(true);
  EXPECT_TRUE(Got(client) == reply_);
  EXPECT_EQ(memory(), 0u);
  client.Send(Resp({"PING"}));
  EXPECT_EQ(Got(client), "+PONG\r\n");
}

TEST_F(LargeReplyTest, OthersGetAConnectionOfTheirOwn) {
  Party& client = AskForMuch();
  pool_.Reply(0, reply_);
  Party& other = Connect();
  other.Send(Get(0));
  pool_.Reply(0, "+B\r\n", 1);
  EXPECT_EQ(Got(other), "+B\r\n");
  client.SetReading(true);
  EXPECT_EQ(Got(client).size(), reply_.size());
  EXPECT_TRUE(pool_.ServerEnd(0, 0).ended()) << "of no more use";
  EXPECT_FALSE(pool_.ServerEnd(0, 1).ended());
}

TEST_F(LargeReplyTest, ItsOwnNextRequestsDoNotOvertake) {
  Party& client = AskForMuch();
  pool_.Reply(0, reply_);
  client.Send(Get(0, 1));
  EXPECT_EQ(pool_.Got(0), Get(0)) << "not before there is room";
  client.SetReading(true);
  EXPECT_EQ(Got(client).size(), reply_.size());
  EXPECT_EQ(pool_.Got(0), Get(0, 1)) << "over the same connection";
  pool_.Reply(0, "+A\r\n");
  EXPECT_EQ(Got(client), "+A\r\n");
  EXPECT_TRUE(pool_.ServerEnd(0).ended());
}

TEST_F(LargeReplyTest, OthersBehindItDoNotWait) {
  Party& client = AskForMuch();
  Party& other = Connect();
  other.Send(Get(0));
  pool_.Reply(0, reply_ + "+B\r\n");
  EXPECT_EQ(Got(other), "+B\r\n");
  EXPECT_EQ(pool_.stats().held.value(), 0);
  client.SetReading(true);
  EXPECT_TRUE(Got(client) == reply_);
  EXPECT_EQ(memory(), 0u);
}

TEST_F(LargeReplyTest, BehindMoreTheyWaitForALimitedTime) {
  AskForMuch();
  Party& other = Connect();
  other.Send(Get(0));
  pool_.Reply(0, huge_ + "+B\r\n");
  EXPECT_LE(memory(), kClientOutputMost + 2 * kReceiveBlockBytes);
  EXPECT_EQ(Got(other), "");
  loop_.Advance(milliseconds(400));
  EXPECT_EQ(Got(other), "-ERR Connection timed out (server s1)\r\n");
  EXPECT_EQ(pool_.failures(), 0u) << "the server did nothing wrong";
  loop_.Advance(kStall);
  EXPECT_EQ(pool_.stats().dropped_clients.value(), 1);
  EXPECT_EQ(closed(), 1u);
  EXPECT_EQ(pool_.stats(0).late_replies.value(), 1) << "the connection goes on";
}

class PatientTest : public LargeReplyTest {
 protected:
  PatientTest() : LargeReplyTest(Patient()) {}
  static PoolConfig Patient() {
    PoolConfig config = RedisPool();
    config.timeout_ms = 0;
    return config;
  }
};

TEST_F(PatientTest, WhoeverReadsNothingIsDroppedForTheOthers) {
  Party& client = AskForMuch();
  Party& other = Connect();
  other.Send(Get(0));
  pool_.Reply(0, huge_ + "+B\r\n");
  loop_.Advance(kStall - milliseconds(1));
  EXPECT_FALSE(client.ended());
  EXPECT_EQ(Got(other), "");
  loop_.Advance(milliseconds(1));
  EXPECT_EQ(closed(), 1u);
  EXPECT_EQ(Got(other), "+B\r\n");
  EXPECT_EQ(pool_.stats().dropped_clients.value(), 1);
  EXPECT_EQ(pool_.stats().client_err.value(), 1);
  EXPECT_EQ(memory(), 0u);
}

TEST_F(PatientTest, WhoeverReadsSlowlyIsNot) {
  Party& client = AskForMuch();
  Party& other = Connect();
  other.Send(Get(0));
  pool_.Reply(0, huge_ + "+B\r\n");
  size_t got = 0;
  while (got < huge_.size()) {
    loop_.Advance(kStall - milliseconds(1));
    ASSERT_EQ(closed(), 0u);
    client.SetReading(true);
    loop_.RunTurn();
    client.SetReading(false);
    got += Got(client).size();
  }
  EXPECT_EQ(Got(other), "+B\r\n");
  EXPECT_EQ(pool_.stats().dropped_clients.value(), 0);
}

TEST_F(PatientTest, AClientThatHasGoneKeepsNobodyWaiting) {
  Party& client = AskForMuch();
  Party& other = Connect();
  other.SetReading(false);
  other.Send(Resp({"PING"}) + Get(0));
  loop_.RunUntilIdle();
  other.Close();  // with bytes unread: a reset
  loop_.RunUntilIdle();
  EXPECT_EQ(closed(), 1u);
  pool_.Reply(0, reply_ + "+B\r\n");
  loop_.Advance(2 * kStall);
  EXPECT_FALSE(client.ended());
  EXPECT_EQ(pool_.stats().dropped_clients.value(), 0);
}

TEST_F(PatientTest, AReplyWhoseTurnHasNotComeIsHeldBackToo) {
  Party& client = Connect();
  client.Send(Get(1) + Get(0));
  pool_.Reply(0, reply_);
  const size_t taken = reply_.size() - pool_.ServerEnd(0).unsent();
  EXPECT_LE(taken, kClientOutputHold + 2 * kSocketBytes + kReceiveBlockBytes);
  EXPECT_LE(memory(), 2 * kClientOutputHold);
  EXPECT_EQ(Got(client), "");
  pool_.Reply(1, "+B\r\n");
  EXPECT_TRUE(Got(client) == "+B\r\n" + reply_);
  EXPECT_EQ(memory(), 0u);
}

TEST_F(PatientTest, SeveralRepliesWhoseTurnHasNotCome) {
  Party& client = Connect();
  client.Send(Get(1) + Get(0) + Get(2));
  pool_.Reply(0, reply_);
  pool_.Reply(2, reply_);
  EXPECT_LE(memory(), 2 * kClientOutputHold);
  pool_.Reply(1, "+B\r\n");
  EXPECT_TRUE(Got(client) == "+B\r\n" + reply_ + reply_);
}

// Each client waits for the server that is held back for the other one.
TEST_F(PatientTest, ClientsWaitForEachOtherButNotInACircle) {
  Party& one = Connect();
  Party& two = Connect();
  one.Send(Get(0) + Get(1));
  pool_.Got(0);
  two.Send(Get(1) + Get(0));
  pool_.Reply(1, huge_ + "+second\r\n");
  EXPECT_EQ(Got(one) + Got(two), "");
  pool_.Reply(0, "+first\r\n" + huge_);
  EXPECT_TRUE(Got(one) == "+first\r\n" + huge_);
  EXPECT_TRUE(Got(two) == "+second\r\n" + huge_);
}

TEST_F(PatientTest, AHeldReplyThatBreaksOff) {
  Party& client = AskForMuch();
  client.Send(Get(1));
  pool_.Reply(0, reply_);
  pool_.Refuse(0);
  client.SetReading(true);
  const std::string got = Got(client);
  EXPECT_TRUE(reply_.starts_with(got));
  EXPECT_LT(got.size(), reply_.size());
  EXPECT_TRUE(client.ended());
}

TEST_F(PatientTest, AHeldReplyThatBreaksOffBeforeItsTurn) {
  Party& client = Connect();
  client.Send(Get(1) + Get(0));
  pool_.Reply(0, reply_);
  pool_.ServerEnd(0).Close();
  loop_.RunUntilIdle();
  pool_.Reply(1, "+B\r\n");
  EXPECT_THAT(Got(client), StartsWith("+B\r\n"));
  client.Close();
}

TEST_F(PatientTest, AClientThatLeavesLetsTheServerGoOn) {
  Party& client = AskForMuch();
  Party& other = Connect();
  other.Send(Get(0));
  pool_.Reply(0, huge_ + "+B\r\n");
  client.Close();
  EXPECT_EQ(Got(other), "+B\r\n");
  EXPECT_EQ(memory(), 0u);
}

TEST_F(PatientTest, DestroyedWhileItHoldsAServerBack) {
  AskForMuch();
  pool_.Reply(0, reply_);
}

}  // namespace
}  // namespace keyway

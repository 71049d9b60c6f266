// How long a Connection waits, and for whom.
#include <chrono>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "proxy/upstream/connection_testing.h"

namespace keyway {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST_F(ConnectionTest, ATimeoutEndsOneRequestOnly) {
  Start();
  const Waiting& a = Send("GET a\r\n");
  Got();
  loop_.Advance(milliseconds(100));
  const Waiting& b = Send("GET b\r\n");
  loop_.Advance(kTimeout - milliseconds(101));
  EXPECT_FALSE(a.done);
  loop_.Advance(milliseconds(1));
  EXPECT_EQ(a.cause(), "Connection timed out");
  EXPECT_EQ(a.failure->kind, FailureKind::kTimedOut);
  EXPECT_FALSE(b.done);
  EXPECT_THAT(owner_.events, ElementsAre("timed out"));
  Reply("+A\r\n+B\r\n");
  EXPECT_EQ(a.reply, "") << "a late reply";
  EXPECT_EQ(b.reply, "+B\r\n");
  EXPECT_EQ(stats_.late_replies.value(), 1);
  EXPECT_EQ(stats_.responses.value(), 1);
  EXPECT_EQ(stats_.server_timedout.value(), 1);
  EXPECT_EQ(Queues(), kNoneQueued);
  loop_.Advance(10 * kTimeout);
  EXPECT_FALSE(connection_->lost());
}

TEST_F(ConnectionTest, ALateReplyIsNoSignOfRecovery) {
  Start();
  Send("GET a\r\n");
  Got();
  loop_.Advance(kTimeout);
  Reply("+A\r\n");
  EXPECT_THAT(owner_.events, ElementsAre("timed out"));
}

TEST_F(ConnectionTest, ASecondTimeoutOfTheOldestReplacesTheConnection) {
  Start();
  const Waiting& a = Send("GET a\r\n");
  Got();
  loop_.Advance(kTimeout + milliseconds(300));
  const Waiting& b = Send("GET b\r\n");
  loop_.Advance(milliseconds(99));
  EXPECT_TRUE(a.done);
  EXPECT_FALSE(connection_->lost());
  loop_.Advance(milliseconds(1));
  EXPECT_TRUE(connection_->lost());
  EXPECT_EQ(b.cause(), "Connection timed out");
  EXPECT_THAT(owner_.events, ElementsAre("timed out", "lost busy: Connection timed out"));
  EXPECT_EQ(stats_.server_timedout.value(), 2);
  EXPECT_EQ(Queues(), kNoneQueued);
}

// One request, one failure, as in nutcracker.
TEST_F(ConnectionTest, AConnectionGivenUpForWhatTimedOutIsNoSecondFailure) {
  Start();
  Send("GET a\r\n");
  loop_.Advance(kTimeout);
  EXPECT_THAT(owner_.events, ElementsAre("timed out"));
  loop_.Advance(kTimeout);
  EXPECT_TRUE(connection_->lost());
  EXPECT_THAT(owner_.events, ElementsAre("timed out", "lost: Connection timed out"));
}

TEST_F(ConnectionTest, ATimeoutWhileConnectingEndsTheConnection) {
  loop_.SetSilent(address_, true);
  Connect();
  const Waiting& a = Send("GET a\r\n");
  loop_.Advance(milliseconds(200));
  const Waiting& b = Send("GET b\r\n");
  loop_.Advance(milliseconds(200));
  EXPECT_EQ(a.cause(), "Connection timed out");
  EXPECT_EQ(b.cause(), "Connection timed out");
  EXPECT_THAT(owner_.events, ElementsAre("lost busy: Connection timed out"));
  EXPECT_EQ(Queues(), kNoneQueued);
}

TEST_F(ConnectionTest, AReplyThatBeginsAndThenStallsEndsTheConnection) {
  Start();
  const Waiting& a = Send("GET a\r\n");
  Got();
  loop_.Advance(kTimeout - milliseconds(1));
  Reply("$100\r\nx");
  loop_.Advance(kTimeout - milliseconds(1));
  EXPECT_FALSE(a.done) << "each piece gives it a timeout more";
  Reply("y");
  loop_.Advance(kTimeout - milliseconds(1));
  EXPECT_FALSE(a.done);
  loop_.Advance(milliseconds(1));
  EXPECT_EQ(a.cause(), "Connection timed out");
  EXPECT_TRUE(connection_->lost());
}

TEST_F(ConnectionTest, ALateReplyThatStallsEndsTheConnection) {
  Start();
  Send("GET a\r\n");
  Got();
  loop_.Advance(kTimeout);
  Reply("$100\r\nx");
  loop_.Advance(kTimeout - milliseconds(1));
  EXPECT_FALSE(connection_->lost());
  loop_.Advance(milliseconds(1));
  EXPECT_TRUE(connection_->lost());
}

TEST_F(ConnectionTest, RequestsBehindALongReplyTimeOutAsEver) {
  Start();
  const Waiting& a = Send("GET a\r\n");
  Got();
  loop_.Advance(milliseconds(200));
  const Waiting& b = Send("GET b\r\n");
  Reply("$10\r\n");
  loop_.Advance(milliseconds(399));
  Reply("01234");
  EXPECT_FALSE(b.done);
  loop_.Advance(milliseconds(1));
  EXPECT_EQ(b.cause(), "Connection timed out");
  EXPECT_FALSE(a.done);
  EXPECT_THAT(owner_.events, IsEmpty()) << "a server that sends is alive";
  const Waiting& c = Send("GET c\r\n");
  Reply("56789\r\n+B\r\n+C\r\n");
  EXPECT_EQ(a.reply, "$10\r\n0123456789\r\n");
  EXPECT_EQ(b.reply, "");
  EXPECT_EQ(c.reply, "+C\r\n");
  EXPECT_EQ(stats_.late_replies.value(), 1);
  EXPECT_EQ(Queues(), kNoneQueued);
}

TEST_F(ConnectionTest, WithoutATimeoutRequestsWaitForEver) {
  target_.timeout = Duration::zero();
  Start();
  const Waiting& a = Send("GET a\r\n");
  Got();
  EXPECT_FALSE(loop_.NextTimer());
  loop_.Advance(std::chrono::hours(24));
  Reply("+A\r\n");
  EXPECT_EQ(a.reply, "+A\r\n");
}

TEST_F(ConnectionTest, ASinkMaySendAgainWhenItTimesOut) {
  Start();
  for (int i = 0; i < 3; ++i) {
    Send("GET a\r\n").on_failure = [this] { Send("GET b\r\n"); };
  }
  Got();
  loop_.Advance(kTimeout);
  EXPECT_EQ(waiting_.size(), 6u);
  EXPECT_THAT(owner_.events, ElementsAre("timed out"));
  Reply("+A\r\n+A\r\n+A\r\n+B1\r\n+B2\r\n+B3\r\n");
  EXPECT_EQ(waiting_[3].reply, "+B1\r\n");
  EXPECT_EQ(waiting_[5].reply, "+B3\r\n");
  EXPECT_EQ(Queues(), kNoneQueued);
}

TEST_F(ConnectionTest, RequestsThatAreOverdueTogetherAreOneFailure) {
  Start();
  for (int i = 0; i < 10; ++i) Send("GET a\r\n");
  Got();
  loop_.Advance(kTimeout);
  for (const Waiting& waiting : waiting_) EXPECT_EQ(waiting.cause(), "Connection timed out");
  EXPECT_THAT(owner_.events, ElementsAre("timed out"));
}

TEST_F(ConnectionTest, ASlowSenderIsNotTheServersFault) {
  Start();
  const Waiting& a = SendHead("head");
  for (int i = 0; i < 5; ++i) {
    loop_.Advance(10 * kTimeout);
    SendMore("more", false);
  }
  EXPECT_FALSE(a.done);
  EXPECT_THAT(owner_.events, IsEmpty());
  SendMore("end", true);
  loop_.Advance(kTimeout - milliseconds(1));
  EXPECT_FALSE(a.done);
  loop_.Advance(milliseconds(1));
  EXPECT_EQ(a.cause(), "Connection timed out");
  EXPECT_THAT(owner_.events, ElementsAre("timed out"));
}

TEST_F(ConnectionTest, AServerThatDoesNotTakeARequestIsToBlame) {
  Start();
  server().SetReading(false);
  const Waiting& a = SendHead(std::string(3000, 'a'));
  loop_.Advance(kTimeout);
  EXPECT_EQ(a.cause(), "Connection timed out");
  EXPECT_THAT(owner_.events, ElementsAre("timed out"));
}

TEST_F(ConnectionTest, AServerThatTakesALongRequestSlowlyIsNot) {
  Start();
  const Waiting& a = SendHead(std::string(1000, 'a'));
  server().SetReading(false);
  SendMore(std::string(9000, 'a'), true);
  for (int i = 0; i < 9; ++i) {
    loop_.Advance(kTimeout - milliseconds(1));
    server().SetReading(true);
    loop_.RunTurn();
    server().SetReading(false);
  }
  EXPECT_FALSE(a.done);
  server().SetReading(true);
  Reply("+OK\r\n");
  EXPECT_EQ(a.reply, "+OK\r\n");
}

// --- Held back -------------------------------------------------------------------

class HeldTest : public ConnectionTest {
 protected:
  // The first piece of `a` holds the connection back; `b` waits behind it.
  void Hold() {
    Start();
    a_ = &Send("GET a\r\n");
    b_ = &Send("GET b\r\n");
    a_->then = [](Connection& connection) { connection.SetReading(false); };
    Got();
    Reply("$10\r\n01234");
    a_->then = nullptr;
    ASSERT_EQ(a_->reply, "$10\r\n01234");
  }

  Waiting* a_ = nullptr;
  Waiting* b_ = nullptr;
};

TEST_F(HeldTest, NothingIsReadUntilItGoesOn) {
  Hold();
  Reply("56789\r\n+B\r\n");
  EXPECT_EQ(a_->reply, "$10\r\n01234");
  connection_->SetReading(true);
  loop_.RunUntilIdle();
  EXPECT_TRUE(a_->done);
  EXPECT_EQ(b_->reply, "+B\r\n");
}

TEST_F(HeldTest, HoldingInTheMiddleOfWhatCame) {
  Start();
  Waiting& a = Send("GET a\r\n");
  Waiting& b = Send("GET b\r\n");
  Got();
  a.then = [](Connection& connection) { connection.SetReading(false); };
  Reply("+A\r\n+B\r\n");
  EXPECT_TRUE(a.done);
  EXPECT_FALSE(b.done);
  connection_->SetReading(true);
  loop_.RunUntilIdle();
  EXPECT_EQ(b.reply, "+B\r\n");
}

TEST_F(HeldTest, OthersTimeOutAndTheHeldReplyDoesNot) {
  Hold();
  Reply("56789\r\n+B\r\n");
  loop_.Advance(10 * kTimeout);
  EXPECT_EQ(b_->cause(), "Connection timed out");
  EXPECT_FALSE(a_->done);
  EXPECT_FALSE(connection_->lost());
  EXPECT_THAT(owner_.events, IsEmpty()) << "the server is not to blame";
  connection_->SetReading(true);
  loop_.RunUntilIdle();
  EXPECT_EQ(a_->reply, "$10\r\n0123456789\r\n");
  EXPECT_EQ(b_->reply, "");
  EXPECT_EQ(Queues(), kNoneQueued);
}

TEST_F(HeldTest, AfterwardsTheServerHasATimeoutToGoOn) {
  Hold();
  loop_.Advance(10 * kTimeout);
  connection_->SetReading(true);
  loop_.Advance(kTimeout - milliseconds(1));
  EXPECT_FALSE(connection_->lost());
  loop_.Advance(milliseconds(1));
  EXPECT_TRUE(connection_->lost());
  EXPECT_EQ(a_->cause(), "Connection timed out");
}

TEST_F(HeldTest, OthersAreClientsThatStillWait) {
  Hold();
  EXPECT_TRUE(connection_->HasOthers(a_->owner));
  b_->owner = nullptr;  // has gone away
  EXPECT_FALSE(connection_->HasOthers(a_->owner));
  b_->owner = a_->owner;
  EXPECT_FALSE(connection_->HasOthers(a_->owner));
  EXPECT_THAT(connection_->Clients(), ElementsAre(a_->owner, a_->owner));
}

class LatencyTest : public ConnectionTest {
 protected:
  // Of how many requests, and the sum, in milliseconds.
  std::vector<int64_t> Latencies() const {
    const HistogramCounts counts = stats_.latency.counts();
    return {counts.total(), counts.sum_us() / 1000};
  }
};

TEST_F(LatencyTest, IsTheTimeToTheLastOfTheReply) {
  Start();
  Send("GET a\r\n");
  loop_.Advance(milliseconds(10));
  Send("GET b\r\n");
  loop_.Advance(milliseconds(20));
  Reply("$3\r\nab");
  EXPECT_THAT(Latencies(), ElementsAre(0, 0));
  loop_.Advance(milliseconds(5));
  Reply("c\r\n");
  EXPECT_THAT(Latencies(), ElementsAre(1, 35));
  Reply("+B\r\n");
  EXPECT_THAT(Latencies(), ElementsAre(2, 60));
}

TEST_F(LatencyTest, ATimeoutCountsOnce) {
  Start();
  Send("GET a\r\n");
  loop_.Advance(kTimeout);
  const int64_t timeout_ms = std::chrono::duration_cast<milliseconds>(kTimeout).count();
  EXPECT_THAT(Latencies(), ElementsAre(1, timeout_ms));
  loop_.Advance(milliseconds(1));
  Reply("+A\r\n");
  EXPECT_EQ(stats_.late_replies.value(), 1);
  EXPECT_THAT(Latencies(), ElementsAre(1, timeout_ms));
}

TEST_F(LatencyTest, ALostConnectionIsNoLatency) {
  Start();
  Send("GET a\r\n");
  loop_.Advance(milliseconds(10));
  server().Close();
  loop_.RunUntilIdle();
  EXPECT_TRUE(connection_->lost());
  EXPECT_THAT(Latencies(), ElementsAre(0, 0));
}

TEST_F(LatencyTest, AClientThatSendsSlowlyIsNotTheServers) {
  Start();
  SendHead("SET a 10\r\n");
  loop_.Advance(milliseconds(50));
  SendMore("12345", false);
  loop_.Advance(milliseconds(50));
  SendMore("67890", true);
  loop_.Advance(milliseconds(7));
  Reply("+OK\r\n");
  EXPECT_THAT(Latencies(), ElementsAre(1, 7));
}

}  // namespace
}  // namespace keyway

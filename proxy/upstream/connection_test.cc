#include "proxy/upstream/connection.h"

#include <random>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "proxy/testing/wire.h"
#include "proxy/upstream/connection_testing.h"

namespace keyway {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST_F(ConnectionTest, RepliesComeInTheOrderOfTheRequests) {
  Start();
  const Waiting& a = Send("GET a\r\n");
  const Waiting& b = Send("GET b\r\n");
  const Waiting& c = Send("GET c\r\n");
  EXPECT_EQ(Got(), "GET a\r\nGET b\r\nGET c\r\n");
  Reply("+A\r\n+B\r\n");
  EXPECT_EQ(a.reply, "+A\r\n");
  EXPECT_EQ(b.reply, "+B\r\n");
  EXPECT_FALSE(c.done);
  EXPECT_EQ(owner_.idle, 0);
  Reply("+C\r\n");
  EXPECT_EQ(c.reply, "+C\r\n");
  EXPECT_EQ(owner_.idle, 1);
  EXPECT_THAT(owner_.events, ElementsAre("replies", "replies"));
}

TEST_F(ConnectionTest, RequestsWaitForTheConnection) {
  Listen();
  loop_.SetSilent(address_, true);
  Connect();
  const Waiting& a = Send("GET a\r\n");
  loop_.RunUntilIdle();
  EXPECT_EQ(stats_.server_connections.value(), 0);
  loop_.SetSilent(address_, false);
  EXPECT_EQ((loop_.RunUntilIdle(), Got()), "GET a\r\n");
  EXPECT_EQ(stats_.server_connections.value(), 1);
  Reply("+A\r\n");
  EXPECT_EQ(a.reply, "+A\r\n");
}

TEST_F(ConnectionTest, AReplyInManyPieces) {
  Start();
  const Waiting& a = Send("GET a\r\n");
  const Waiting& b = Send("GET b\r\n");
  loop_.RunUntilIdle();
  const std::string reply = "$5\r\nhello\r\n";
  for (const char c : reply) Reply(std::string(1, c));
  EXPECT_EQ(a.reply, reply);
  EXPECT_GT(a.pieces, 1);
  EXPECT_TRUE(a.done);
  EXPECT_FALSE(b.done);
  EXPECT_THAT(owner_.events, ElementsAre("replies"));
  EXPECT_EQ(stats_.response_bytes.value(), static_cast<int64_t>(reply.size()));
  EXPECT_EQ(stats_.responses.value(), 1);
}

TEST_F(ConnectionTest, ASinkMaySendAgainFromItsReply) {
  Start();
  Waiting& a = Send("GET a\r\n");
  a.then = [this](Connection&) { Send("GET b\r\n"); };
  loop_.RunUntilIdle();
  Reply("+A\r\n");
  EXPECT_EQ(Got(), "GET a\r\nGET b\r\n");
  Reply("+B\r\n");
  EXPECT_EQ(waiting_.back().reply, "+B\r\n");
  EXPECT_EQ(Queues(), kNoneQueued);
}

// --- Handshake -------------------------------------------------------------------

class HandshakeTest : public ConnectionTest {
 protected:
  HandshakeTest() {
    target_.credentials.password = "secret";
    target_.credentials.database = 3;
  }
  const std::string handshake_ = Resp({"AUTH", "secret"}) + Resp({"SELECT", "3"});
};

TEST_F(HandshakeTest, AuthThenSelectThenRequests) {
  Start();
  const Waiting& a = Send("GET a\r\n");
  EXPECT_EQ(Got(), handshake_);
  Reply("+O");
  Reply("K\r\n");
  EXPECT_EQ(Got(), "");
  EXPECT_THAT(owner_.events, IsEmpty()) << "a handshake is no reply";
  Reply("+OK\r\n");
  EXPECT_EQ(Got(), "GET a\r\n");
  Reply("+A\r\n");
  EXPECT_EQ(a.reply, "+A\r\n");
  EXPECT_EQ(Queues(), kNoneQueued);
}

TEST_F(HandshakeTest, AFailingStepFailsTheRequestsThatWait) {
  Start();
  const Waiting& a = Send("GET a\r\n");
  loop_.RunUntilIdle();
  Reply("+OK\r\n");
  Reply("-ERR DB index is out of range\r\n");
  EXPECT_EQ(a.cause(), "SELECT 3 failed: -ERR DB index is out of range");
  EXPECT_THAT(owner_.events,
              ElementsAre("lost busy: SELECT 3 failed: -ERR DB index is out of range"));
  EXPECT_TRUE(connection_->lost());
  EXPECT_EQ(Queues(), kNoneQueued);
  EXPECT_EQ(stats_.server_err.value(), 1);
}

TEST_F(HandshakeTest, AFailureNobodyWaitsForIsAFailureToo) {
  Start();
  Reply("-WRONGPASS invalid\r\n");
  EXPECT_THAT(owner_.events, ElementsAre("lost busy: AUTH failed: -WRONGPASS invalid"));
}

TEST_F(HandshakeTest, NonsenseInsteadOfAReply) {
  Start();
  Send("GET a\r\n");
  Reply("HTTP/1.1 400 Bad Request\r\n");
  EXPECT_THAT(owner_.events, ElementsAre("lost busy: unexpected reply to AUTH"));
}

TEST_F(HandshakeTest, AnEndlessReplyIsCutShort) {
  Start();
  Send("GET a\r\n");
  Reply("$1000000\r\n");
  while (!connection_->lost()) Reply(std::string(100, 'x'));
  EXPECT_THAT(owner_.events, ElementsAre("lost busy: unexpected reply to AUTH"));
  EXPECT_LE(stats_.response_bytes.value(), 0);
}

TEST_F(HandshakeTest, ItMustBeDoneInTheTimeOfTheFirstRequest) {
  Start();
  loop_.Advance(kTimeout);
  EXPECT_THAT(owner_.events, IsEmpty()) << "nobody waits";
  const Waiting& a = Send("GET a\r\n");
  Reply("+OK\r\n");
  loop_.Advance(kTimeout - milliseconds(1));
  EXPECT_FALSE(a.done);
  loop_.Advance(milliseconds(1));
  EXPECT_EQ(a.cause(), "Connection timed out");
  EXPECT_THAT(owner_.events, ElementsAre("lost busy: Connection timed out"));
  EXPECT_EQ(stats_.server_timedout.value(), 1);
}

TEST_F(HandshakeTest, BytesOfTheHandshakeAreNobodysRequest) {
  Start();
  EXPECT_EQ(Queues(), kNoneQueued);
  Send("GET a\r\n");
  loop_.RunUntilIdle();
  EXPECT_EQ(Queues(), (std::vector<int64_t>{1, 7, 0, 0}));
  Reply("+OK\r\n+OK\r\n");
  EXPECT_EQ(Queues(), (std::vector<int64_t>{0, 0, 1, 7}));
  EXPECT_EQ(stats_.request_bytes.value(), 7);
}

// --- Ends ------------------------------------------------------------------------

TEST_F(ConnectionTest, ARefusedConnectFailsAllThatWait) {
  connection_ = std::make_unique<Connection>(loop_, target_, address_, stats_, owner_);
  const Waiting& a = Send("GET a\r\n");
  const Waiting& b = Send("GET b\r\n");
  loop_.RunUntilIdle();
  EXPECT_EQ(a.cause(), "Connection refused");
  EXPECT_EQ(b.cause(), "Connection refused");
  EXPECT_THAT(owner_.events, ElementsAre("lost busy: Connection refused"));
  EXPECT_EQ(stats_.server_err.value(), 1);
  EXPECT_EQ(stats_.server_connections.value(), 0);
  EXPECT_EQ(Queues(), kNoneQueued);
}

TEST_F(ConnectionTest, ARefusedConnectIsAFailureEvenIfNobodyWaits) {
  Connect();
  EXPECT_THAT(owner_.events, ElementsAre("lost busy: Connection refused"));
}

TEST_F(ConnectionTest, AnEndWithoutRequestsIsNoFailure) {
  Start();
  server().Close();
  loop_.RunUntilIdle();
  EXPECT_THAT(owner_.events, ElementsAre("lost: server closed the connection"));
  EXPECT_EQ(stats_.server_eof.value(), 1);
  EXPECT_EQ(stats_.server_err.value(), 0);
  EXPECT_EQ(stats_.server_connections.value(), 0);
}

TEST_F(ConnectionTest, AnEndFailsWhatIsOutstanding) {
  Start();
  const Waiting& a = Send("GET a\r\n");
  const Waiting& b = Send("GET b\r\n");
  const Waiting& c = Send("GET c\r\n");
  Got();
  server().Send("+A\r\n$3\r\nx");
  server().SendEnd();
  loop_.RunUntilIdle();
  EXPECT_EQ(a.reply, "+A\r\n");
  EXPECT_EQ(b.reply, "$3\r\nx");
  EXPECT_EQ(b.cause(), "server closed the connection");
  EXPECT_EQ(c.cause(), "server closed the connection");
  EXPECT_THAT(owner_.events, ElementsAre("replies", "lost busy: server closed the connection"));
  EXPECT_EQ(Queues(), kNoneQueued);
}

TEST_F(ConnectionTest, AResetFailsWhatIsOutstanding) {
  Start();
  const Waiting& a = Send("GET a\r\n");
  Got();
  server().SetReading(false);
  Send("GET b\r\n");
  loop_.RunUntilIdle();
  server().Close();  // with bytes unread
  loop_.RunUntilIdle();
  EXPECT_EQ(a.cause(), "Connection reset by peer");
  EXPECT_EQ(stats_.server_err.value(), 1);
  EXPECT_EQ(Queues(), kNoneQueued);
}

TEST_F(ConnectionTest, AStrayReplyEndsTheConnection) {
  Start();
  Reply("+HELLO\r\n");
  EXPECT_THAT(owner_.events, ElementsAre("lost: reply without a request"));
  EXPECT_EQ(stats_.server_err.value(), 1);
}

TEST_F(ConnectionTest, AReplyTooManyBehindAGoodOne) {
  Start();
  const Waiting& a = Send("GET a\r\n");
  Got();
  Reply("+A\r\n+B\r\n");
  EXPECT_EQ(a.reply, "+A\r\n");
  EXPECT_THAT(owner_.events, ElementsAre("replies", "lost: reply without a request"));
}

TEST_F(ConnectionTest, ABadReplyEndsTheConnection) {
  Start();
  const Waiting& a = Send("GET a\r\n");
  const Waiting& b = Send("GET b\r\n");
  const Waiting& c = Send("GET c\r\n");
  Got();
  Reply("+A\r\nnonsense\r\n");
  EXPECT_EQ(a.reply, "+A\r\n");
  EXPECT_EQ(b.cause(), "unexpected reply");
  EXPECT_EQ(c.cause(), "unexpected reply");
  EXPECT_THAT(owner_.events, ElementsAre("replies", "lost busy: unexpected reply"));
}

TEST_F(ConnectionTest, TheDestructorTellsWhoeverWaits) {
  Start();
  const Waiting& a = Send("GET a\r\n");
  Got();
  const Waiting& b = Send("GET b\r\n");
  connection_.reset();
  EXPECT_EQ(a.failure->kind, FailureKind::kStopped);
  EXPECT_EQ(b.failure->kind, FailureKind::kStopped);
  EXPECT_THAT(owner_.events, IsEmpty());
  EXPECT_EQ(Queues(), kNoneQueued);
  EXPECT_EQ(stats_.server_connections.value(), 0);
}

TEST_F(ConnectionTest, GivingUpTellsTheSinksAndNotTheOwner) {
  Start();
  const Waiting& a = Send("GET a\r\n");
  connection_->GiveUp("no more of it");
  EXPECT_EQ(a.cause(), "no more of it");
  EXPECT_TRUE(connection_->lost());
  EXPECT_THAT(owner_.events, IsEmpty());
  loop_.RunUntilIdle();
  EXPECT_TRUE(server().ended());
}

// --- Queues and their gauges -----------------------------------------------------

TEST_F(ConnectionTest, GaugesFollowWhatIsWritten) {
  Start();
  server().SetReading(false);
  Send(std::string(600, 'a'));
  Send(std::string(600, 'b'));
  Send(std::string(600, 'c'));
  EXPECT_EQ(Queues(), (std::vector<int64_t>{3, 1800, 0, 0}));
  EXPECT_EQ(connection_->unwritten_bytes(), 1800u);
  loop_.RunUntilIdle();  // a socket takes 1000 bytes
  EXPECT_EQ(Queues(), (std::vector<int64_t>{2, 1200, 1, 600}));
  EXPECT_EQ(connection_->unwritten_bytes(), 800u);
  server().SetReading(true);
  loop_.RunUntilIdle();
  EXPECT_EQ(Queues(), (std::vector<int64_t>{0, 0, 3, 1800}));
  EXPECT_EQ(connection_->unwritten_bytes(), 0u);
  Reply("+A\r\n");
  EXPECT_EQ(Queues(), (std::vector<int64_t>{0, 0, 2, 1200}));
  Reply("+B\r\n+C\r\n");
  EXPECT_EQ(Queues(), kNoneQueued);
  EXPECT_EQ(stats_.requests.value(), 3);
  EXPECT_EQ(stats_.request_bytes.value(), 1800);
}

TEST_F(ConnectionTest, AReplyBeforeTheRequestIsWritten) {
  Start();
  server().SetReading(false);
  const Waiting& a = Send(std::string(2500, 'a'));
  const Waiting& b = Send(std::string(100, 'b'));
  loop_.RunUntilIdle();
  EXPECT_EQ(Queues(), (std::vector<int64_t>{2, 2600, 0, 0}));
  Reply("-ERR too large\r\n");
  EXPECT_TRUE(a.done);
  EXPECT_FALSE(b.done);
  EXPECT_EQ(Queues(), (std::vector<int64_t>{1, 100, 0, 0}));
  EXPECT_EQ(connection_->unwritten_bytes(), 1600u) << "the rest of it still goes out";
  server().SetReading(true);
  EXPECT_EQ(Got(), std::string(2500, 'a') + std::string(100, 'b'));
  EXPECT_EQ(Queues(), (std::vector<int64_t>{0, 0, 1, 100}));
  Reply("+B\r\n");
  EXPECT_EQ(b.reply, "+B\r\n");
  EXPECT_EQ(Queues(), kNoneQueued);
}

TEST_F(ConnectionTest, LosingItEmptiesTheGauges) {
  Start();
  server().SetReading(false);
  for (int i = 0; i < 4; ++i) Send(std::string(600, 'a'));
  loop_.RunUntilIdle();
  server().Close();
  loop_.RunUntilIdle();
  EXPECT_TRUE(connection_->lost());
  EXPECT_EQ(Queues(), kNoneQueued);
}

TEST_F(ConnectionTest, ARequestThatComesInParts) {
  Start();
  const Waiting& a = SendHead("head");
  EXPECT_EQ(Got(), "head");
  EXPECT_EQ(Queues(), (std::vector<int64_t>{0, 0, 1, 4}));
  SendMore("body", false);
  EXPECT_EQ(Queues(), (std::vector<int64_t>{1, 8, 0, 0}));
  EXPECT_EQ(Got(), "body");
  SendMore("end", true);
  EXPECT_EQ(Got(), "end");
  EXPECT_EQ(Queues(), (std::vector<int64_t>{0, 0, 1, 11}));
  Reply("+OK\r\n");
  EXPECT_EQ(a.reply, "+OK\r\n");
  EXPECT_EQ(Queues(), kNoneQueued);
  EXPECT_EQ(stats_.requests.value(), 1);
  EXPECT_EQ(stats_.request_bytes.value(), 11);
}

TEST_F(ConnectionTest, AnAnswerBeforeTheEndOfTheRequest) {
  Start();
  server().SetReading(false);
  const Waiting& a = SendHead(std::string(1500, 'a'));
  loop_.RunUntilIdle();
  Reply("-ERR too large\r\n");
  EXPECT_EQ(a.reply, "-ERR too large\r\n");
  EXPECT_EQ(Queues(), kNoneQueued);
  SendMore(std::string(1500, 'a'), true);
  loop_.RunUntilIdle();
  EXPECT_EQ(Queues(), kNoneQueued);
  EXPECT_EQ(connection_->unwritten_bytes(), 2000u) << "it counts against what may wait";
  const Waiting& b = Send("GET b\r\n");
  server().SetReading(true);
  EXPECT_EQ(Got(), std::string(3000, 'a') + "GET b\r\n");
  EXPECT_EQ(connection_->unwritten_bytes(), 0u);
  EXPECT_EQ(Queues(), (std::vector<int64_t>{0, 0, 1, 7}));
  Reply("+B\r\n");
  EXPECT_EQ(b.reply, "+B\r\n");
  EXPECT_EQ(Queues(), kNoneQueued);
}

// --- WhenWritten -----------------------------------------------------------------

TEST_F(ConnectionTest, TellsWhenAllIsWritten) {
  Start();
  server().SetReading(false);
  int told = 0;
  SendHead(std::string(1500, 'a'));
  connection_->WhenWritten([&] { ++told; });
  loop_.RunUntilIdle();
  EXPECT_EQ(told, 0);
  server().SetReading(true);
  loop_.RunUntilIdle();
  EXPECT_EQ(told, 1);
  SendMore("more", true);
  loop_.RunUntilIdle();
  EXPECT_EQ(told, 1) << "asked once";
}

TEST_F(HandshakeTest, NothingIsWrittenBeforeTheHandshake) {
  Start();
  int told = 0;
  Send("GET a\r\n");
  connection_->WhenWritten([&] { ++told; });
  loop_.RunUntilIdle();
  EXPECT_EQ(told, 0);
  Reply("+OK\r\n+OK\r\n");
  EXPECT_EQ(told, 1);
}

TEST_F(ConnectionTest, TellsWhenNothingWillBeWrittenAnyMore) {
  Start();
  server().SetReading(false);
  int told = 0;
  Send(std::string(1500, 'a'));
  connection_->WhenWritten([&] { ++told; });
  loop_.RunUntilIdle();
  server().Close();
  loop_.RunUntilIdle();
  EXPECT_TRUE(connection_->lost());
  EXPECT_EQ(told, 1);
}

TEST_F(ConnectionTest, AWishCanBeWithdrawn) {
  Start();
  int told = 0;
  Send("GET a\r\n");
  connection_->WhenWritten([&] { ++told; });
  connection_->WhenWritten(nullptr);
  loop_.RunUntilIdle();
  EXPECT_EQ(told, 0);
}

// --- memcached -------------------------------------------------------------------

TEST_F(ConnectionTest, MemcachedRepliesDependOnTheirRequests) {
  target_.codec = FindCodec("memcache");
  Start();
  const Waiting& a = Send("get a b\r\n", "get");
  const Waiting& b = Send("incr n 1\r\n", "incr");
  Got();
  Reply("VALUE a 0 1\r\nx\r\nVALUE b 0 1\r\ny\r\nEND\r\n7\r\n");
  EXPECT_EQ(a.reply, "VALUE a 0 1\r\nx\r\nVALUE b 0 1\r\ny\r\nEND\r\n");
  EXPECT_EQ(b.reply, "7\r\n");
  Send("incr n 1\r\n", "incr");
  Reply("VALUE a 0 1\r\nx\r\nEND\r\n");
  EXPECT_TRUE(connection_->lost());
}

// --- Chance ----------------------------------------------------------------------

// Whatever happens, each request ends once and the gauges come back to zero.
TEST_F(ConnectionTest, AnyHistoryAddsUp) {
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    std::mt19937 random(seed);
    Start();
    size_t owed = 0;
    bool closed = false;
    for (int step = 0; step < 60 && !connection_->lost() && !closed; ++step) {
      switch (random() % 8) {
        case 0:
        case 1:
        case 2:
          Send(std::string(1 + random() % 700, 'r'));
          ++owed;
          break;
        case 3:
          server().SetReading(random() % 2 == 0);
          break;
        case 4:
        case 5:
          if (owed != 0 && !server().received().empty()) {
            server().Send(random() % 2 == 0 ? "+OK\r\n" : "$6\r\nfoobar\r\n");
            --owed;
          }
          break;
        case 6:
          loop_.Advance(milliseconds(random() % 150));
          break;
        case 7:
          closed = random() % 20 == 0;
          if (closed) server().Close();
          break;
      }
      if (random() % 2 == 0) loop_.RunTurn();
    }
    loop_.RunUntilIdle();
    connection_.reset();
    for (const Waiting& waiting : waiting_) EXPECT_TRUE(waiting.done) << "seed " << seed;
    EXPECT_EQ(Queues(), kNoneQueued) << "seed " << seed;
    EXPECT_EQ(stats_.server_connections.value(), 0) << "seed " << seed;
    waiting_.clear();
    host_.reset();
    loop_.RunUntilIdle();
    ASSERT_EQ(loop_.blocks().bytes_in_use(), 0u) << "seed " << seed;
  }
}

}  // namespace
}  // namespace keyway

// The order of replies, and how a session ends.
#include "proxy/client/session.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "proxy/base/limits.h"
#include "proxy/client/session_testing.h"

namespace keyway {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr seconds kLinger{kLingerSeconds};

// --- Order -----------------------------------------------------------------------

TEST_F(SessionTest, RepliesLeaveInTheOrderOfTheRequests) {
  Party& client = Connect();
  client.Send(Get(0) + Get(1) + Resp({"PING"}) + Get(2) + Resp({"FROB"}));
  pool_.Reply(2, "+C\r\n");
  pool_.Reply(1, "+B\r\n");
  EXPECT_EQ(Got(client), "");
  pool_.Reply(0, "+A\r\n");
  EXPECT_EQ(Got(client), "+A\r\n+B\r\n+PONG\r\n+C\r\n-ERR unknown command 'FROB'\r\n");
}

TEST_F(SessionTest, WhatIsDoneLeavesAtOnce) {
  Party& client = Connect();
  client.Send(Get(0) + Get(1) + Get(2));
  pool_.Reply(0, "+A\r\n");
  EXPECT_EQ(Got(client), "+A\r\n");
  pool_.Reply(2, "+C\r\n");
  EXPECT_EQ(Got(client), "");
  pool_.Reply(1, "+B\r\n");
  EXPECT_EQ(Got(client), "+B\r\n+C\r\n");
}

TEST_F(SessionTest, PiecesOfTheOldestReplyAreNotHeldUp) {
  Party& client = Connect();
  client.Send(Get(0) + Get(1));
  pool_.Reply(1, "$4\r\n01");
  pool_.Reply(0, "$4\r\n01");
  EXPECT_EQ(Got(client), "$4\r\n01");
  pool_.Reply(0, "23\r\n");
  EXPECT_EQ(Got(client), "23\r\n$4\r\n01");
  pool_.Reply(1, "23\r\n");
  EXPECT_EQ(Got(client), "23\r\n");
}

TEST_F(SessionTest, MergedRepliesHaveTheirPlace) {
  Party& client = Connect();
  client.Send(Get(0) + Resp({"DEL", pool_.KeyOn(1), pool_.KeyOn(2)}) + Get(2));
  pool_.Reply(2, ":1\r\n+C\r\n");
  pool_.Reply(1, ":1\r\n");
  EXPECT_EQ(Got(client), "");
  pool_.Reply(0, "+A\r\n");
  EXPECT_EQ(Got(client), "+A\r\n:2\r\n+C\r\n");
}

TEST_F(SessionTest, ClientsDoNotWaitForEachOther) {
  Party& one = Connect();
  Party& two = Connect();
  one.Send(Get(0) + Get(1));
  two.Send(Get(1) + Resp({"PING"}));
  pool_.Reply(1, "+one\r\n+two\r\n");
  EXPECT_EQ(Got(two), "+two\r\n+PONG\r\n");
  EXPECT_EQ(Got(one), "");
  pool_.Reply(0, "+A\r\n");
  EXPECT_EQ(Got(one), "+A\r\n+one\r\n");
}

TEST_F(SessionTest, RequestsThatArriveByteByByte) {
  Party& client = Connect();
  const std::string requests = Get(0) + Resp({"PING"}) + "PING\r\n" + Get(1);
  for (const char c : requests) {
    client.Send(std::string(1, c));
    loop_.RunUntilIdle();
  }
  pool_.Reply(1, "+B\r\n");
  pool_.Reply(0, "+A\r\n");
  EXPECT_EQ(Got(client), "+A\r\n+PONG\r\n+PONG\r\n+B\r\n");
}

TEST_F(SessionTest, ATimeoutHasItsPlaceToo) {
  Party& client = Connect();
  client.Send(Get(0) + Get(1));
  pool_.Reply(1, "+B\r\n");
  loop_.Advance(milliseconds(400));
  EXPECT_EQ(Got(client), "-ERR Connection timed out (server s1)\r\n+B\r\n");
  client.Send(Get(0));
  pool_.Reply(0, "+late\r\n+A\r\n");
  EXPECT_EQ(Got(client), "+A\r\n");
}

// --- The client ends -------------------------------------------------------------

TEST_F(SessionTest, AClientThatEndsIsClosed) {
  Party& client = Connect();
  client.Send(Resp({"PING"}));
  client.SendEnd();
  EXPECT_EQ(Got(client), "+PONG\r\n");
  EXPECT_TRUE(client.ended());
  EXPECT_EQ(closed(), 1u);
  EXPECT_EQ(pool_.stats().client_eof.value(), 1);
  EXPECT_EQ(pool_.stats().client_err.value(), 0);
}

TEST_F(SessionTest, AClientThatEndsItsDirectionGetsItsReplies) {
  Party& client = Connect();
  client.Send(Get(0) + Get(1));
  client.SendEnd();
  pool_.Reply(0, "+A\r\n");
  EXPECT_EQ(Got(client), "+A\r\n");
  EXPECT_FALSE(client.ended());
  pool_.Reply(1, "+B\r\n");
  EXPECT_EQ(Got(client), "+B\r\n");
  EXPECT_TRUE(client.ended());
  EXPECT_EQ(closed(), 1u);
}

TEST_F(SessionTest, ItsRequestsThatAreNotParsedYetAreAnsweredToo) {
  Party& client = Connect();
  std::string requests;
  const size_t count = 3 * kFirstWindow;
  for (size_t i = 0; i < count; ++i) requests += Get(0);
  client.Send(requests);
  client.SendEnd();
  std::string got;
  for (size_t i = 0; i < count; ++i) {
    pool_.Reply(0, "+A\r\n");
    got += Got(client);
  }
  EXPECT_EQ(got.size(), count * 4);
  EXPECT_TRUE(client.ended());
}

TEST_F(SessionTest, ARequestThatIsNotCompleteIsForgotten) {
  Party& client = Connect();
  client.Send(Get(0) + "*2\r\n$3\r\nGE");
  client.SendEnd();
  pool_.Reply(0, "+A\r\n");
  EXPECT_EQ(Got(client), "+A\r\n");
  EXPECT_TRUE(client.ended());
}

TEST_F(SessionTest, ASlowReaderThatEndsItsDirectionGetsAll) {
  Party& client = Connect();
  client.SetReading(false);
  client.Send(Get(0));
  client.SendEnd();
  const std::string reply = Bulk(std::string(1'000'000, 'x'));
  pool_.Reply(0, reply);
  loop_.Advance(10 * kLinger);
  client.SetReading(true);
  EXPECT_EQ(Got(client).size(), reply.size());
  EXPECT_TRUE(client.ended());
}

TEST_F(SessionTest, AResetWithRepliesOutstandingHarmsNobodyElse) {
  Party& one = Connect();
  Party& two = Connect();
  one.SetReading(false);
  one.Send(Get(0) + Resp({"MGET", pool_.KeyOn(0), pool_.KeyOn(1)}) + Get(0));
  two.Send(Get(0));
  pool_.Reply(0, "$4\r\n0");  // unread by the first client, so that its close is a reset
  one.Close();
  loop_.RunUntilIdle();
  EXPECT_EQ(closed(), 1u);
  EXPECT_EQ(pool_.stats().client_err.value(), 1);
  pool_.Reply(0, "123\r\n*1\r\n+x\r\n+one\r\n+two\r\n");
  pool_.Reply(1, "*1\r\n+x\r\n");
  EXPECT_EQ(Got(two), "+two\r\n");
  EXPECT_EQ(pool_.connections(0), 1u);
  EXPECT_FALSE(pool_.ServerEnd(0).ended());
}

// --- We end ----------------------------------------------------------------------

TEST_F(SessionTest, AProtocolErrorComesAfterEarlierReplies) {
  Party& client = Connect();
  client.Send(Get(0) + Get(1) + "*1\r\n+PING\r\n" + Get(2));
  pool_.Reply(1, "+B\r\n");
  EXPECT_EQ(Got(client), "");
  pool_.Reply(0, "+A\r\n");
  EXPECT_EQ(Got(client), "+A\r\n+B\r\n-ERR Protocol error: expected '$', got '+'\r\n");
  EXPECT_TRUE(client.ended());
  EXPECT_EQ(pool_.connections(2), 0u) << "nothing behind it is forwarded";
  client.Close();
  loop_.RunUntilIdle();
  EXPECT_EQ(closed(), 1u);
  EXPECT_EQ(pool_.stats().client_err.value(), 1);
}

TEST_F(SessionTest, QuitComesAfterEarlierReplies) {
  Party& client = Connect();
  client.Send(Get(0) + Resp({"QUIT"}) + Get(1));
  EXPECT_EQ(Got(client), "");
  pool_.Reply(0, "+A\r\n");
  EXPECT_EQ(Got(client), "+A\r\n+OK\r\n");
  EXPECT_TRUE(client.ended());
  EXPECT_EQ(pool_.connections(1), 0u);
  client.Send(Get(1));
  client.Close();
  loop_.RunUntilIdle();
  EXPECT_EQ(closed(), 1u);
  EXPECT_EQ(pool_.connections(1), 0u);
  EXPECT_EQ(pool_.stats().client_eof.value(), 1);
}

TEST_F(SessionTest, AClientThatStaysAfterItsLastReplyIsClosed) {
  Party& client = Connect();
  client.Send(Resp({"QUIT"}));
  EXPECT_EQ(Got(client), "+OK\r\n");
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(closed(), 0u);
    client.Send("what it sends makes no difference");
    loop_.Advance(kLinger / 2);
  }
  EXPECT_EQ(closed(), 1u);
}

TEST_F(SessionTest, AClientThatStillReadsIsNotClosed) {
  Party& client = Connect();
  client.SetReading(false);
  client.Send(Get(0) + Resp({"QUIT"}));
  const std::string reply = Bulk(std::string(1'000'000, 'x'));
  pool_.Reply(0, reply);
  std::string got;
  while (got.size() < reply.size() / 2) {  // the socket holds a quarter
    loop_.Advance(kLinger - milliseconds(1));
    ASSERT_EQ(closed(), 0u);
    client.SetReading(true);
    loop_.RunTurn();
    client.SetReading(false);
    got += Got(client);
  }
  client.SetReading(true);
  EXPECT_TRUE(got + Got(client) == reply + "+OK\r\n");
  loop_.Advance(2 * kLinger);
  EXPECT_EQ(closed(), 1u);
}

TEST_F(SessionTest, AClientThatReadsNothingIsClosedInTheEnd) {
  Party& client = Connect();
  client.SetReading(false);
  client.Send(Get(0) + Resp({"QUIT"}));
  pool_.Reply(0, Bulk(std::string(1'000'000, 'x')));
  loop_.Advance(2 * kLinger);
  EXPECT_EQ(closed(), 1u);
}

TEST_F(SessionTest, BothEndAtTheSameTime) {
  Party& client = Connect();
  client.Send(Resp({"QUIT"}));
  client.SendEnd();
  EXPECT_EQ(Got(client), "+OK\r\n");
  EXPECT_EQ(closed(), 1u);
  EXPECT_EQ(pool_.stats().client_eof.value(), 1);
  loop_.Advance(2 * kLinger);
  EXPECT_EQ(closed(), 1u);
}

TEST_F(SessionTest, RejectedWithAWord) {
  Party& client = Connect();
  session().Reject("-ERR too many\r\n");
  client.Send(Get(0));
  EXPECT_EQ(Got(client), "-ERR too many\r\n");
  EXPECT_TRUE(client.ended());
  EXPECT_EQ(pool_.connections(0), 0u);
  client.Close();
  loop_.RunUntilIdle();
  EXPECT_EQ(closed(), 1u);
}

// --- Drain -----------------------------------------------------------------------

TEST_F(SessionTest, DrainingEndsAnIdleSession) {
  Party& client = Connect();
  session().Drain();
  loop_.RunUntilIdle();
  EXPECT_TRUE(client.ended());
  client.Close();
  loop_.RunUntilIdle();
  EXPECT_EQ(closed(), 1u);
  EXPECT_EQ(pool_.stats().client_eof.value(), 1);
}

TEST_F(SessionTest, DrainingWaitsForWhatIsInFlight) {
  Party& client = Connect();
  client.Send(Get(0) + Get(1));
  loop_.RunUntilIdle();
  session().Drain();
  client.Send(Get(2));
  pool_.Reply(1, "+B\r\n");
  EXPECT_FALSE(client.ended());
  pool_.Reply(0, "+A\r\n");
  EXPECT_EQ(Got(client), "+A\r\n+B\r\n");
  EXPECT_TRUE(client.ended());
  EXPECT_EQ(pool_.connections(2), 0u);
}

TEST_F(SessionTest, DrainingAPausedSession) {
  Party& client = Connect();
  for (size_t i = 0; i < 2 * kFirstWindow; ++i) client.Send(Get(0));
  loop_.RunUntilIdle();
  session().Drain();
  std::string got;
  for (size_t i = 0; i < kFirstWindow; ++i) {
    pool_.Reply(0, "+A\r\n");
    got += Got(client);
  }
  EXPECT_EQ(got.size(), 4 * kFirstWindow);
  EXPECT_TRUE(client.ended());
  EXPECT_FALSE(client.error()) << "what was not read must not cost it the last replies";
}

TEST_F(SessionTest, DrainingTwiceOrAfterQuit) {
  Party& client = Connect();
  client.Send(Get(0) + Resp({"QUIT"}));
  loop_.RunUntilIdle();
  session().Drain();
  session().Drain();
  pool_.Reply(0, "+A\r\n");
  EXPECT_EQ(Got(client), "+A\r\n+OK\r\n");
}

// --- A reply that breaks off -----------------------------------------------------

TEST_F(SessionTest, AfterHalfAReplyThereIsNothingToSay) {
  Party& client = Connect();
  client.Send(Get(1) + Get(0) + Get(1) + Resp({"PING"}));
  pool_.Reply(0, "$10\r\n01234");
  pool_.Reply(1, "+B\r\n+C\r\n");
  EXPECT_EQ(Got(client), "+B\r\n$10\r\n01234");
  pool_.Refuse(0);
  EXPECT_EQ(Got(client), "");
  EXPECT_TRUE(client.ended());
  client.Close();
  loop_.RunUntilIdle();
  EXPECT_EQ(pool_.stats().client_err.value(), 1);
  EXPECT_FALSE(pool_.ServerEnd(1).ended());
}

TEST_F(SessionTest, RepliesBeforeABrokenOneAreNotLost) {
  Party& client = Connect();
  client.SetReading(false);
  client.Send(Get(1) + Get(0) + Get(2));
  const std::string value = Bulk(std::string(600'000, 'x'));
  pool_.Reply(1, value);
  pool_.Reply(0, "$10\r\n01234");
  pool_.Refuse(0);
  client.SetReading(true);
  EXPECT_EQ(Got(client), value + "$10\r\n01234");
  EXPECT_TRUE(client.ended());
  pool_.Reply(2, "+swallowed\r\n");
  EXPECT_FALSE(pool_.ServerEnd(2).ended());
}

TEST_F(SessionTest, AReplyThatBreaksOffBeforeItsTurnIsAnError) {
  Party& client = Connect();
  client.Send(Get(1) + Get(0) + Resp({"PING"}));
  pool_.Reply(0, "$10\r\n01234");
  pool_.Refuse(0);
  pool_.Reply(1, "+B\r\n");
  EXPECT_EQ(Got(client), "+B\r\n-ERR server closed the connection (server s1)\r\n+PONG\r\n");
  EXPECT_FALSE(client.ended());
}

// --- Destruction -----------------------------------------------------------------

TEST_F(SessionTest, DestroyedInAllStates) {
  Connect();
  Connect().Send(Get(0) + Get(1));
  pool_.Reply(0, "$10\r\n01234");
  Connect().Send(Get(2) + Resp({"DEL", pool_.KeyOn(0), pool_.KeyOn(1)}));
  Connect().Send(Resp({"QUIT"}));
  Connect().Send("*2\r\n$3\r\nGE");
  for (size_t i = 0; i < 2 * kFirstWindow; ++i) clients_[0]->Send(Get(1));
  loop_.RunUntilIdle();
  // The fixture destroys the clients, then the sessions, then the pool.
}

// --- memcached -------------------------------------------------------------------

class MemcacheSessionTest : public SessionTest {
 protected:
  MemcacheSessionTest() : SessionTest(MemcachePool()) {}
};

TEST_F(MemcacheSessionTest, HiddenRepliesKeepTheOrder) {
  Party& client = Connect();
  const std::string a = pool_.KeyOn(0), b = pool_.KeyOn(1);
  client.Send("set " + a + " 0 0 1 noreply\r\nx\r\nget " + b + "\r\nmg " + a + " q\r\nmn\r\n");
  pool_.Reply(1, "END\r\n");
  EXPECT_EQ(Got(client), "");
  pool_.Reply(0, "STORED\r\nEN\r\n");
  EXPECT_EQ(Got(client), "END\r\nMN\r\n");
}

TEST_F(MemcacheSessionTest, QuitSaysNothing) {
  Party& client = Connect();
  client.Send("get " + pool_.KeyOn(0) + "\r\nquit\r\n");
  pool_.Reply(0, "END\r\n");
  EXPECT_EQ(Got(client), "END\r\n");
  EXPECT_TRUE(client.ended());
}

TEST_F(MemcacheSessionTest, RefusedDataIsNotTakenForRequests) {
  Party& client = Connect();
  client.Send("get " + pool_.KeyOn(0) + "\r\nset k 0 0 9 x y z\r\nflush_all\r\nmn\r\n");
  pool_.Reply(0, "END\r\n");
  EXPECT_THAT(Got(client), StartsWith("END\r\n"));
  EXPECT_EQ(pool_.connections(1), 0u);
}

}  // namespace
}  // namespace keyway

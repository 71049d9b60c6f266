#include "proxy/upstream/server_pool.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "proxy/base/limits.h"
#include "proxy/upstream/server_pool_testing.h"

namespace keyway {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Many who wait, as one.
class Crowd : public ReplySink {
 public:
  void OnReply(Connection&, Block*, std::string_view, bool) override {}
  void OnNoReply(const Failure&) override {}
  const void* client() const override { return this; }
  bool IsOldest() const override { return false; }
};

TEST_F(ServerPoolTest, RequestsShareOneConnectionMadeWhenNeeded) {
  Start();
  EXPECT_EQ(open(), 0u);
  const Waiting& a = Send("GET a\r\n", 1);
  const Waiting& b = Send("GET b\r\n", 2);
  Reply(0, "+A\r\n+B\r\n");
  EXPECT_EQ(accepted(), 1u);
  EXPECT_EQ(a.reply, "+A\r\n");
  EXPECT_EQ(b.reply, "+B\r\n");
  EXPECT_EQ(worker_stats_.curr_connections.value(), 1);
  EXPECT_EQ(worker_stats_.total_connections.value(), 1);
}

TEST_F(ServerPoolTest, RequestsOfOneClientUseOneOfSeveralConnections) {
  config_.server_connections = 3;
  Start();
  for (uint64_t client = 0; client < 6; ++client) {
    Send("GET a\r\n", client);
    Send("GET b\r\n", client);
  }
  EXPECT_EQ(open(), 3u);
  Connection* first = &ConnectionOf(waiting_[0], 0);
  EXPECT_EQ(&ConnectionOf(waiting_[0], 3), first);
  EXPECT_NE(&ConnectionOf(waiting_[0], 1), first);
  EXPECT_EQ(first->outstanding(), 4u);
}

TEST_F(ServerPoolTest, ALostConnectionIsReplacedByTheNextRequest) {
  Start();
  const Waiting& a = Send("GET a\r\n");
  loop_.RunUntilIdle();
  server(0).Close();
  loop_.RunUntilIdle();
  EXPECT_EQ(a.cause(), "server closed the connection");
  EXPECT_EQ(worker_stats_.curr_connections.value(), 0);
  const Waiting& b = Send("GET b\r\n");
  Reply(1, "+B\r\n");
  EXPECT_EQ(b.reply, "+B\r\n");
  EXPECT_THAT(events_.noted, ElementsAre("server closed the connection", "recovered"));
  EXPECT_EQ(worker_stats_.curr_connections.value(), 1);
  EXPECT_EQ(worker_stats_.total_connections.value(), 2);
}

TEST_F(ServerPoolTest, AnIdleConnectionThatEndsIsNoFailure) {
  Start();
  Send("GET a\r\n");
  Reply(0, "+A\r\n");
  server(0).Close();
  loop_.RunUntilIdle();
  EXPECT_THAT(events_.noted, IsEmpty());
}

TEST_F(ServerPoolTest, FailuresAreReportedWithTheirError) {
  Make();
  Send("GET a\r\n");
  loop_.RunUntilIdle();
  EXPECT_EQ(waiting_[0].cause(), "Connection refused");
  Send("GET a\r\n");
  loop_.RunUntilIdle();
  EXPECT_THAT(events_.noted, ElementsAre("Connection refused", "Connection refused"));
}

TEST_F(ServerPoolTest, OnlyAReplyAfterAFailureIsNews) {
  Start();
  Send("GET a\r\n");
  Reply(0, "+A\r\n");
  Send("GET b\r\n");
  loop_.Advance(milliseconds(400));
  Send("GET c\r\n");
  Reply(0, "+B\r\n+C\r\n");
  Send("GET d\r\n");
  Reply(0, "+D\r\n");
  EXPECT_THAT(events_.noted, ElementsAre("Connection timed out", "recovered"));
  static_assert(ETIMEDOUT == 110);
}

TEST_F(ServerPoolTest, AHandshakeThatFailsIsNoRecovery) {
  config_.redis_auth = "secret";
  config_.redis_db = 9;
  Start();
  const std::string failed = "SELECT 9 failed: -ERR DB index is out of range";
  for (size_t i = 0; i < 3; ++i) {
    Send("GET a\r\n");
    Reply(i, "+OK\r\n");
    Reply(i, "-ERR DB index is out of range\r\n");
  }
  EXPECT_THAT(events_.noted, ElementsAre(failed, failed, failed));
}

TEST_F(ServerPoolTest, MemcachedHasNoHandshake) {
  config_.redis = false;
  config_.redis_db = 9;
  Start();
  Send("get a\r\n");
  loop_.RunUntilIdle();
  EXPECT_EQ(server(0).received(), "get a\r\n");
}

TEST_F(ServerPoolTest, WithoutAnAddressEveryRequestFails) {
  Start();
  pool_->SetAddress(std::nullopt);
  EXPECT_EQ(Send("GET a\r\n").cause(), "Host is down");
  Failure failure;
  EXPECT_FALSE(pool_->Acquire(failure));
  EXPECT_EQ(failure.text, "Host is down");
  EXPECT_THAT(events_.noted, ElementsAre("Host is down", "Host is down"));
  EXPECT_EQ(stats_.server_err.value(), 2);
  static_assert(EHOSTDOWN == 112);
  pool_->SetAddress(address_);
  const Waiting& b = Send("GET b\r\n");
  Reply(0, "+B\r\n");
  EXPECT_EQ(b.reply, "+B\r\n");
  EXPECT_EQ(events_.noted.back(), "recovered");
}

TEST_F(ServerPoolTest, PreconnectMakesAConnectionThatIsUsed) {
  Start();
  pool_->Preconnect();
  EXPECT_EQ(open(), 1u);
  Send("GET a\r\n");
  loop_.RunUntilIdle();
  EXPECT_EQ(accepted(), 1u);
  pool_->Preconnect();
  EXPECT_EQ(open(), 1u);
}

TEST_F(ServerPoolTest, AFailedPreconnectIsAFailure) {
  Make();
  pool_->Preconnect();
  loop_.RunUntilIdle();
  EXPECT_THAT(events_.noted, ElementsAre("Connection refused"));
  EXPECT_EQ(worker_stats_.curr_connections.value(), 0);
}

TEST_F(ServerPoolTest, TooManyBytesAreRefused) {
  Start();
  Send(std::string(kMaxServerQueueBytes, 'x'));
  const Waiting& b = Send("GET b\r\n");
  EXPECT_EQ(b.cause(), "too many requests are waiting");
  EXPECT_EQ(stats_.overloads.value(), 1);
  EXPECT_THAT(events_.noted, IsEmpty()) << "it may be our own doing";
  loop_.RunUntilIdle();
  const Waiting& c = Send("GET c\r\n");
  EXPECT_EQ(c.cause(), "");
}

TEST_F(ServerPoolTest, TooManyRequestsAreRefused) {
  config_.timeout_ms = 0;
  Start();
  Crowd many;
  Connection& connection = ConnectionOf(many);
  const CommandSpec& get = *FindCodec("redis")->FindCommand("get");
  for (size_t i = 0; i < kMaxServerQueueRequests; ++i) {
    connection.output().Append("x");
    connection.Sent(get, 1, many);
    if (i % 1024 == 0) loop_.RunUntilIdle();
  }
  const Waiting& b = Send("GET b\r\n");
  EXPECT_EQ(b.cause(), "too many requests are waiting");
  EXPECT_EQ(stats_.overloads.value(), 1);
  pool_.reset();
}

TEST_F(ServerPoolTest, DestroyedWithConnectionsOfEveryKind) {
  config_.redis_auth = "secret";
  config_.server_connections = 4;
  Start();
  Failure failure;
  Send("GET a\r\n", 0);
  Send("GET b\r\n", 1);
  loop_.RunUntilIdle();
  server(0).Send("+OK\r\n$10\r\n01234");
  loop_.RunUntilIdle();
  pool_->Hold(ConnectionOf(waiting_[0], 0));
  { const Lease idle = pool_->Acquire(failure); }
  {
    const Lease unclean = pool_->Acquire(failure);
    SendOn(*unclean, "GET c\r\n", waiting_.emplace_back());
  }
  Send("GET d\r\n", 2);  // connecting
  pool_.reset();
  for (const Waiting& waiting : waiting_) {
    EXPECT_EQ(waiting.cause(), "the proxy closed the connection");
  }
  loop_.RunUntilIdle();
  EXPECT_EQ(open(), 0u);
  EXPECT_EQ(worker_stats_.curr_connections.value(), 0);
  EXPECT_EQ(stats_.in_queue.value() + stats_.out_queue.value(), 0);
}

TEST_F(ServerPoolTest, DestroyedInTheTurnInWhichAConnectionIsLost) {
  Make();
  Send("GET a\r\n");
  loop_.RunTurn();  // refused
  EXPECT_EQ(waiting_[0].cause(), "Connection refused");
  pool_.reset();
  loop_.RunUntilIdle();
  EXPECT_EQ(loop_.open_sockets(), 0u);
}

}  // namespace
}  // namespace keyway

#include "proxy/upstream/server_pool.h"

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "proxy/base/limits.h"
#include "proxy/net/fake_loop.h"
#include "proxy/protocol/codecs.h"
#include "proxy/testing/party.h"

namespace keyway {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr ServerId kId = {.pool = 2, .server = 5};

class Waiting : public ReplySink {
 public:
  void OnReply(Connection&, Block*, std::string_view piece, bool last) override {
    reply += piece;
    done = last;
  }
  void OnNoReply(const Failure& failure) override {
    cause = failure.text;
    done = true;
  }
  const void* client() const override { return owner; }
  bool IsOldest() const override { return oldest; }

  std::string reply;
  std::string cause;
  bool done = false;
  const void* owner = this;
  bool oldest = true;
};

class NotedEvents : public ServerEvents {
 public:
  void OnFailed(ServerId id, std::string cause) override {
    EXPECT_EQ(id, kId);
    noted.push_back(cause);
  }
  void OnRecovered(ServerId id) override {
    EXPECT_EQ(id, kId);
    noted.push_back("recovered");
  }

  std::vector<std::string> noted;
};

class ServerPoolTest : public ::testing::Test {
 protected:
  ServerPoolTest() {
    config_.name = "alpha";
    config_.redis = true;
    config_.timeout_ms = 400;
    server_.name = "s1";
  }

  void Make() {
    pool_.emplace(ServerPool::Parts{.loop = loop_,
                                    .codec = *FindCodec(config_.redis ? "redis" : "memcache"),
                                    .worker_stats = worker_stats_,
                                    .stats = stats_,
                                    .events = events_,
                                    .logger = *logger_},
                  kId, config_, server_);
    pool_->SetAddress(address_);
  }
  void Start() {
    host_.emplace(loop_, address_, [](Party&) {});
    Make();
  }

  // A request that no other one of its client precedes.
  Waiting& Send(const std::string& request, uint64_t affinity = 0) {
    Waiting& waiting = waiting_.emplace_back();
    SendFor(waiting, request, affinity);
    return waiting;
  }
  // One of a client that has others under way.
  Waiting& SendAgain(const Waiting& before, const std::string& request, uint64_t affinity = 0) {
    Waiting& waiting = waiting_.emplace_back();
    waiting.owner = before.owner;
    waiting.oldest = false;
    SendFor(waiting, request, affinity);
    return waiting;
  }
  void SendFor(Waiting& waiting, const std::string& request, uint64_t affinity) {
    Failure failure;
    Connection* connection = pool_->ForRequest(affinity, waiting, failure);
    if (connection == nullptr) {
      waiting.OnNoReply(failure);
      return;
    }
    SendOn(*connection, request, waiting);
  }
  void SendOn(Connection& connection, const std::string& request, Waiting& waiting) {
    connection.output().Append(request);
    connection.Sent(*FindCodec("redis")->FindCommand("get"), request.size(), waiting);
  }
  Connection& ConnectionOf(const Waiting& waiting, uint64_t affinity = 0) {
    Failure failure;
    return *pool_->ForRequest(affinity, waiting, failure);
  }

  size_t accepted() { return host_->parties().size(); }
  Party& server(size_t i) { return *host_->parties()[i]; }
  void Reply(size_t i, std::string_view bytes) {
    loop_.RunUntilIdle();
    server(i).Send(bytes);
    loop_.RunUntilIdle();
  }
  size_t open() {
    loop_.RunUntilIdle();
    size_t count = 0;
    for (const auto& party : host_->parties()) count += party->ended() ? 0 : 1;
    return count;
  }

  FakeLoop loop_;
  const Address address_ = *Resolve({.host = "127.0.0.1", .port = 7001, .path = {}});
  PoolConfig config_;
  ServerConfig server_;
  const std::unique_ptr<Logger> logger_ = *Logger::Open("/dev/null", LogLevel::kErr);
  WorkerStats worker_stats_;
  ServerStats stats_;
  NotedEvents events_;
  std::optional<Host> host_;
  std::deque<Waiting> waiting_;
  std::optional<ServerPool> pool_;
};

// --- Shared connections ----------------------------------------------------------

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
  EXPECT_EQ(a.cause, "server closed the connection");
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
  EXPECT_EQ(waiting_[0].cause, "Connection refused");
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
  EXPECT_EQ(Send("GET a\r\n").cause, "Host is down");
  Failure failure;
  EXPECT_FALSE(pool_->Acquire(failure));
  EXPECT_EQ(failure.text, "Host is down");
  EXPECT_THAT(events_.noted, ElementsAre("Host is down", "Host is down"));
  static_assert(EHOSTDOWN == 112);
  pool_->SetAddress(address_);
  const Waiting& b = Send("GET b\r\n");
  Reply(0, "+B\r\n");
  EXPECT_EQ(b.reply, "+B\r\n");
  EXPECT_EQ(events_.noted.back(), "recovered");
}

TEST_F(ServerPoolTest, ANewAddressIsForNewConnections) {
  Start();
  Send("GET a\r\n");
  loop_.RunUntilIdle();
  const Address moved = *Resolve({.host = "127.0.0.1", .port = 7002, .path = {}});
  Host other(loop_, moved, [](Party&) {});
  pool_->SetAddress(moved);
  const Waiting& b = Send("GET b\r\n");
  Reply(0, "+A\r\n+B\r\n");
  EXPECT_EQ(b.reply, "+B\r\n");
  server(0).Close();
  loop_.RunUntilIdle();
  Send("GET c\r\n");
  loop_.RunUntilIdle();
  ASSERT_EQ(other.parties().size(), 1u);
  EXPECT_EQ(other.parties()[0]->received(), "GET c\r\n");
  pool_.reset();
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

// --- Limits ----------------------------------------------------------------------

TEST_F(ServerPoolTest, TooManyBytesAreRefused) {
  Start();
  Send(std::string(kMaxServerQueueBytes, 'x'));
  const Waiting& b = Send("GET b\r\n");
  EXPECT_EQ(b.cause, "too many requests are waiting");
  EXPECT_EQ(stats_.overloads.value(), 1);
  EXPECT_THAT(events_.noted, IsEmpty()) << "it may be our own doing";
  loop_.RunUntilIdle();
  const Waiting& c = Send("GET c\r\n");
  EXPECT_EQ(c.cause, "");
}

TEST_F(ServerPoolTest, TooManyRequestsAreRefused) {
  config_.timeout_ms = 0;
  Start();
  Waiting many;
  for (size_t i = 0; i < kMaxServerQueueRequests; ++i) {
    SendOn(ConnectionOf(many), "x", many);
    if (i % 1024 == 0) loop_.RunUntilIdle();
  }
  const Waiting& b = Send("GET b\r\n");
  EXPECT_EQ(b.cause, "too many requests are waiting");
  EXPECT_EQ(stats_.overloads.value(), 1);
  pool_.reset();
}

// --- Leases ----------------------------------------------------------------------

class LeaseTest : public ServerPoolTest {
 protected:
  Lease Acquire() {
    Failure failure;
    Lease lease = pool_->Acquire(failure);
    cause_ = failure.text;
    return lease;
  }
  std::string cause_;
};

TEST_F(LeaseTest, ALeaseIsNobodyElses) {
  Start();
  Send("GET a\r\n");
  Lease one = Acquire();
  Lease two = Acquire();
  EXPECT_EQ(open(), 3u);
  EXPECT_NE(&*one, &*two);
  EXPECT_NE(&*one, &ConnectionOf(waiting_[0]));
  EXPECT_EQ(stats_.leases.value(), 2);
}

TEST_F(LeaseTest, ACleanOneIsUsedAgain) {
  Start();
  {
    const Lease lease = Acquire();
    SendOn(*lease, "GET a\r\n", waiting_.emplace_back());
    Reply(0, "+A\r\n");
  }
  EXPECT_EQ(stats_.leases.value(), 0);
  EXPECT_EQ(open(), 1u);
  const Lease lease = Acquire();
  SendOn(*lease, "GET b\r\n", waiting_.emplace_back());
  Reply(0, "+B\r\n");
  EXPECT_EQ(waiting_[1].reply, "+B\r\n");
  EXPECT_EQ(accepted(), 1u);
}

TEST_F(LeaseTest, OneWithARequestUnderWayIsClosed) {
  Start();
  Waiting& a = waiting_.emplace_back();
  {
    const Lease lease = Acquire();
    SendOn(*lease, "GET a\r\n", a);
    loop_.RunUntilIdle();
  }
  EXPECT_FALSE(a.done) << "not before the next turn";
  EXPECT_EQ(open(), 0u);
  EXPECT_EQ(a.cause, "the proxy closed the connection");
  EXPECT_EQ(worker_stats_.curr_connections.value(), 0);
  EXPECT_THAT(events_.noted, IsEmpty());
}

TEST_F(LeaseTest, OneWhoseReplyIsLateIsClosed) {
  Start();
  {
    const Lease lease = Acquire();
    SendOn(*lease, "GET a\r\n", waiting_.emplace_back());
    loop_.Advance(milliseconds(400));
    EXPECT_EQ(waiting_[0].cause, "Connection timed out");
  }
  EXPECT_EQ(open(), 0u);
}

TEST_F(LeaseTest, OneThatWasLostIsClosed) {
  Start();
  {
    const Lease lease = Acquire();
    loop_.RunUntilIdle();
    server(0).Close();
    loop_.RunUntilIdle();
    EXPECT_TRUE(lease->lost());
    EXPECT_EQ(stats_.leases.value(), 1) << "until it is given back";
    EXPECT_EQ(worker_stats_.curr_connections.value(), 1);
  }
  EXPECT_EQ(stats_.leases.value(), 0);
  EXPECT_EQ(worker_stats_.curr_connections.value(), 0);
  const Lease lease = Acquire();
  EXPECT_FALSE(lease->lost());
}

TEST_F(LeaseTest, AnIdleOneThatEndsIsForgotten) {
  Start();
  { const Lease lease = Acquire(); }
  loop_.RunUntilIdle();
  server(0).Close();
  loop_.RunUntilIdle();
  EXPECT_EQ(worker_stats_.curr_connections.value(), 0);
  const Lease lease = Acquire();
  EXPECT_FALSE(lease->lost());
  loop_.RunUntilIdle();
  EXPECT_EQ(accepted(), 2u);
}

TEST_F(LeaseTest, TheyAreLimited) {
  Start();
  std::vector<Lease> leases;
  for (size_t i = 0; i < kMaxLeases; ++i) {
    leases.push_back(Acquire());
    ASSERT_TRUE(leases.back());
  }
  EXPECT_FALSE(Acquire());
  EXPECT_EQ(cause_, "too many connections are in use");
  EXPECT_EQ(stats_.overloads.value(), 1);
  leases.pop_back();
  EXPECT_TRUE(Acquire());
  EXPECT_EQ(stats_.leases.value(), static_cast<int64_t>(kMaxLeases - 1));
  leases.clear();
  EXPECT_EQ(open(), kIdleLeases);
  EXPECT_EQ(worker_stats_.curr_connections.value(), static_cast<int64_t>(kIdleLeases));
}

TEST_F(LeaseTest, ALeaseOutlivesItsMoves) {
  Start();
  Lease lease = Acquire();
  Connection* connection = &*lease;
  Lease other = std::move(lease);
  EXPECT_FALSE(lease);  // NOLINT(bugprone-use-after-move)
  lease = std::move(other);
  EXPECT_EQ(&*lease, connection);
  lease = Lease();
  EXPECT_EQ(stats_.leases.value(), 0);
}

TEST_F(LeaseTest, WhatItsUserWishedIsForgotten) {
  Start();
  int told = 0;
  {
    const Lease lease = Acquire();
    lease->WhenWritten([&] { ++told; });
  }
  loop_.RunUntilIdle();
  server(0).Close();
  loop_.RunUntilIdle();
  EXPECT_EQ(told, 0);
}

// --- Hold and Resume -------------------------------------------------------------

class HoldTest : public ServerPoolTest {
 protected:
  // The connection delivers `a` in pieces and is held; `b` of another client waits.
  void Hold() {
    Start();
    a_ = &Send("GET a\r\n");
    b_ = &Send("GET b\r\n");
    held_ = &ConnectionOf(*a_);
    Reply(0, "$10\r\n01234");
    pool_->Hold(*held_);
  }

  const Waiting* a_ = nullptr;
  const Waiting* b_ = nullptr;
  Connection* held_ = nullptr;
};

TEST_F(HoldTest, OthersGetANewConnection) {
  Hold();
  Reply(0, "56789\r\n+B\r\n");
  const Waiting& c = Send("GET c\r\n");
  Reply(1, "+C\r\n");
  EXPECT_EQ(c.reply, "+C\r\n");
  EXPECT_FALSE(a_->done);
  EXPECT_FALSE(b_->done);
  pool_->Resume(*held_);
  loop_.RunUntilIdle();
  EXPECT_EQ(a_->reply, "$10\r\n0123456789\r\n");
  EXPECT_EQ(b_->reply, "+B\r\n");
}

TEST_F(HoldTest, TheHeldOneIsClosedWhenItIsIdle) {
  Hold();
  Reply(0, "56789\r\n");
  pool_->Resume(*held_);
  EXPECT_EQ(open(), 1u);
  EXPECT_TRUE(a_->done);
  Reply(0, "+B\r\n");
  EXPECT_TRUE(b_->done);
  EXPECT_EQ(open(), 0u);
  EXPECT_EQ(worker_stats_.curr_connections.value(), 0);
  EXPECT_THAT(events_.noted, IsEmpty());
}

TEST_F(HoldTest, ItIsHeldAgainAndAgain) {
  Hold();
  for (int i = 0; i < 3; ++i) {
    Reply(0, "x");
    pool_->Resume(*held_);
    loop_.RunUntilIdle();
    pool_->Hold(*held_);
  }
  EXPECT_EQ(a_->reply, "$10\r\n01234xxx");
}

// A server may execute the requests of two connections in any order.
TEST_F(HoldTest, RequestsDoNotOvertakeTheirClientsOthers) {
  Hold();
  SendAgain(*a_, "GET a2\r\n");
  SendAgain(*b_, "GET b2\r\n");
  loop_.RunUntilIdle();
  EXPECT_EQ(accepted(), 1u);
  EXPECT_EQ(server(0).received(), "GET a\r\nGET b\r\nGET a2\r\nGET b2\r\n");
}

TEST_F(HoldTest, AClientThatWaitsForNothingIsFreeAgain) {
  Hold();
  const Waiting& c = waiting_.emplace_back();
  waiting_.back().owner = b_->owner;
  SendFor(waiting_.back(), "GET c\r\n", 0);  // the oldest one: b has timed out, say
  SendAgain(*b_, "GET d\r\n");
  loop_.RunUntilIdle();
  ASSERT_EQ(accepted(), 2u);
  EXPECT_EQ(server(1).received(), "GET c\r\nGET d\r\n");
  Reply(1, "+C\r\n");
  EXPECT_EQ(c.reply, "+C\r\n");
}

TEST_F(HoldTest, AHeldOneHasTheUsualLimits) {
  Hold();
  server(0).SetReading(false);
  SendAgain(*b_, std::string(kMaxServerQueueBytes + 1024 * 1024, 'x'));
  loop_.RunUntilIdle();
  EXPECT_EQ(SendAgain(*b_, "GET b\r\n").cause, "too many requests are waiting");
}

TEST_F(HoldTest, SeveralAreHeld) {
  Hold();
  const Waiting& c = Send("GET c\r\n");
  const Waiting& d = Send("GET d\r\n");
  Reply(1, "$10\r\n01234");
  Connection& second = ConnectionOf(c);
  pool_->Hold(second);
  SendAgain(d, "GET d2\r\n");
  SendAgain(*b_, "GET b2\r\n");
  Send("GET e\r\n");
  loop_.RunUntilIdle();
  ASSERT_EQ(accepted(), 3u);
  EXPECT_EQ(server(0).received(), "GET a\r\nGET b\r\nGET b2\r\n");
  EXPECT_EQ(server(1).received(), "GET c\r\nGET d\r\nGET d2\r\n");
  EXPECT_EQ(server(2).received(), "GET e\r\n");
}

TEST_F(HoldTest, AHeldOneThatBreaksIsAFailure) {
  Hold();
  server(0).SetReading(false);
  SendAgain(*a_, "GET a2\r\n");
  loop_.RunUntilIdle();
  server(0).Close();  // with bytes unread
  loop_.RunUntilIdle();
  EXPECT_EQ(a_->cause, "Connection reset by peer");
  EXPECT_EQ(b_->cause, "Connection reset by peer");
  EXPECT_THAT(events_.noted, ElementsAre("Connection reset by peer"));
  EXPECT_EQ(worker_stats_.curr_connections.value(), 0);
}

TEST_F(HoldTest, ALeasedConnectionCanBeHeld) {
  Start();
  Failure failure;
  Waiting& a = waiting_.emplace_back();
  {
    const Lease lease = pool_->Acquire(failure);
    SendOn(*lease, "GET a\r\n", a);
    Reply(0, "$5\r\n01");
    pool_->Hold(*lease);
    Reply(0, "234\r\n");
    EXPECT_FALSE(a.done);
    pool_->Resume(*lease);
    loop_.RunUntilIdle();
    EXPECT_TRUE(a.done);
  }
  EXPECT_EQ(open(), 1u);
}

// --- Destruction -----------------------------------------------------------------

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
    EXPECT_EQ(waiting.cause, "the proxy closed the connection");
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
  EXPECT_EQ(waiting_[0].cause, "Connection refused");
  pool_.reset();
  loop_.RunUntilIdle();
  EXPECT_EQ(loop_.open_sockets(), 0u);
}

}  // namespace
}  // namespace keyway

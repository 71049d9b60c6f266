// Connections that a server's pool lends out, and connections that it holds back.
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "proxy/base/limits.h"
#include "proxy/upstream/server_pool.h"
#include "proxy/upstream/server_pool_testing.h"

namespace keyway {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

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
  EXPECT_EQ(a.cause(), "the proxy closed the connection");
  EXPECT_EQ(worker_stats_.curr_connections.value(), 0);
  EXPECT_THAT(events_.noted, IsEmpty());
}

TEST_F(LeaseTest, OneWhoseReplyIsLateIsClosed) {
  Start();
  {
    const Lease lease = Acquire();
    SendOn(*lease, "GET a\r\n", waiting_.emplace_back());
    loop_.Advance(milliseconds(400));
    EXPECT_EQ(waiting_[0].cause(), "Connection timed out");
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
  EXPECT_EQ(SendAgain(*b_, "GET b\r\n").cause(), "too many requests are waiting");
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
  EXPECT_EQ(a_->cause(), "Connection reset by peer");
  EXPECT_EQ(b_->cause(), "Connection reset by peer");
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

}  // namespace
}  // namespace keyway

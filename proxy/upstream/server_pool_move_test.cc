// A server whose name gets another address, and what we lack ourselves.
#include <sys/resource.h>
#include <unistd.h>

#include <memory>
#include <optional>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "proxy/net/epoll_loop.h"
#include "proxy/testing/process.h"
#include "proxy/upstream/server_pool_testing.h"

namespace keyway {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class MoveTest : public ServerPoolTest {
 protected:
  void Start() {
    ServerPoolTest::Start();
    new_host_.emplace(loop_, new_address_, [](Party&) {});
  }
  void Move() {
    pool_->SetAddress(new_address_);
    loop_.RunUntilIdle();
  }
  Party& successor() { return *new_host_->parties().back(); }
  void ReplyFromSuccessor(std::string_view bytes) {
    loop_.RunUntilIdle();
    successor().Send(bytes);
    loop_.RunUntilIdle();
  }

  const Address new_address_ = *Resolve({.host = "127.0.0.9", .port = 7001, .path = {}});
  std::optional<Host> new_host_;
};

TEST_F(MoveTest, NewRequestsGoToTheNewAddress) {
  Start();
  Send("GET a\r\n");
  Reply(0, "+A\r\n");
  Move();
  EXPECT_EQ(open(), 0u) << "nothing was under way";
  const Waiting& b = Send("GET b\r\n");
  ReplyFromSuccessor("+B\r\n");
  EXPECT_EQ(b.reply, "+B\r\n");
  EXPECT_THAT(events_.noted, IsEmpty());
  EXPECT_EQ(worker_stats_.curr_connections.value(), 1);
}

TEST_F(MoveTest, RequestsUnderWayAreAnsweredWhereTheyWereSent) {
  Start();
  const Waiting& a = Send("GET a\r\n");
  const Waiting& again = SendAgain(a, "GET a2\r\n");
  Move();
  const Waiting& b = Send("GET b\r\n");
  ReplyFromSuccessor("+B\r\n");
  EXPECT_EQ(b.reply, "+B\r\n");
  // What the client sends meanwhile must not overtake.
  const Waiting& third = SendAgain(a, "GET a3\r\n");
  EXPECT_EQ(open(), 1u);
  Reply(0, "+A\r\n+A2\r\n+A3\r\n");
  EXPECT_EQ(a.reply + again.reply + third.reply, "+A\r\n+A2\r\n+A3\r\n");
  EXPECT_EQ(open(), 0u);
  EXPECT_THAT(events_.noted, IsEmpty());
  EXPECT_EQ(worker_stats_.curr_connections.value(), 1);
}

TEST_F(MoveTest, TheSameAddressAgainChangesNothing) {
  Start();
  Send("GET a\r\n");
  Reply(0, "+A\r\n");
  pool_->SetAddress(address_);
  EXPECT_EQ(open(), 1u);
}

TEST_F(MoveTest, LeasesEndAtTheOldAddress) {
  Start();
  Failure failure;
  Lease kept = pool_->Acquire(failure);
  { const Lease returned = pool_->Acquire(failure); }
  EXPECT_EQ(open(), 2u);
  Move();
  EXPECT_EQ(open(), 1u) << "the one that nobody has";
  Waiting waiting;
  SendOn(*kept, "GET a\r\n", waiting);
  Reply(0, "+A\r\n");
  EXPECT_EQ(waiting.reply, "+A\r\n");
  kept = Lease();
  EXPECT_EQ(open(), 0u);
  { const Lease lease = pool_->Acquire(failure); }
  loop_.RunUntilIdle();
  EXPECT_FALSE(successor().ended());
}

TEST_F(MoveTest, AServerThatIsGoneFailsWhatWasUnderWayOnly) {
  Start();
  const Waiting& a = Send("GET a\r\n");
  loop_.RunUntilIdle();
  Move();
  const Waiting& b = Send("GET b\r\n");
  server(0).Close();
  ReplyFromSuccessor("+B\r\n");
  EXPECT_EQ(a.cause(), "server closed the connection");
  EXPECT_EQ(b.reply, "+B\r\n");
}

// No file is left for a connection, which the real loop finds out.
class ShortageTest : public ServerPoolTest {
 protected:
  ShortageTest() { ::getrlimit(RLIMIT_NOFILE, &before_); }
  ~ShortageTest() override { ::setrlimit(RLIMIT_NOFILE, &before_); }

  void UseUpFiles() {
    const int lowest = ::dup(0);
    ::close(lowest);
    const rlimit used = {.rlim_cur = static_cast<rlim_t>(lowest), .rlim_max = before_.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &used), 0);
  }

  rlimit before_ = {};
};

TEST_F(ShortageTest, TheServerIsNotToBlame) {
  const std::unique_ptr<EventLoop> loop = MakeEpollLoop();
  pool_.emplace(ServerPool::Parts{.loop = *loop,
                                  .codec = *FindCodec("redis"),
                                  .worker_stats = worker_stats_,
                                  .stats = stats_,
                                  .events = events_,
                                  .logger = *logger_},
                kServerId, config_, server_);
  const FreePort nobody;
  pool_->SetAddress(*Resolve({.host = "127.0.0.1", .port = nobody.number(), .path = {}}));
  UseUpFiles();
  const Waiting& a = Send("GET a\r\n");
  waiting_.back().on_failure = [&] { loop->Stop(); };
  loop->Run();
  EXPECT_EQ(a.cause(), "Too many open files in the proxy");
  EXPECT_THAT(events_.noted, IsEmpty());
  EXPECT_EQ(stats_.shortages.value(), 1);
  EXPECT_EQ(stats_.server_err.value(), 0);
  EXPECT_EQ(worker_stats_.curr_connections.value(), 0);

  // With files again, it is the server that refuses.
  ::setrlimit(RLIMIT_NOFILE, &before_);
  const Waiting& b = Send("GET b\r\n");
  waiting_.back().on_failure = [&] { loop->Stop(); };
  loop->Run();
  EXPECT_EQ(b.cause(), "Connection refused");
  EXPECT_THAT(events_.noted, ElementsAre("Connection refused"));
  pool_.reset();
}

}  // namespace
}  // namespace keyway

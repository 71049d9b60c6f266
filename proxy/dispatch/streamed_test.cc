#include "proxy/dispatch/streamed.h"

#include <optional>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "proxy/base/limits.h"
#include "proxy/dispatch/pool_testing.h"
#include "proxy/testing/wire.h"

namespace keyway {
namespace {

using std::chrono::milliseconds;
using ::testing::StartsWith;

class StreamedTest : public ::testing::Test {
 protected:
  explicit StreamedTest(PoolConfig config = RedisPool()) : pool_(loop_, std::move(config), 2) {
    state_.authenticated = pool_.dispatcher().config().redis_auth.empty();
  }
  ~StreamedTest() override { Destroy(); }

  // The beginning of a SET with a value of two megabytes, with 10 bytes of it.
  std::string Head(size_t server) const {
    const std::string key = pool_.KeyOn(server);
    return "*3\r\n$3\r\nSET\r\n$" + std::to_string(key.size()) + "\r\n" + key + "\r\n$2097152\r\n" +
           std::string(10, 'v');
  }
  void Open(const std::string& head) {
    const BlockRef block = loop_.blocks().Get(head.size());
    head.copy(block->data(), head.size());
    ASSERT_EQ(parser_->Next({block->data(), head.size()}, block.get(), request_), Parsed::kHead);
    exchange_ = Exchange::Make(pool_.dispatcher().context(), client_);
    streamed_.emplace(pool_.dispatcher(), *exchange_, request_, state_);
  }
  void Begin(size_t server) {
    Open(Head(server));
    streamed_->Begin();
    loop_.RunUntilIdle();
  }
  void Write(const std::string& bytes, bool last) { streamed_->Write(nullptr, bytes, last); }
  void Destroy() {
    streamed_.reset();
    if (exchange_ != nullptr) Exchange::Abandon(std::move(exchange_));
  }
  std::string Reply() {
    loop_.RunUntilIdle();
    if (!exchange_->finished()) return "(no reply yet)";
    OutputBuffer reply(loop_.blocks());
    exchange_->Release(reply);
    return TextOf(reply);
  }

  FakeLoop loop_{{.socket_bytes = 64 * 1024}};
  TestPool pool_;
  TestClient client_{pool_};
  const std::unique_ptr<RequestParser> parser_ = pool_.dispatcher().codec().MakeRequestParser();
  Request request_;
  SessionState state_;
  ExchangePtr exchange_;
  std::optional<StreamedRequest> streamed_;
};

TEST_F(StreamedTest, HeadAndRestGoOverAConnectionOfTheirOwn) {
  client_.Send(Resp({"GET", pool_.KeyOn(1)}));
  pool_.Got(1);
  Open(Head(1));
  EXPECT_FALSE(streamed_->begun());
  EXPECT_FALSE(streamed_->WantsMore()) << "not before its turn";
  EXPECT_EQ(pool_.connections(1), 1u);
  streamed_->Begin();
  EXPECT_TRUE(streamed_->begun());
  EXPECT_TRUE(streamed_->WantsMore());
  EXPECT_EQ(pool_.Got(1, 1), Head(1));
  EXPECT_EQ(pool_.stats(1).leases.value(), 1);
  Write("more", false);
  EXPECT_EQ(pool_.Got(1, 1), "more");
  EXPECT_FALSE(streamed_->written());
  Write("end\r\n", true);
  EXPECT_EQ(pool_.Got(1, 1), "end\r\n");
  EXPECT_TRUE(streamed_->written());
  EXPECT_FALSE(streamed_->finished());
  pool_.Reply(1, "+OK\r\n", 1);
  EXPECT_EQ(Reply(), "+OK\r\n");
  streamed_->OnFinished();
  EXPECT_TRUE(streamed_->finished());
  streamed_.reset();
  EXPECT_EQ(pool_.stats(1).leases.value(), 0);
  loop_.RunUntilIdle();
  EXPECT_FALSE(pool_.ServerEnd(1, 1).ended()) << "for the next one";
}

TEST_F(StreamedTest, NoMoreIsWantedThanTheServerTakes) {
  Begin(1);
  pool_.ServerEnd(1).SetReading(false);
  size_t written = 0;
  while (streamed_->WantsMore()) {
    Write(std::string(10000, 'v'), false);
    written += 10000;
    loop_.RunUntilIdle();
  }
  EXPECT_LE(written, kStreamWindowBytes + 64 * 1024 + 10000);
  int wanted = 0;
  streamed_->WhenWanted([&] { ++wanted; });
  loop_.RunUntilIdle();
  EXPECT_EQ(wanted, 0);
  pool_.ServerEnd(1).SetReading(true);
  loop_.RunUntilIdle();
  EXPECT_EQ(wanted, 1);
  EXPECT_TRUE(streamed_->WantsMore());
}

TEST_F(StreamedTest, AnAnswerBeforeTheEnd) {
  Begin(1);
  pool_.Reply(1, "-OOM command not allowed\r\n");
  EXPECT_EQ(Reply(), "-OOM command not allowed\r\n");
  streamed_->OnFinished();
  EXPECT_FALSE(streamed_->finished()) << "the rest must go where its beginning went";
  exchange_.reset();
  pool_.Got(1);
  Write("end\r\n", true);
  EXPECT_TRUE(streamed_->finished());
  streamed_.reset();
  EXPECT_EQ(pool_.Got(1), "end\r\n");
  EXPECT_FALSE(pool_.ServerEnd(1).ended());
}

TEST_F(StreamedTest, AnEarlyAnswerDoesNotLiftTheBound) {
  Begin(1);
  pool_.ServerEnd(1).SetReading(false);
  pool_.Reply(1, "-OOM command not allowed\r\n");
  size_t written = 0;
  while (streamed_->WantsMore() && written < 10 * kStreamWindowBytes) {
    Write(std::string(10000, 'v'), false);
    written += 10000;
    loop_.RunUntilIdle();
  }
  EXPECT_LE(written, kStreamWindowBytes + 64 * 1024 + 10000);
}

TEST_F(StreamedTest, TheConnectionBreaksInTheMiddle) {
  Begin(1);
  int wanted = 0;
  streamed_->WhenWanted([&] { ++wanted; });
  Write("more", false);
  loop_.RunUntilIdle();
  pool_.Refuse(1);
  EXPECT_THAT(Reply(), StartsWith("-ERR "));
  EXPECT_EQ(wanted, 1);
  EXPECT_TRUE(streamed_->WantsMore()) << "to drop it";
  Write("more", false);
  Write("end\r\n", true);
  streamed_->OnFinished();
  EXPECT_TRUE(streamed_->finished());
  streamed_.reset();
  loop_.RunUntilIdle();
  EXPECT_EQ(loop_.open_sockets(), 0u);
}

TEST_F(StreamedTest, NoConnectionIsToBeHad) {
  pool_.Refuse(1);
  Begin(1);
  EXPECT_EQ(Reply(), "-ERR Connection refused (server s2)\r\n");
  EXPECT_TRUE(streamed_->WantsMore());
  Write("end\r\n", true);
}

TEST_F(StreamedTest, TooManyAreUnderWay) {
  std::vector<Lease> leases;
  client_.Send(Resp({"GET", pool_.KeyOn(1)}));
  Failure failure;
  for (size_t i = 0; i < kMaxLeases; ++i) {
    leases.push_back(client_.exchange(0).server->Acquire(failure));
  }
  Begin(1);
  EXPECT_EQ(Reply(), "-ERR overloaded: too many connections are in use (server s2)\r\n");
}

TEST_F(StreamedTest, WhatIsRefusedIsDropped) {
  pool_.SetLive({false, false});
  Open(Head(1));
  EXPECT_TRUE(exchange_->finished());
  EXPECT_EQ(Reply(), "-ERR Connection refused (no server of the pool is live)\r\n");
  EXPECT_TRUE(streamed_->begun()) << "nothing to wait for";
  EXPECT_TRUE(streamed_->WantsMore());
  Write("more", false);
  Write("end\r\n", true);
  streamed_->OnFinished();
  EXPECT_TRUE(streamed_->finished());
}

TEST_F(StreamedTest, ASlowClientIsNotTheServersFault) {
  Begin(1);
  loop_.Advance(milliseconds(60'000));
  EXPECT_FALSE(exchange_->finished());
  Write("end\r\n", true);
  loop_.Advance(milliseconds(400));
  EXPECT_EQ(Reply(), "-ERR Connection timed out (server s2)\r\n");
  EXPECT_EQ(pool_.failures(), 1u);
}

TEST_F(StreamedTest, ALateReplyCostsTheConnection) {
  Begin(1);
  Write("end\r\n", true);
  loop_.Advance(milliseconds(400));
  streamed_->OnFinished();
  streamed_.reset();
  loop_.RunUntilIdle();
  EXPECT_TRUE(pool_.ServerEnd(1).ended());
}

// --- It breaks off ---------------------------------------------------------------

TEST_F(StreamedTest, BrokenOffBeforeItsTurn) {
  Open(Head(1));
  streamed_->BreakOff("the request broke off");
  EXPECT_EQ(Reply(), "-ERR the request broke off (server s2)\r\n");
  EXPECT_TRUE(streamed_->begun());
  EXPECT_EQ(pool_.connections(1), 0u);
}

TEST_F(StreamedTest, BrokenOffInTheMiddle) {
  Begin(1);
  streamed_->BreakOff("the request broke off");
  EXPECT_EQ(Reply(), "-ERR the request broke off (server s2)\r\n");
  EXPECT_TRUE(pool_.ServerEnd(1).ended()) << "its half request must not be completed by another";
  EXPECT_EQ(pool_.failures(), 0u);
}

TEST_F(StreamedTest, BrokenOffAfterItsAnswer) {
  Begin(1);
  pool_.Reply(1, "-OOM command not allowed\r\n");
  streamed_->OnFinished();
  exchange_.reset();
  streamed_->BreakOff("the request broke off");
  streamed_.reset();
  loop_.RunUntilIdle();
  EXPECT_TRUE(pool_.ServerEnd(1).ended());
}

TEST_F(StreamedTest, BrokenOffAfterItWasRefused) {
  pool_.SetLive({false, false});
  Open(Head(1));
  streamed_->BreakOff("the request broke off");
  EXPECT_THAT(Reply(), StartsWith("-ERR Connection refused"));
}

TEST_F(StreamedTest, BrokenOffWhenTheConnectionIsLostAlready) {
  Begin(1);
  pool_.Refuse(1);
  streamed_->BreakOff("the request broke off");
  EXPECT_THAT(Reply(), StartsWith("-ERR "));
}

TEST_F(StreamedTest, TheClientLeavesInTheMiddle) {
  Begin(1);
  Destroy();
  loop_.RunUntilIdle();
  EXPECT_TRUE(pool_.ServerEnd(1).ended());
  EXPECT_EQ(pool_.stats(1).leases.value(), 0);
  EXPECT_EQ(pool_.failures(), 0u);
}

// --- Refusals --------------------------------------------------------------------

class StreamedAuthTest : public StreamedTest {
 protected:
  StreamedAuthTest() : StreamedTest(WithPassword()) {}
  static PoolConfig WithPassword() {
    PoolConfig config = RedisPool();
    config.redis_auth = "secret";
    return config;
  }
};

TEST_F(StreamedAuthTest, FirstThePassword) {
  Open(Head(1));
  EXPECT_EQ(Reply(), "-NOAUTH Authentication required\r\n");
  EXPECT_EQ(pool_.stats().refused.value(), 1);
}

class StreamedMemcacheTest : public StreamedTest {
 protected:
  StreamedMemcacheTest() : StreamedTest(MemcachePool()) {}
};

TEST_F(StreamedMemcacheTest, NoreplyIsNotForwarded) {
  const std::string key = pool_.KeyOn(1);
  Open("set " + key + " 0 0 2000000 noreply\r\nvv");
  streamed_->Begin();
  EXPECT_EQ(pool_.Got(1), "set " + key + " 0 0 2000000\r\nvv");
  Write("end\r\n", true);
  pool_.Reply(1, "STORED\r\n");
  EXPECT_EQ(Reply(), "");
  EXPECT_TRUE(exchange_->finished());
}

TEST_F(StreamedMemcacheTest, TheParsersRefusal) {
  Open("set k 0 0 2000000000\r\nvv");
  EXPECT_EQ(Reply(), "SERVER_ERROR object too large for cache\r\n");
  EXPECT_TRUE(streamed_->begun());
  EXPECT_EQ(pool_.stats().refused.value(), 1);
  EXPECT_EQ(pool_.stats().requests.value(), 1);
}

}  // namespace
}  // namespace keyway

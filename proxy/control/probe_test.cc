#include "proxy/control/probe.h"

#include <optional>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "proxy/base/limits.h"
#include "proxy/control/probe_queue.h"
#include "proxy/control/rote_server.h"
#include "proxy/net/fake_loop.h"
#include "proxy/protocol/codecs.h"

namespace keyway {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr std::string_view kPing = "*1\r\n$4\r\nPING\r\n";
constexpr std::string_view kAuth = "*2\r\n$4\r\nAUTH\r\n$6\r\nsecret\r\n";
constexpr std::string_view kSelect = "*2\r\n$6\r\nSELECT\r\n$1\r\n3\r\n";

class ProbeTest : public ::testing::Test {
 protected:
  ProbeTest() {
    target_.codec = FindCodec("redis");
    target_.address = *Resolve({.host = "127.0.0.1", .port = 6386, .path = {}});
    target_.timeout = milliseconds(400);
  }

  std::unique_ptr<Probe> StartProbe() {
    return std::make_unique<Probe>(loop_, target_, [this](const absl::Status& result) {
      EXPECT_FALSE(result_.has_value()) << "told twice";
      result_ = result;
    });
  }

  // Whether a server that gives `answer` passes; else why.
  std::string Outcome(std::string answer) {
    RoteServer server(loop_, target_.address, std::move(answer));
    result_.reset();
    const auto probe = StartProbe();
    EXPECT_FALSE(result_.has_value()) << "told before the constructor returned";
    loop_.RunUntilIdle();
    loop_.Advance(target_.timeout);
    if (!result_) return "never told";
    return result_->ok() ? "alive" : std::string(result_->message());
  }

  FakeLoop loop_;
  ProbeTarget target_;
  std::optional<absl::Status> result_;
};

TEST_F(ProbeTest, AServerThatAnswersIsAlive) {
  RoteServer server(loop_, target_.address, "+PONG\r\n");
  const auto probe = StartProbe();
  loop_.RunUntilIdle();
  ASSERT_TRUE(result_.has_value());
  EXPECT_TRUE(result_->ok());
  EXPECT_EQ(server.received(), kPing);
  EXPECT_EQ(server.open(), 0u);  // the connection is not kept
  loop_.Advance(target_.timeout * 2);
}

TEST_F(ProbeTest, TheHandshakeOfAWorkerComesFirst) {
  target_.credentials = {.user = "", .password = "secret", .database = 3};
  const std::string all = std::string(kAuth) + std::string(kSelect) + std::string(kPing);
  RoteServer server(loop_, target_.address, "+OK\r\n+OK\r\n+PONG\r\n");
  const auto probe = StartProbe();
  loop_.RunUntilIdle();
  EXPECT_EQ(server.received(), all);
  ASSERT_TRUE(result_.has_value());
  EXPECT_TRUE(result_->ok());
}

TEST_F(ProbeTest, RepliesMayComeByteByByte) {
  target_.credentials = {.user = "", .password = "secret", .database = 0};
  FakeLoop::Options options;
  options.max_read_bytes = 1;
  FakeLoop loop(options);
  RoteServer server(loop, target_.address, "+OK\r\n+PONG\r\n");
  Probe probe(loop, target_, [this](const absl::Status& result) { result_ = result; });
  loop.RunUntilIdle();
  ASSERT_TRUE(result_.has_value());
  EXPECT_TRUE(result_->ok());
}

TEST_F(ProbeTest, AnErrorMeansThatItDoesNotWork) {
  EXPECT_EQ(Outcome("-LOADING Redis is loading the dataset in memory\r\n"),
            "PING failed: -LOADING Redis is loading the dataset in memory");
  EXPECT_THAT(Outcome("-BUSY script\r\n"), HasSubstr("-BUSY"));
  EXPECT_THAT(Outcome("-DENIED protected mode\r\n"), HasSubstr("-DENIED"));
  EXPECT_THAT(Outcome("-MASTERDOWN link\r\n"), HasSubstr("-MASTERDOWN"));
}

TEST_F(ProbeTest, AServerThatWantsAPasswordIsAliveWhereThePoolHasNone) {
  EXPECT_EQ(Outcome("-NOAUTH Authentication required.\r\n"), "alive");
  EXPECT_EQ(Outcome("-NOPERM this user has no permissions to run 'ping'\r\n"), "alive");
}

TEST_F(ProbeTest, AWrongPasswordOrDatabaseMeansThatWorkersCannotUseIt) {
  target_.credentials = {.user = "", .password = "secret", .database = 3};
  EXPECT_EQ(Outcome("-WRONGPASS invalid\r\n-NOAUTH a\r\n-NOAUTH a\r\n"),
            "AUTH failed: -WRONGPASS invalid");
  EXPECT_EQ(Outcome("+OK\r\n-ERR DB index is out of range\r\n+PONG\r\n"),
            "SELECT 3 failed: -ERR DB index is out of range");
  EXPECT_EQ(Outcome("+OK\r\n-NOAUTH a\r\n+PONG\r\n"), "SELECT 3 failed: -NOAUTH a");
}

TEST_F(ProbeTest, ARefusedConnectionIsAFailure) {
  const auto probe = StartProbe();
  loop_.RunUntilIdle();
  ASSERT_TRUE(result_.has_value());
  EXPECT_EQ(result_->message(), "Connection refused");
}

TEST_F(ProbeTest, AServerThatHangsUpIsAFailure) {
  RoteServer server(loop_, target_.address, "");
  server.SetHangsUp();
  const auto probe = StartProbe();
  loop_.RunUntilIdle();
  ASSERT_TRUE(result_.has_value());
  EXPECT_FALSE(result_->ok());
  loop_.Advance(target_.timeout);  // and the deadline says nothing more
}

TEST_F(ProbeTest, TheDeadlineIsForAllOfIt) {
  loop_.SetSilent(target_.address, true);
  auto probe = StartProbe();
  loop_.RunUntilIdle();
  loop_.Advance(milliseconds(399));
  EXPECT_FALSE(result_.has_value());
  loop_.Advance(milliseconds(1));
  ASSERT_TRUE(result_.has_value());
  EXPECT_EQ(result_->message(), "no answer in time");
  probe.reset();

  loop_.SetSilent(target_.address, false);
  EXPECT_EQ(Outcome(""), "no answer in time");
  EXPECT_EQ(Outcome("+PON"), "no answer in time");
  EXPECT_EQ(loop_.open_sockets(), 0u);
}

TEST_F(ProbeTest, WhatIsNoReplyIsAFailure) {
  EXPECT_EQ(Outcome("HTTP/1.1 400 Bad Request\r\n"), "unexpected reply to PING");
}

TEST_F(ProbeTest, ItReadsNoMoreThanItsLimit) {
  const std::string large(2 * kMaxProbeReplyBytes, 'x');
  EXPECT_EQ(Outcome("$" + std::to_string(large.size()) + "\r\n" + large + "\r\n"),
            "unexpected reply to PING");
  EXPECT_EQ(Outcome("+" + large + "\r\n"), "unexpected reply to PING");
}

TEST_F(ProbeTest, DestroyingItCancelsIt) {
  RoteServer server(loop_, target_.address, "+PONG\r\n");
  StartProbe().reset();
  loop_.RunUntilIdle();
  loop_.Advance(target_.timeout * 2);
  EXPECT_FALSE(result_.has_value());
}

TEST_F(ProbeTest, ManyProbesTakeTurns) {
  loop_.SetSilent(target_.address, true);
  ProbeQueue queue(loop_);
  std::vector<Time> told;
  for (size_t i = 0; i < 2 * kMaxProbes + 1; ++i) {
    queue.Add(target_, [&](const absl::Status&) { told.push_back(loop_.Now()); });
  }
  EXPECT_EQ(queue.running(), kMaxProbes);
  EXPECT_THAT(told, IsEmpty());
  loop_.Advance(milliseconds(400));
  EXPECT_THAT(told, SizeIs(kMaxProbes));
  EXPECT_EQ(queue.running(), kMaxProbes);
  loop_.Advance(milliseconds(400));
  EXPECT_EQ(queue.running(), 1u);
  loop_.Advance(milliseconds(400));
  EXPECT_THAT(told, SizeIs(2 * kMaxProbes + 1));
  EXPECT_EQ(queue.running(), 0u);
}

}  // namespace
}  // namespace keyway

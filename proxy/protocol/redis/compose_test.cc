#include "proxy/protocol/redis/compose.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "proxy/base/limits.h"
#include "proxy/protocol/redis/commands.h"
#include "proxy/protocol/redis/inline_command.h"
#include "proxy/protocol/redis/request_parser.h"

namespace keyway::redis {
namespace {

std::string Array(const std::vector<std::string>& words) {
  std::string out;
  AppendArray(words, out);
  return out;
}

// A parsed request that lies in a block, as one received does.
class ComposePartTest : public ::testing::Test {
 protected:
  void Parse(const std::string& bytes) {
    block_ = pool_.Get(bytes.size());
    bytes.copy(block_->data(), bytes.size());
    ASSERT_EQ(parser_.Next({block_->data(), bytes.size()}, block_.get(), request_), Parsed::kDone);
    ASSERT_EQ(FindKeys(request_, positions_), KeysFound::kOk);
  }

  std::string Compose(const std::vector<uint32_t>& ordinals) {
    OutputBuffer out(pool_);
    ComposePart(request_, positions_, ordinals, out);
    segments_ = out.Gather(pieces_);
    return std::string(out.Flatten().bytes);
  }

  BlockPool pool_;
  BlockRef block_;
  RedisRequestParser parser_;
  Request request_;
  KeyPositions positions_;
  iovec pieces_[kGatherSegments];
  int segments_ = 0;
};

TEST_F(ComposePartTest, SomeKeysInTheOrderGiven) {
  Parse(Array({"MGet", "a", "bb", "", "d"}));
  EXPECT_EQ(Compose({0, 2}), Array({"mget", "a", ""}));
  EXPECT_EQ(Compose({1, 2, 3}), Array({"mget", "bb", "", "d"}));
  EXPECT_EQ(Compose({3}), Array({"mget", "d"}));
  EXPECT_EQ(Compose({3, 0}), Array({"mget", "d", "a"}));
}

TEST_F(ComposePartTest, KeysKeepTheirValues) {
  Parse(Array({"MSET", "a", "1", "b", "2", "c", "3"}));
  EXPECT_EQ(Compose({0, 2}), Array({"mset", "a", "1", "c", "3"}));
  EXPECT_EQ(Compose({1, 2}), Array({"mset", "b", "2", "c", "3"}));
}

TEST_F(ComposePartTest, AnInlineCommand) {
  Parse("del \"a b\" c\r\n");
  EXPECT_EQ(Compose({0}), Array({"del", "a b"}));
}

TEST_F(ComposePartTest, BehindAnEmptyRequest) {
  Parse("*0\r\n" + Array({"DEL", "a", "b"}));
  EXPECT_EQ(Compose({1}), Array({"del", "b"}));
}

TEST_F(ComposePartTest, LargeValuesAreNotCopied) {
  const std::string large(kLinkBytes, 'x');
  Parse(Array({"MSET", "a", large, "b", "2", "c", large}));
  EXPECT_EQ(Compose({0, 2}), Array({"mset", "a", large, "c", large}));
  EXPECT_EQ(segments_, 3) << "the header, and each pair";
  EXPECT_EQ(Compose({0, 1, 2}), Array({"mset", "a", large, "b", "2", "c", large}));
  EXPECT_EQ(segments_, 4) << "the small pair is copied";
}

TEST(ErrorReplyTest, WordsThatClientsKnow) {
  EXPECT_EQ(ErrorReply(ErrorKind::kUnknownCommand, "FOO"), "-ERR unknown command 'FOO'\r\n");
  EXPECT_EQ(ErrorReply(ErrorKind::kWrongArity, "get"),
            "-ERR wrong number of arguments for 'get' command\r\n");
  EXPECT_EQ(ErrorReply(ErrorKind::kRefused, "watch"),
            "-ERR command 'watch' is not supported by this proxy\r\n");
  EXPECT_EQ(ErrorReply(ErrorKind::kCrossShard, "sinter"),
            "-CROSSSLOT Keys in request don't hash to the same slot ('sinter' needs all of them on "
            "one server)\r\n");
  EXPECT_EQ(ErrorReply(ErrorKind::kBadKeyCount, "eval"),
            "-ERR Number of keys for 'eval' is no number, is negative or is greater than number of "
            "args\r\n");
  EXPECT_EQ(ErrorReply(ErrorKind::kServerFailed, "server a: timed out"),
            "-ERR server a: timed out\r\n");
  EXPECT_EQ(ErrorReply(ErrorKind::kOverloaded, "server a"), "-ERR overloaded: server a\r\n");
  EXPECT_EQ(ErrorReply(ErrorKind::kBadReply, "server a: no array"), "-ERR server a: no array\r\n");
}

TEST(ErrorReplyTest, WhatAClientWroteCannotForgeAReply) {
  EXPECT_EQ(ErrorReply(ErrorKind::kUnknownCommand, std::string_view("a\r\n+OK\r\n\0\x7f\x80", 11)),
            "-ERR unknown command 'a??+OK????\x80'\r\n");
  EXPECT_EQ(ErrorReply(ErrorKind::kUnknownCommand, std::string(1000, 'x')),
            "-ERR unknown command '" + std::string(128, 'x') + "'\r\n");
}

TEST(HandshakeTest, AuthenticatesBeforeItSelects) {
  const std::vector<HandshakeStep> steps =
      ComposeHandshake({.user = {}, .password = "secret", .database = 3});
  ASSERT_EQ(steps.size(), 2u);
  EXPECT_EQ(steps[0].what, "AUTH");
  EXPECT_EQ(steps[0].bytes, Array({"AUTH", "secret"}));
  EXPECT_EQ(steps[0].asked, FindCommand("auth"));
  EXPECT_EQ(steps[1].what, "SELECT 3");
  EXPECT_EQ(steps[1].bytes, Array({"SELECT", "3"}));
  EXPECT_EQ(steps[1].asked, FindCommand("select"));
}

TEST(HandshakeTest, OnlyWhatIsNeeded) {
  EXPECT_TRUE(ComposeHandshake({}).empty());
  const std::vector<HandshakeStep> steps =
      ComposeHandshake({.user = "proxy", .password = "secret", .database = 0});
  ASSERT_EQ(steps.size(), 1u);
  EXPECT_EQ(steps[0].bytes, Array({"AUTH", "proxy", "secret"}));
}

TEST(ProbeTest, IsAPing) {
  EXPECT_EQ(ComposeProbe().bytes, Array({"PING"}));
  EXPECT_EQ(ComposeProbe().asked, FindCommand("ping"));
}

}  // namespace
}  // namespace keyway::redis

#include "proxy/protocol/redis/reply_parser.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "proxy/base/limits.h"
#include "proxy/protocol/parser_testing.h"
#include "proxy/protocol/redis/codec.h"
#include "proxy/protocol/redis/commands.h"

namespace keyway::redis {
namespace {

using ::testing::ElementsAre;

SeenReplies Feed(std::string_view stream) {
  return FeedRepliesEveryWay(RedisCodec(), *FindCommand("get"), stream);
}

TEST(ReplyParserTest, EveryTypeIsFramed) {
  for (const char* reply : {
           "+OK\r\n",
           "+\r\n",
           "-ERR no\r\n",
           ":1\r\n",
           ":-9223372036854775808\r\n",
           "$5\r\nhello\r\n",
           "$0\r\n\r\n",
           "$-1\r\n",
           "$4\r\na\r\nb\r\n",
           "*0\r\n",
           "*-1\r\n",
           "*2\r\n$1\r\na\r\n$-1\r\n",
           "*2\r\n*1\r\n*0\r\n:1\r\n",
           "_\r\n",
           "#t\r\n",
           ",3.14\r\n",
           ",inf\r\n",
           "(3492890328409238509324850943850943825024385\r\n",
           "!5\r\nERR x\r\n",
           "=7\r\ntxt:abc\r\n",
           "%1\r\n+k\r\n:1\r\n",
           "%0\r\n",
           "~2\r\n:1\r\n:2\r\n",
           ">2\r\n+message\r\n*1\r\n$1\r\na\r\n",
           "|1\r\n+ttl\r\n:3600\r\n*1\r\n:1\r\n",
           "*2\r\n|1\r\n+k\r\n+v\r\n:1\r\n:2\r\n",
           "|0\r\n+OK\r\n",
       }) {
    const SeenReplies seen = Feed(std::string(reply) + reply);
    EXPECT_THAT(seen.replies, ElementsAre(reply, reply)) << reply;
    EXPECT_EQ(seen.end, Parsed::kNeedMore) << reply;
  }
}

TEST(ReplyParserTest, BadStreams) {
  for (const char* stream : {
           "x\r\n",
           "\r\n",
           "+a\rb\r\n",
           ":\r\n",
           ":+5\r\n",
           ":5x\r\n",
           ":1.5\r\n",
           ":05\r\n",
           ":-0\r\n",
           ":9223372036854775808\r\n",
           ":-\r\n",
           "$\r\n",
           "$-2\r\n",
           "$+1\r\n",
           "$1\r\nab\r\n",
           "$1\r\na\rx",
           "$4294967297\r\n",
           "$?\r\n",
           "*?\r\n",
           "*-2\r\n",
           "*4294967297\r\n",
           "=-1\r\n",
           "!-1\r\n",
           "%-1\r\n",
           "~-1\r\n",
           "|-1\r\n",
           "*1\r\n\r\n",
           "*1\rx",
           ":1\n",
       }) {
    const SeenReplies seen = Feed(std::string("+OK\r\n") + stream);
    EXPECT_THAT(seen.replies, ElementsAre("+OK\r\n")) << stream;
    EXPECT_EQ(seen.end, Parsed::kBad) << stream;
  }
}

TEST(ReplyParserTest, WhatIsThereOfABulkStringIsTaken) {
  RedisReplyParser parser;
  size_t taken = 0;
  EXPECT_EQ(parser.Next("*2\r\n$10\r\nabc", taken), Parsed::kNeedMore);
  EXPECT_EQ(taken, 12u);
  EXPECT_EQ(parser.Next("defghij\r", taken), Parsed::kNeedMore);
  EXPECT_EQ(taken, 8u);
  EXPECT_EQ(parser.Next("\n$1", taken), Parsed::kNeedMore);
  EXPECT_EQ(taken, 1u) << "a header that is not complete is not taken";
  EXPECT_EQ(parser.Next("$1\r\nx\r\n+next\r\n", taken), Parsed::kDone);
  EXPECT_EQ(taken, 7u);
}

TEST(ReplyParserTest, LargestNumbers) {
  RedisReplyParser parser;
  size_t taken = 0;
  EXPECT_EQ(parser.Next("*4294967296\r\n$4294967296\r\nabc", taken), Parsed::kNeedMore);
  EXPECT_EQ(taken, 29u);
}

TEST(ReplyParserTest, DepthCostsNothing) {
  std::string stream;
  for (int i = 0; i < 100000; ++i) stream += "*1\r\n";
  RedisReplyParser parser;
  size_t taken = 0;
  EXPECT_EQ(parser.Next(stream, taken), Parsed::kNeedMore);
  EXPECT_EQ(taken, stream.size());
  EXPECT_EQ(parser.Next(":1\r\n:2\r\n", taken), Parsed::kDone);
  EXPECT_EQ(taken, 4u);
}

TEST(ReplyParserTest, NestingCannotOverflowTheCount) {
  RedisReplyParser parser;
  const std::string_view header = "%4294967296\r\n";
  Parsed parsed = Parsed::kNeedMore;
  int headers = 0;
  for (; parsed == Parsed::kNeedMore && headers < 1000; ++headers) {
    size_t taken = 0;
    parsed = parser.Next(header, taken);
  }
  EXPECT_EQ(parsed, Parsed::kBad);
  EXPECT_EQ(headers, 129);
}

TEST(ReplyParserTest, ALineHasALimit) {
  RedisReplyParser parser;
  size_t taken = 0;
  const std::string longest = "+" + std::string(kMaxLineBytes - 2, 'x');
  EXPECT_EQ(parser.Next(longest + "\r\n", taken), Parsed::kDone);
  EXPECT_EQ(parser.Next(longest, taken), Parsed::kNeedMore);
  EXPECT_EQ(taken, 0u);
  EXPECT_EQ(parser.Next(longest + "x", taken), Parsed::kBad);
}

// --- Where elements end ------------------------------------------------------------

std::vector<uint32_t> EndsOf(std::string_view command, std::string_view reply) {
  return RedisCodec().ElementEnds(*FindCommand(command), reply);
}

TEST(ElementEndsTest, AreThoseOfTheOutermostArray) {
  EXPECT_THAT(EndsOf("mget", "*3\r\n$1\r\na\r\n$-1\r\n:7\r\n"), ElementsAre(11, 16, 20));
  EXPECT_THAT(EndsOf("mget", "*2\r\n*2\r\n*0\r\n:1\r\n%1\r\n+k\r\n$1\r\nv\r\n"),
              ElementsAre(16, 31));
  EXPECT_THAT(EndsOf("mget", "*0\r\n"), ElementsAre());
}

TEST(ElementEndsTest, AreNotedOnlyForArraysThatAreMergedByElement) {
  EXPECT_THAT(EndsOf("lrange", "*1\r\n:1\r\n"), ElementsAre());
  EXPECT_THAT(EndsOf("mget", "-ERR no\r\n"), ElementsAre());
  EXPECT_THAT(EndsOf("mget", "*2\r\n:1\r\n"), ElementsAre()) << "not complete";
}

TEST(ElementEndsTest, OfAReplyInSeveralPiecesAreNotKnown) {
  ExpectElementEndsOfWholeReplies(RedisCodec(), *FindCommand("mget"),
                                  "*2\r\n$1\r\na\r\n$1\r\nb\r\n", {11, 18});
}

}  // namespace
}  // namespace keyway::redis

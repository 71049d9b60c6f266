#include "proxy/protocol/memcache/reply_parser.h"

#include <string>
#include <string_view>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "proxy/base/limits.h"
#include "proxy/protocol/memcache/codec.h"
#include "proxy/protocol/memcache/commands.h"
#include "proxy/protocol/parser_testing.h"

namespace keyway::memcache {
namespace {

using testing::ElementsAre;

SeenReplies Parse(std::string_view command, std::string_view stream) {
  return FeedRepliesEveryWay(MemcacheCodec(), *FindCommand(command), stream);
}

struct Case {
  const char* command;
  std::string reply;
};

TEST(ReplyParserTest, FindsTheEndOfEveryKindOfReply) {
  const Case cases[] = {
      {"get", "END\r\n"},
      {"get", "VALUE a 0 3\r\nabc\r\nEND\r\n"},
      {"get", "VALUE a 0 0\r\n\r\nVALUE b 4294967295 7\r\nEND\r\n\r\n\r\nEND\r\n"},
      {"gets", "VALUE a 1 3 18446744073709551615\r\nabc\r\nEND\r\n"},
      {"gat", "VALUE a 1 3\r\nabc\r\nEND\r\n"},
      {"get", "SERVER_ERROR out of memory writing get response\r\n"},
      {"get", "VALUE a 0 3\r\nabc\r\nSERVER_ERROR out of memory\r\n"},
      {"set", "STORED\r\n"},
      {"add", "NOT_STORED\r\n"},
      {"cas", "EXISTS\r\n"},
      {"cas", "NOT_FOUND\r\n"},
      {"set", "SERVER_ERROR object too large for cache\r\n"},
      {"set", "CLIENT_ERROR bad data chunk\r\n"},
      {"set", "ERROR\r\n"},
      {"set", "ERROR Too many open connections\r\n"},
      {"delete", "DELETED\r\n"},
      {"touch", "TOUCHED\r\n"},
      {"incr", "18446744073709551615\r\n"},
      {"decr", "0 \r\n"},
      {"version", "VERSION 1.6.18\r\n"},
      {"flush_all", "OK\r\n"},
      {"stats", "STAT pid 1\r\nSTAT evictions\r\nEND\r\n"},
      {"stats", "END\r\n"},
      {"stats", "RESET\r\n"},
      {"stats", "ITEM a [5 b; 0 s]\r\nPREFIX a get 1\r\nEND\r\n"},
      {"mg", "EN\r\n"},
      {"mg", "HD\r\n"},
      {"mg", "HD f0 t-1 Oabc\r\n"},
      {"mg", "VA 2 s2 kkey\r\nhi\r\n"},
      {"mg", "VA 0 W\r\n\r\n"},
      {"ms", "HD\r\n"},
      {"ms", "NS\r\n"},
      {"ms", "EX kk\r\n"},
      {"md", "NF\r\n"},
      {"ma", "VA 2\r\n10\r\n"},
      {"me", "ME k exp=-1 la=0 cas=230 fetch=no cls=1 size=67\r\n"},
  };
  for (const Case& c : cases) {
    const SeenReplies seen = Parse(c.command, c.reply + c.reply);
    EXPECT_THAT(seen.replies, ElementsAre(c.reply, c.reply)) << c.command;
    EXPECT_EQ(seen.end, Parsed::kNeedMore);
  }
}

TEST(ReplyParserTest, RefusesWhatDoesNotAnswerTheCommand) {
  const Case cases[] = {
      {"get", "STORED\r\n"},
      {"get", "VA 2\r\nhi\r\n"},
      {"set", "END\r\n"},
      {"set", "VALUE a 0 1\r\nx\r\nEND\r\n"},
      {"mg", "END\r\n"},
      {"incr", "STORED\r\n"},
      {"set", "5\r\n"},
      {"version", "OK\r\n"},
      {"get", "BOGUS\r\n"},
      {"get", "\r\n"},
      {"get", "END\n"},
      {"get", "ENDS\r\n"},
      {"get", "END x\r\n"},
      {"get", "VALUE a 0\r\n"},
      {"get", "VALUE a 0 -1\r\n"},
      {"get", "VALUE a x 1\r\n"},
      {"get", "VALUE a 0 1 x\r\n"},
      {"get", "VALUE a 0 1 2 3\r\n"},
      {"get", "VALUE a 0 99999999999\r\n"},
      {"get", "VALUE a 0 1\r\nxyz\r\n"},
      {"get", "VALUE a 0 1\r\nx\nEND\r\n"},
      {"mg", "VA\r\n"},
      {"mg", "VA x\r\n"},
      {"mg", "VA 1\r\nxy\r\n"},
      {"incr", "12x\r\n"},
      {"incr", "-1\r\n"},
      {"incr", "18446744073709551616\r\n"},
      {"get", "+OK\r\n"},
  };
  for (const Case& c : cases) {
    const SeenReplies seen = Parse(c.command, c.reply);
    EXPECT_EQ(seen.end, Parsed::kBad) << c.command << ": " << c.reply;
    EXPECT_TRUE(seen.replies.empty());
  }
}

TEST(ReplyParserTest, AReplyIsPassedOnAsItComes) {
  MemcacheReplyParser parser;
  const CommandSpec& get = *FindCommand("get");
  size_t taken = 0;
  EXPECT_EQ(parser.Next(get, "VALUE a 0 1000000\r\nabc", taken), Parsed::kNeedMore);
  EXPECT_EQ(taken, 22u);
  EXPECT_EQ(parser.Next(get, std::string(999'997, 'x') + "\r", taken), Parsed::kNeedMore);
  EXPECT_EQ(taken, 999'997u);
  EXPECT_EQ(parser.Next(get, "\r\nEND\r\nVALUE", taken), Parsed::kDone);
  EXPECT_EQ(taken, 7u);
}

TEST(ReplyParserTest, LinesHaveALimit) {
  MemcacheReplyParser parser;
  size_t taken = 0;
  const std::string endless(kMaxLineBytes + 1, 'x');
  EXPECT_EQ(parser.Next(*FindCommand("get"), endless, taken), Parsed::kBad);
}

// --- Where values end --------------------------------------------------------------

std::vector<uint32_t> EndsOf(std::string_view command, std::string_view reply) {
  return MemcacheCodec().ElementEnds(*FindCommand(command), reply);
}

TEST(ElementEndsTest, AreThoseOfTheValueBlocks) {
  EXPECT_THAT(EndsOf("get", "VALUE a 0 3\r\nabc\r\nVALUE key:17 1 0\r\n\r\nEND\r\n"),
              ElementsAre(18, 38));
  EXPECT_THAT(EndsOf("get", "END\r\n"), ElementsAre());
  EXPECT_THAT(EndsOf("gets", "VALUE a 0 1 9\r\nx\r\nSERVER_ERROR no\r\n"), ElementsAre(18));
  EXPECT_THAT(EndsOf("stats", "STAT a 1\r\nEND\r\n"), ElementsAre());
}

TEST(ElementEndsTest, OfAReplyInSeveralPiecesAreNotKnown) {
  ExpectElementEndsOfWholeReplies(MemcacheCodec(), *FindCommand("get"),
                                  "VALUE a 0 3\r\nabc\r\nVALUE bb 0 1\r\nx\r\nEND\r\n", {18, 35});
}

TEST(ElementEndsTest, DoNotDependOnWhatTheLastKeyWasLike) {
  std::string reply;
  std::vector<uint32_t> ends;
  for (const char* key :
       {"k", "key:1234", "key:5678", "longer:key:1234567890", "key:9", "k", "a"}) {
    reply += std::string("VALUE ") + key + " 0 2\r\nhi\r\n";
    ends.push_back(static_cast<uint32_t>(reply.size()));
  }
  EXPECT_EQ(EndsOf("get", reply + "END\r\n"), ends);
}

}  // namespace
}  // namespace keyway::memcache

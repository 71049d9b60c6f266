#include "proxy/protocol/memcache/request_parser.h"

#include <string>
#include <string_view>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "proxy/base/limits.h"
#include "proxy/protocol/memcache/codec.h"
#include "proxy/protocol/parser_testing.h"

namespace keyway::memcache {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr char kBadFormat[] = "CLIENT_ERROR bad command line format\r\n";
constexpr char kLineTooLong[] = "CLIENT_ERROR line too long\r\n";
constexpr char kBadDataChunk[] = "CLIENT_ERROR bad data chunk\r\n";

std::string Words(size_t count, std::string_view word) {
  std::string words;
  for (size_t i = 0; i < count; ++i) words.append(" ").append(word);
  return words;
}

SeenRequests Parse(std::string_view stream) {
  return FeedRequestsEveryWay(MemcacheCodec(), stream);
}

// The only request in `stream`.
SeenRequest ParseOne(std::string_view stream) {
  SeenRequests seen = Parse(stream);
  EXPECT_THAT(seen.requests, SizeIs(1)) << stream;
  EXPECT_EQ(seen.unused, 0u) << stream;
  return seen.requests.empty() ? SeenRequest() : seen.requests.front();
}

// What is answered to each request of the stream without asking a server: the
// refusal, "unknown", or nothing for those that are forwarded.
std::vector<std::string> Refusals(std::string_view stream) {
  std::vector<std::string> refusals;
  for (const SeenRequest& request : Parse(stream).requests) {
    const bool unknown = request.command == nullptr && request.refusal.empty();
    refusals.push_back(unknown ? "unknown" : request.refusal);
  }
  return refusals;
}

TEST(RequestParserTest, ForwardsWhatCame) {
  for (const char* stream : {"get a\r\n",
                             "gets a b  c \r\n",
                             "gat 60 a b\r\n",
                             "gats -1 a\r\n",
                             "delete a\r\n",
                             "delete a 0\r\n",
                             "incr a 5\r\n",
                             "decr a 18446744073709551615\r\n",
                             "touch a -1\r\n",
                             "version\r\n",
                             "verbosity 1\r\n",
                             "flush_all\r\n",
                             "flush_all 10\r\n",
                             "stats\r\n",
                             "stats items\r\n",
                             "set a 0 0 0\r\n\r\n",
                             "set a 4294967295 -1 3\r\nabc\r\n",
                             "add a 0 0 4\r\n\r\n\r\n\r\n",
                             "append a 0 0 1\r\nx\r\n",
                             "cas a 0 0 1 99\r\nx\r\n",
                             "mg a\r\n",
                             "mg a v t f c s k O123 N30\r\n",
                             "ms a 2 T90 F1\r\nhi\r\n",
                             "md a I T30\r\n",
                             "ma a N0 J13 v\r\n",
                             "me a\r\n",
                             "mn\r\n"}) {
    const SeenRequest request = ParseOne(stream);
    EXPECT_EQ(request.bytes, stream);
    EXPECT_NE(request.command, nullptr) << stream;
    EXPECT_EQ(request.refusal, "") << stream;
    EXPECT_EQ(request.quiet, Quiet::kOff) << stream;
  }
}

TEST(RequestParserTest, ArgumentsAreTheWordsOfTheLine) {
  EXPECT_THAT(ParseOne("set key 1 2 5\r\nhello\r\n").arguments,
              ElementsAre("set", "key", "1", "2", "5"));
  EXPECT_THAT(ParseOne("  get  a   bb \r\n").arguments, ElementsAre("get", "a", "bb"));
}

TEST(RequestParserTest, FindsPipelinedRequests) {
  const SeenRequests seen = Parse("get a\r\nset b 0 0 3\r\nx\r\n\r\nmn\r\nget c");
  ASSERT_THAT(seen.requests, SizeIs(3));
  EXPECT_EQ(seen.requests[1].bytes, "set b 0 0 3\r\nx\r\n\r\n");
  EXPECT_EQ(seen.requests[2].bytes, "mn\r\n");
  EXPECT_EQ(seen.unused, 5u);
}

TEST(RequestParserTest, LeadingSpacesAreNotForwarded) {
  EXPECT_EQ(ParseOne("   get a\r\n").bytes, "get a\r\n");
}

TEST(RequestParserTest, ABareLineFeedEndsTheClient) {
  for (const char* stream : {"get a\n", "\nget a\r\n", "get x\nflush_all\r\n"}) {
    const SeenRequests seen = Parse(stream);
    EXPECT_THAT(seen.requests, SizeIs(0)) << stream;
    EXPECT_EQ(seen.end, Parsed::kBad) << stream;
    EXPECT_EQ(seen.refusal, "CLIENT_ERROR lines must end in CR LF\r\n") << stream;
  }
}

TEST(RequestParserTest, NoControlByteGetsThrough) {
  // Each would be two requests to a server that ends lines at the byte in question.
  for (int byte = 0; byte < 256; ++byte) {
    if (byte == '\n' || byte == ' ') continue;
    const std::string c(1, static_cast<char>(byte));
    const bool control = byte < 0x20 || byte == 0x7f;
    EXPECT_EQ(ParseOne("get a" + c + "b\r\n").refusal, control ? kBadFormat : "") << byte;
    EXPECT_EQ(ParseOne("mg a O" + c + "\r\n").refusal, control ? kBadFormat : "") << byte;
    EXPECT_EQ(ParseOne("set a" + c + " 0 0 9\r\nflush_all\r\n").refusal, control ? kBadFormat : "");
  }
}

TEST(RequestParserTest, KeysHaveAtMost250Bytes) {
  const std::string longest(250, 'k');
  const std::string longer(251, 'k');
  for (const char* form : {"get a %", "gat 0 a %", "delete %", "incr % 1", "touch % 0", "mg % v",
                           "md %", "ma %", "me %"}) {
    std::string line = form;
    line.replace(line.find('%'), 1, longest);
    EXPECT_EQ(ParseOne(line + "\r\n").refusal, "") << form;
    EXPECT_EQ(ParseOne(line.insert(line.find('k'), "k") + "\r\n").refusal, kBadFormat) << form;
  }
  EXPECT_THAT(Refusals("set " + longer + " 0 0 5\r\nquit\n\r\nmn\r\n"),
              ElementsAre(kBadFormat, ""));
  EXPECT_THAT(Refusals("ms " + longer + " 5\r\nquit\n\r\nmn\r\n"), ElementsAre(kBadFormat, ""));
}

TEST(RequestParserTest, UnknownWordsHaveNoCommand) {
  EXPECT_THAT(Refusals("bogus a\r\nGET a\r\n\r\nget a\r\n"),
              ElementsAre("unknown", "unknown", "ERROR\r\n", ""));
}

TEST(RequestParserTest, WrongNumberOfWordsIsAnErrorAsInMemcached) {
  EXPECT_THAT(Refusals("get\r\ngat 0\r\ndelete\r\nincr a\r\ntouch a\r\nverbosity\r\nmg\r\nme\r\n"),
              testing::Each("ERROR\r\n"));
  EXPECT_THAT(Refusals("delete a 0 x y\r\nincr a 1 x y\r\nflush_all 1 2 3\r\n"),
              testing::Each("ERROR\r\n"));
}

TEST(RequestParserTest, DataOfARefusedRequestIsDropped) {
  const char* const lines[] = {
      "set a -1 0 9", "set a x 0 9",   "set a 4294967296 0 9", "set a 0 x 9",
      "set a 0 - 9",  "cas a 0 0 9 x", "cas a 0 0 9 -1",       "set a 0 18446744073709551615 9",
  };
  for (const std::string line : lines) {
    EXPECT_THAT(Refusals(line + "\r\nflush_all\r\nmn\r\n"), ElementsAre(kBadFormat, "")) << line;
  }
  EXPECT_THAT(Refusals("set a 0 0 9 noreply x\r\nflush_all\r\nmn\r\n"),
              ElementsAre("ERROR\r\n", ""));
  EXPECT_THAT(Refusals("cas a 0 0 9\r\nflush_all\r\nmn\r\n"), ElementsAre("ERROR\r\n", ""));
}

TEST(RequestParserTest, WithoutAReadableSizeTheNextLineIsTheNextRequest) {
  for (const std::string size : {"x", "-1", "+1", "1a", "0x1", "18446744073709551616"}) {
    EXPECT_THAT(Refusals("set a 0 0 " + size + "\r\nhello\r\nmn\r\n"),
                ElementsAre(kBadFormat, "unknown", ""));
    EXPECT_THAT(Refusals("ms a " + size + "\r\nhello\r\nmn\r\n"),
                ElementsAre(kBadFormat, "unknown", ""));
  }
  EXPECT_THAT(Refusals("set a 0 0\r\nmn\r\n"), ElementsAre("ERROR\r\n", ""));
}

TEST(RequestParserTest, WhatFollowsTheDataOnItsLineIsDropped) {
  EXPECT_THAT(Refusals("set a 0 0 1\r\nx flush_all\r\nmn\r\n"), ElementsAre(kBadDataChunk, ""));
  EXPECT_THAT(Refusals("set a 0 0 1\r\nx\rflush_all\r\nmn\r\n"), ElementsAre(kBadDataChunk, ""));
  EXPECT_THAT(Refusals("set a 0 0 1\r\nx\nmn\r\n"), ElementsAre(kBadDataChunk, ""));
  EXPECT_THAT(Refusals("set a 0 0 2\r\nx\r\nmn\r\n"), ElementsAre(kBadDataChunk, ""));
  EXPECT_THAT(Refusals("set a 0 0 1\r\nx\ny\r\nmn\r\n"), ElementsAre(kBadDataChunk, "unknown", ""));
  EXPECT_THAT(Refusals("ms a 1 q\r\nxx\r\nmn\r\n"), ElementsAre(kBadDataChunk, ""));
}

TEST(RequestParserTest, NoReplyIsTakenOff) {
  struct {
    const char* stream;
    const char* forwarded;
  } const cases[] = {
      {"set a 0 0 1 noreply\r\nx\r\n", "set a 0 0 1\r\nx\r\n"},
      {"set a 0 0 1   noreply  \r\nx\r\n", "set a 0 0 1    \r\nx\r\n"},
      {"cas a 0 0 1 7 noreply\r\nx\r\n", "cas a 0 0 1 7\r\nx\r\n"},
      {"delete a noreply\r\n", "delete a\r\n"},
      {"delete a 0 noreply\r\n", "delete a 0\r\n"},
      {"incr a 1 noreply\r\n", "incr a 1\r\n"},
      {"touch a 1 noreply\r\n", "touch a 1\r\n"},
      {"flush_all noreply\r\n", "flush_all\r\n"},
      {"flush_all 5 noreply\r\n", "flush_all 5\r\n"},
      {"verbosity 1 noreply\r\n", "verbosity 1\r\n"},
      // memcached takes the last word for the flag although another is missing.
      {"incr a noreply\r\n", "incr a\r\n"},
  };
  for (const auto& c : cases) {
    const SeenRequest request = ParseOne(c.stream);
    EXPECT_EQ(request.bytes, c.forwarded);
    EXPECT_EQ(request.quiet, Quiet::kHideAll) << c.stream;
    EXPECT_EQ(request.refusal, "") << c.stream;
  }
}

TEST(RequestParserTest, AKeyCalledNoReplyIsAKey) {
  for (const char* stream :
       {"get noreply\r\n", "get a noreply\r\n", "gat 0 noreply\r\n", "delete noreply\r\n",
        "set noreply 0 0 1\r\nx\r\n", "mg noreply\r\n"}) {
    const SeenRequest request = ParseOne(stream);
    EXPECT_EQ(request.bytes, stream);
    EXPECT_EQ(request.quiet, Quiet::kOff) << stream;
    EXPECT_EQ(request.refusal, "") << stream;
  }
}

TEST(RequestParserTest, NothingForwardedEndsInNoReply) {
  for (const char* stream : {"delete a noreply noreply\r\n", "flush_all noreply noreply\r\n",
                             "verbosity noreply noreply\r\n", "incr a noreply noreply\r\n"}) {
    const SeenRequest request = ParseOne(stream);
    EXPECT_EQ(request.refusal, kBadFormat) << stream;
    EXPECT_EQ(request.quiet, Quiet::kHideAll) << stream;
  }
}

TEST(RequestParserTest, TheQuietFlagIsTakenOff) {
  struct {
    const char* stream;
    const char* forwarded;
  } const cases[] = {
      {"mg a q v\r\n", "mg a v\r\n"},  {"mg a v  q\r\n", "mg a v \r\n"},
      {"mg a qx v\r\n", "mg a v\r\n"}, {"ms a 1 q\r\nx\r\n", "ms a 1\r\nx\r\n"},
      {"md q q\r\n", "md q\r\n"},      {"ma a v q\r\n", "ma a v\r\n"},
  };
  for (const auto& c : cases) {
    const SeenRequest request = ParseOne(c.stream);
    EXPECT_EQ(request.bytes, c.forwarded);
    EXPECT_EQ(request.quiet, Quiet::kHideOrdinary) << c.stream;
  }
  EXPECT_EQ(ParseOne("me a q\r\n").bytes, "me a q\r\n");
  EXPECT_EQ(ParseOne("mg a q q\r\n").refusal, "CLIENT_ERROR duplicate flag\r\n");
  EXPECT_THAT(Refusals("ms a 2 q v q\r\nmn\r\nmn\r\n"),
              ElementsAre("CLIENT_ERROR duplicate flag\r\n", ""));
}

TEST(RequestParserTest, Base64KeysAreDecodedForRouting) {
  EXPECT_EQ(ParseOne("mg a2V5 v b\r\n").decoded_key, "key");
  EXPECT_EQ(ParseOne("ms AAEC/w== 1 b q\r\nx\r\n").decoded_key, std::string("\0\1\2\xff", 4));
  EXPECT_EQ(ParseOne("me a2V5 b\r\n").decoded_key, "key");
  EXPECT_EQ(ParseOne("mg a2V5 v\r\n").decoded_key, "");
  EXPECT_EQ(ParseOne("mg !!!! b\r\n").refusal, "CLIENT_ERROR error decoding key\r\n");
  EXPECT_THAT(Refusals("ms !!!! 2 b\r\nmn\r\nmn\r\n"),
              ElementsAre("CLIENT_ERROR error decoding key\r\n", ""));
}

TEST(RequestParserTest, MetaSetHasAtMostSixteenFlags) {
  EXPECT_EQ(ParseOne("ms a 1" + Words(16, "I") + "\r\nx\r\n").refusal, "");
  EXPECT_THAT(Refusals("ms a 9" + Words(17, "I") + "\r\nflush_all\r\nmn\r\n"),
              ElementsAre("CLIENT_ERROR options flags too long\r\n", ""));
}

TEST(RequestParserTest, OnlyGetMayHaveALongLine) {
  const std::string key(240, 'k');
  EXPECT_EQ(ParseOne("gat 0" + Words(8, key) + "\r\n").refusal, "");
  EXPECT_EQ(ParseOne("gat 0" + Words(9, key) + "\r\n").refusal, kLineTooLong);
  EXPECT_EQ(ParseOne("delete a" + std::string(2038, ' ') + "\r\n").refusal, "");
  EXPECT_EQ(ParseOne("delete a" + std::string(2039, ' ') + "\r\n").refusal, kLineTooLong);
  EXPECT_EQ(ParseOne("get" + Words(9, key) + "\r\n").refusal, "");
}

TEST(RequestParserTest, LinesHaveALimit) {
  MemcacheRequestParser parser;
  std::string stream = "get";
  while (stream.size() + 202 < kMaxMemcacheLineBytes) stream += " " + std::string(200, 'k');
  SeenRequests seen = FeedRequests(parser, stream + "\r\n");
  ASSERT_THAT(seen.requests, SizeIs(1));
  EXPECT_EQ(seen.requests[0].arguments.size(), 1 + (stream.size() - 3) / 201);

  const std::string endless(kMaxMemcacheLineBytes, 'x');
  for (const std::string& line : {endless, endless + "\r\n"}) {
    MemcacheRequestParser fresh;
    seen = FeedRequests(fresh, line);
    EXPECT_EQ(seen.end, Parsed::kBad);
    EXPECT_EQ(seen.refusal, kLineTooLong);
  }
}

TEST(RequestParserTest, TheBinaryProtocolIsRefusedAtItsFirstByte) {
  const SeenRequests seen = Parse(std::string("\x80\x00\x00\x01", 4));
  EXPECT_EQ(seen.end, Parsed::kBad);
  EXPECT_THAT(seen.refusal, testing::HasSubstr("binary protocol"));
}

TEST(RequestParserTest, NothingIsScannedTwice) {
  MemcacheRequestParser parser;
  Request request;
  EXPECT_EQ(parser.Next("set a 0 0 100000\r\nabc", nullptr, request), Parsed::kNeedMore);
  EXPECT_EQ(request.wanted, 18 + 100'000 + 2u);
  // Bytes that would be another request if they were looked at.
  EXPECT_EQ(parser.Next("get a\r\nget b\r\n get cc", nullptr, request), Parsed::kNeedMore);
  EXPECT_EQ(request.wanted, 18 + 100'000 + 2u);
}

class LargeValueTest : public testing::Test {
 protected:
  LargeValueTest() : data_(kStreamBytes, 'v'), line_("set a 0 0 1048576 noreply\r\n") {}
  const std::string data_;
  const std::string line_;
  MemcacheRequestParser parser_;
  Request request_;
  size_t taken_ = 0;
};

TEST_F(LargeValueTest, IsForwardedWhileItComes) {
  const std::string head = line_ + data_.substr(0, 1000);
  ASSERT_EQ(parser_.Next(head, nullptr, request_), Parsed::kHead);
  EXPECT_EQ(request_.size, head.size());
  EXPECT_EQ(request_.bytes, head);
  EXPECT_EQ(request_.quiet, Quiet::kHideAll);
  EXPECT_EQ(request_.refusal, "");

  EXPECT_EQ(parser_.Rest(data_.substr(1000), taken_), Parsed::kNeedMore);
  EXPECT_EQ(taken_, data_.size() - 1000);
  EXPECT_EQ(parser_.Rest("\r", taken_), Parsed::kNeedMore);
  EXPECT_EQ(taken_, 0u);
  EXPECT_EQ(parser_.Rest("\r\nget b\r\n", taken_), Parsed::kDone);
  EXPECT_EQ(taken_, 2u);
  EXPECT_EQ(parser_.Next("get b\r\n", nullptr, request_), Parsed::kDone);
}

TEST_F(LargeValueTest, IsOneRequestWhenItIsThere) {
  EXPECT_EQ(parser_.Next(line_ + data_ + "\r\n", nullptr, request_), Parsed::kDone);
  EXPECT_EQ(request_.size, line_.size() + data_.size() + 2);
}

TEST_F(LargeValueTest, MustEndInCrLf) {
  ASSERT_EQ(parser_.Next(line_ + data_, nullptr, request_), Parsed::kHead);
  EXPECT_EQ(parser_.Rest("xx", taken_), Parsed::kBad);
  EXPECT_EQ(taken_, 0u);
}

TEST_F(LargeValueTest, EndIsCheckedBeforeTheHeadIsGivenOut) {
  const std::string stream = line_ + data_ + "xx";
  EXPECT_EQ(parser_.Next(stream, nullptr, request_), Parsed::kHead);
  EXPECT_EQ(request_.refusal, kBadDataChunk);
  EXPECT_EQ(request_.size, stream.size());
  EXPECT_EQ(parser_.Rest("x\r\nmn\r\n", taken_), Parsed::kDone);
  EXPECT_EQ(taken_, 3u);
}

TEST_F(LargeValueTest, IsDroppedBeyondTheLimit) {
  const uint64_t size = kMaxMemcacheItemBytes + 1;
  const std::string line = "set a 0 0 " + std::to_string(size) + "\r\n";
  ASSERT_EQ(parser_.Next(line + data_, nullptr, request_), Parsed::kHead);
  EXPECT_EQ(request_.refusal, "SERVER_ERROR object too large for cache\r\n");
  EXPECT_EQ(request_.size, line.size() + data_.size());
  uint64_t left = size - data_.size();
  while (left > data_.size()) {
    ASSERT_EQ(parser_.Rest(data_, taken_), Parsed::kNeedMore);
    ASSERT_EQ(taken_, data_.size());
    left -= taken_;
  }
  const std::string end = data_.substr(0, left) + "\r\n";
  EXPECT_EQ(parser_.Rest(end + "mn\r\n", taken_), Parsed::kDone);
  EXPECT_EQ(taken_, end.size());
}

}  // namespace
}  // namespace keyway::memcache

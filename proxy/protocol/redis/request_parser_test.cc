#include "proxy/protocol/redis/request_parser.h"

#include <algorithm>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "proxy/base/limits.h"
#include "proxy/protocol/parser_testing.h"
#include "proxy/protocol/redis/codec.h"
#include "proxy/protocol/redis/commands.h"
#include "proxy/protocol/redis/inline_command.h"

namespace keyway::redis {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

std::string Array(const std::vector<std::string>& words) {
  std::string out;
  AppendArray(words, out);
  return out;
}

SeenRequests Feed(std::string_view stream) { return FeedRequestsEveryWay(RedisCodec(), stream); }

TEST(RequestParserTest, OneRequest) {
  const std::string get = "*2\r\n$3\r\nGET\r\n$1\r\nk\r\n";
  const SeenRequests seen = Feed(get);
  ASSERT_THAT(seen.requests, SizeIs(1));
  EXPECT_EQ(seen.requests[0].bytes, get);
  EXPECT_EQ(seen.requests[0].command, FindCommand("get"));
  EXPECT_THAT(seen.requests[0].arguments, ElementsAre("GET", "k"));
  EXPECT_EQ(seen.requests[0].refusal, "");
  EXPECT_EQ(seen.unused, 0u);
}

TEST(RequestParserTest, APipelineAndTheStartOfAnotherRequest) {
  const std::string start = "*2\r\n$3\r\nGE";
  const SeenRequests seen = Feed(Array({"set", "k", ""}) + Array({"nosuch"}) + start);
  ASSERT_THAT(seen.requests, SizeIs(2));
  EXPECT_THAT(seen.requests[0].arguments, ElementsAre("set", "k", ""));
  EXPECT_EQ(seen.requests[1].command, nullptr);
  EXPECT_THAT(seen.requests[1].arguments, ElementsAre("nosuch"));
  EXPECT_EQ(seen.end, Parsed::kNeedMore);
  EXPECT_EQ(seen.unused, start.size());
}

TEST(RequestParserTest, ArgumentsMayHoldAnyBytes) {
  const std::string value("\0\r\n$3\r\n\xff", 9);
  const SeenRequests seen = Feed(Array({"set", "*1\r\n", value}));
  ASSERT_THAT(seen.requests, SizeIs(1));
  EXPECT_THAT(seen.requests[0].arguments, ElementsAre("set", "*1\r\n", value));
}

TEST(RequestParserTest, NumbersOfSeveralDigits) {
  std::vector<std::string> words = {"mset"};
  for (int i = 0; i < 12; ++i) words.push_back(std::string(static_cast<size_t>(i) * 10, 'x'));
  const SeenRequests seen = Feed(Array(words));
  ASSERT_THAT(seen.requests, SizeIs(1));
  EXPECT_EQ(seen.requests[0].arguments, words);
}

TEST(RequestParserTest, EmptyRequestsAreSkipped) {
  const std::string get = Array({"get", "k"});
  const SeenRequests seen = Feed("*0\r\n\r\n*-1\r\n  \n*-9\r\n" + get + "\r\n");
  ASSERT_THAT(seen.requests, SizeIs(1));
  EXPECT_EQ(seen.requests[0].bytes, get);
  EXPECT_EQ(seen.end, Parsed::kNeedMore);
  EXPECT_EQ(seen.unused, 2u);
}

TEST(RequestParserTest, InlineCommandsBecomeArrays) {
  const SeenRequests seen = Feed("  set k \"a b\\x41\\n\"\r\nGET k\nPING");
  ASSERT_THAT(seen.requests, SizeIs(2));
  EXPECT_EQ(seen.requests[0].bytes, Array({"set", "k", "a bA\n"}));
  EXPECT_EQ(seen.requests[0].command, FindCommand("set"));
  EXPECT_THAT(seen.requests[0].arguments, ElementsAre("set", "k", "a bA\n"));
  EXPECT_EQ(seen.requests[1].bytes, Array({"GET", "k"}));
  EXPECT_EQ(seen.unused, 4u);
}

struct BadStream {
  const char* stream;
  const char* what;
};

// The first five are Redis's words for it.
constexpr BadStream kBadStreams[] = {
    {"*x\r\n", "invalid multibulk length"},
    {"*1\r\n$x\r\n", "invalid bulk length"},
    {"*1\r\n:1\r\n", "expected '$', got ':'"},
    {"get \"k\r\n", "unbalanced quotes in request"},
    {"*1048577\r\n", "invalid multibulk length"},
    {"*\r\n", "invalid multibulk length"},
    {"*-\r\n", "invalid multibulk length"},
    {"*+1\r\n", "invalid multibulk length"},
    {"*01\r\n", "invalid multibulk length"},
    {"* 1\r\n", "invalid multibulk length"},
    {"*1\n", "invalid multibulk length"},
    {"*1\rx", "invalid multibulk length"},
    {"*99999999999999999999999\r\n", "invalid multibulk length"},
    {"*9223372036854775808\r\n", "invalid multibulk length"},
    {"*1\r\n\x01", "expected '$', got '?'"},
    {"*1\r\n$-1\r\n", "invalid bulk length"},
    {"*1\r\n$03\r\nget\r\n", "invalid bulk length"},
    {"*1\r\n$\r\n", "invalid bulk length"},
    {"*1\r\n$536870913\r\n", "invalid bulk length"},
    {"*1\r\n$3\r\ngetxx", "expected CRLF behind an argument"},
    {"*1\r\n$3\r\nget\r\r", "expected CRLF behind an argument"},
    {"get 'k'x\r\n", "unbalanced quotes in request"},
    {"POST / HTTP/1.1\r\n", "this is no web server"},
    {"Host: example.org\r\n", "this is no web server"},
};

TEST(RequestParserTest, BadStreamsAreAnsweredAfterWhatCameBefore) {
  for (const BadStream& bad : kBadStreams) {
    const SeenRequests seen = Feed(Array({"get", "k"}) + bad.stream);
    EXPECT_THAT(seen.requests, SizeIs(1)) << bad.stream;
    EXPECT_EQ(seen.end, Parsed::kBad) << bad.stream;
    EXPECT_EQ(seen.refusal, "-ERR Protocol error: " + std::string(bad.what) + "\r\n") << bad.stream;
  }
}

TEST(RequestParserTest, AnInlineCommandHasALimit) {
  RedisRequestParser parser;
  const std::string longest = "get " + std::string(kMaxLineBytes - 4, 'k');
  EXPECT_THAT(FeedRequests(parser, longest + "\n").requests, SizeIs(1));
  for (const char* rest : {"k\n", "k"}) {
    const SeenRequests seen = FeedRequests(parser, longest + rest);
    EXPECT_EQ(seen.end, Parsed::kBad);
    EXPECT_EQ(seen.refusal, "-ERR Protocol error: too big inline request\r\n");
  }
}

TEST(RequestParserTest, EmptyRequestsHaveALimit) {
  RedisRequestParser parser;
  const SeenRequests seen = FeedRequests(parser, std::string(kMaxLineBytes + 1, '\n'));
  EXPECT_EQ(seen.end, Parsed::kBad);
  EXPECT_EQ(seen.refusal, "-ERR Protocol error: too many empty requests\r\n");
}

TEST(RequestParserTest, ABlockingReadIsRefused) {
  const SeenRequests seen = Feed(Array({"XREAD", "BLOCK", "0", "streams", "block", "0"}) +
                                 Array({"xread", "streams", "block", "0"}) + "ping\r\n");
  ASSERT_THAT(seen.requests, SizeIs(3));
  EXPECT_EQ(seen.requests[0].refusal,
            "-ERR option 'block' of command 'xread' is not supported by this proxy\r\n");
  EXPECT_EQ(seen.requests[1].refusal, "");
  EXPECT_EQ(seen.requests[2].refusal, "");
}

TEST(RequestParserTest, SaysHowMuchIsWanted) {
  RedisRequestParser parser;
  Request request;
  EXPECT_EQ(parser.Next("*3\r\n$3\r\nset\r\n$1\r\nk\r\n$100\r\nab", nullptr, request),
            Parsed::kNeedMore);
  EXPECT_EQ(request.wanted, 20u + 6 + 102);
}

TEST(RequestParserTest, StartsAnewWhenTheRequestWasCleared) {
  RedisRequestParser parser;
  Request request;
  const std::string get = Array({"get", "k"});
  EXPECT_EQ(parser.Next(std::string_view(get).substr(0, 15), nullptr, request), Parsed::kNeedMore);
  request.Clear();
  ASSERT_EQ(parser.Next(get, nullptr, request), Parsed::kDone);
  EXPECT_EQ(request.Text(0), "get");
  EXPECT_EQ(request.command, FindCommand("get"));
}

// With work repeated for each piece this would take minutes.
TEST(RequestParserTest, ALongRequestInManyPiecesTakesLinearTime) {
  constexpr size_t kKeys = 1000 * 1000;
  std::vector<std::string> words(kKeys + 1, "key");
  words[0] = "mget";
  const std::string stream = Array(words);
  RedisRequestParser parser;
  Request request;
  Parsed parsed = Parsed::kNeedMore;
  for (size_t end = 0; parsed == Parsed::kNeedMore && end < stream.size();) {
    end = std::min(end + 1024, stream.size());
    parsed = parser.Next(std::string_view(stream).substr(0, end), nullptr, request);
  }
  ASSERT_EQ(parsed, Parsed::kDone);
  EXPECT_EQ(request.size, stream.size());
  EXPECT_THAT(request.arguments, SizeIs(kKeys + 1));
  EXPECT_EQ(request.Text(kKeys), "key");
}

class StreamedRequestTest : public ::testing::Test {
 protected:
  // Parses the first `available` bytes of `stream_`.
  Parsed Head(size_t available) {
    return parser_.Next(std::string_view(stream_).substr(0, available), nullptr, request_);
  }

  const std::string value_ = std::string(kStreamBytes, 'v');
  std::string stream_;
  RedisRequestParser parser_;
  Request request_;
};

TEST_F(StreamedRequestTest, ALargeValueIsPassedOnAsItArrives) {
  stream_ = Array({"SET", "k", value_, "EX", "10"}) + Array({"get", "k"});
  const std::string first = Array({"SET", "k", value_, "EX", "10"});
  for (const size_t cut : {size_t{1000}, first.size() - 30, first.size() - 22, first.size() - 21,
                           first.size() - 20, first.size() - 19, first.size() - 1}) {
    const SeenRequests seen = FeedRequests(parser_, stream_, std::span(&cut, 1));
    ASSERT_THAT(seen.requests, SizeIs(2)) << cut;
    EXPECT_TRUE(seen.requests[0].bytes == first) << cut;
    EXPECT_EQ(seen.requests[1].bytes, Array({"get", "k"})) << cut;
    EXPECT_EQ(seen.unused, 0u) << cut;
  }
}

TEST_F(StreamedRequestTest, TheHeadHasTheCompleteArguments) {
  stream_ = Array({"SET", "k", value_, "EX", "10"});
  ASSERT_EQ(Head(1000), Parsed::kHead);
  EXPECT_EQ(request_.size, 1000u);
  EXPECT_EQ(request_.bytes, stream_.substr(0, 1000));
  EXPECT_THAT(request_.arguments, SizeIs(2));
  KeyPositions positions;
  EXPECT_EQ(FindKeys(request_, positions), KeysFound::kOk);
  EXPECT_THAT(positions, ElementsAre(1));
}

TEST_F(StreamedRequestTest, TheRestComesByteByByte) {
  const std::string tail = "\r\n" + Array({"EX", "10"}).substr(4);
  stream_ = Array({"SET", "k", value_, "EX", "10"});
  ASSERT_EQ(Head(stream_.size() - tail.size()), Parsed::kHead);
  std::string waiting;
  for (size_t i = 0; i < tail.size(); ++i) {
    waiting += tail[i];
    size_t taken = 0;
    const Parsed last = i + 1 == tail.size() ? Parsed::kDone : Parsed::kNeedMore;
    EXPECT_EQ(parser_.Rest(waiting, taken), last) << i;
    waiting.erase(0, taken);
  }
  EXPECT_EQ(waiting, "");
}

TEST_F(StreamedRequestTest, ABadRestIsBad) {
  for (const char* rest : {"x", "\rx", "\r\nx", "\r\n$-1\r\n", "\r\n$x", "\r\n$2\r\nEXxx"}) {
    stream_ = Array({"SET", "k", value_, "EX", "10"});
    ASSERT_EQ(Head(stream_.size() - 18), Parsed::kHead);
    size_t taken = 0;
    EXPECT_EQ(parser_.Rest(rest, taken), Parsed::kBad) << rest;
    request_.Clear();
    parser_ = RedisRequestParser();
  }
}

TEST_F(StreamedRequestTest, AValueThatIsAllThereIsNotStreamed) {
  stream_ = Array({"SET", "k", value_});
  EXPECT_EQ(Head(stream_.size()), Parsed::kDone);
}

TEST_F(StreamedRequestTest, GathersWhatIsNotSentToOneServerAsItIs) {
  const std::vector<std::vector<std::string>> gathered = {
      {"mset", "k", value_},            // may be split
      {"echo", value_},                 // answered here
      {value_, "k"},                    // what to say of it?
      {"getset", value_, "v"},          // the key itself
      {"pfcount", "k", value_},         // more keys follow
      {"eval", "s", "1", "k", value_},  // keys are counted by an argument
      {"sort", "k", "by", value_},      // a key may follow
  };
  for (const std::vector<std::string>& words : gathered) {
    stream_ = Array(words);
    EXPECT_EQ(Head(stream_.size() - 1), Parsed::kNeedMore) << words[0];
    EXPECT_EQ(Head(stream_.size()), Parsed::kDone) << words[0];
    EXPECT_EQ(request_.arguments.size(), words.size()) << words[0];
  }
}

TEST_F(StreamedRequestTest, WhatIsRefusedIsNotGathered) {
  struct Case {
    std::vector<std::string> words;
    const char* refusal;
  };
  const std::vector<Case> cases = {
      {{"nosuch", value_}, "-ERR unknown command 'nosuch'\r\n"},
      {{"publish", "c", value_}, "-ERR command 'publish' is not supported by this proxy\r\n"},
      {{"get", "k", value_}, "-ERR wrong number of arguments for 'get' command\r\n"},
  };
  for (const auto& [words, refusal] : cases) {
    stream_ = Array(words);
    const size_t cut = 1000;
    const SeenRequests seen = FeedRequests(parser_, stream_, std::span(&cut, 1));
    ASSERT_THAT(seen.requests, SizeIs(1));
    EXPECT_EQ(seen.requests[0].refusal, refusal);
    EXPECT_LT(seen.requests[0].arguments.size(), words.size());
    EXPECT_EQ(seen.unused, 0u);
  }
}

TEST_F(StreamedRequestTest, GathersNoMoreThanTheLimit) {
  stream_ = "*4\r\n$4\r\nmset\r\n$1048576\r\n" + value_ + "\r\n$536870912\r\n";
  EXPECT_EQ(Head(stream_.size()), Parsed::kBad);
  EXPECT_EQ(request_.refusal, "-ERR Protocol error: request too large\r\n");
}

}  // namespace
}  // namespace keyway::redis

#include "proxy/protocol/redis/merge.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "proxy/base/limits.h"
#include "proxy/protocol/redis/codec.h"

namespace keyway::redis {
namespace {

// One part of a split: the ordinals of its keys, the server, and what it answered.
struct Answer {
  std::vector<uint32_t> keys;
  std::string server;
  std::string reply;
};

class MergeTest : public ::testing::Test {
 protected:
  std::string Merged(Merge merge, const std::vector<Answer>& answers) {
    const CommandSpec command = {.name = "test",
                                 .arity = -2,
                                 .keys = kAllKeys,
                                 .access = Access::kRead,
                                 .plan = Plan::kSplitByKey,
                                 .merge = merge};
    std::vector<std::vector<uint32_t>> ends;
    for (const Answer& answer : answers) {
      ends.push_back(RedisCodec().ElementEnds(command, answer.reply));
    }
    std::vector<Part> parts;
    for (const Answer& answer : answers) {
      BlockRef block = pool_.Get(answer.reply.size());
      answer.reply.copy(block->data(), answer.reply.size());
      const std::string_view bytes{block->data(), answer.reply.size()};
      parts.push_back({.keys = answer.keys,
                       .server = answer.server,
                       .reply = {.block = std::move(block), .bytes = bytes},
                       .element_ends = ends[parts.size()]});
    }
    OutputBuffer out(pool_);
    Combine(command, parts, out);
    iovec pieces[kGatherSegments];
    segments_ = out.Gather(pieces);
    return std::string(out.Flatten().bytes);
  }

  BlockPool pool_;
  int segments_ = 0;
};

TEST_F(MergeTest, KeyOrderPutsElementsWhereTheirKeysStood) {
  EXPECT_EQ(Merged(Merge::kKeyOrder, {{{1, 2}, "a", "*2\r\n$1\r\nb\r\n$-1\r\n"},
                                      {{3, 0}, "b", "*2\r\n:4\r\n$0\r\n\r\n"}}),
            "*4\r\n$0\r\n\r\n$1\r\nb\r\n$-1\r\n:4\r\n");
}

TEST_F(MergeTest, KeyOrderTakesAnyElements) {
  EXPECT_EQ(Merged(Merge::kKeyOrder, {{{1}, "a", "*1\r\n*2\r\n*1\r\n:1\r\n+x\r\n"},
                                      {{0}, "b", "*1\r\n%1\r\n+k\r\n_\r\n"}}),
            "*2\r\n%1\r\n+k\r\n_\r\n*2\r\n*1\r\n:1\r\n+x\r\n");
}

TEST_F(MergeTest, KeyOrderLinksLargeElements) {
  const std::string large = "$4096\r\n" + std::string(4096, 'x') + "\r\n";
  EXPECT_EQ(Merged(Merge::kKeyOrder, {{{0, 1, 3}, "a", "*3\r\n" + large + large + large},
                                      {{2}, "b", "*1\r\n" + large}}),
            "*4\r\n" + large + large + large + large);
  EXPECT_EQ(segments_, 4) << "the header, two neighbours as one, and two single ones";
}

TEST_F(MergeTest, KeyOrderTakesNothingElse) {
  for (const char* reply :
       {"*-1\r\n", "$-1\r\n", "+OK\r\n", ":1\r\n", "*1\r\n$1\r\nb\r\n", "*3\r\n:1\r\n:2\r\n:3\r\n",
        "*2\r\n:1\r\n", "*2\r\n:1\r\n$5\r\nab\r\n", "*2\r\n:1\r\n:2\r\n:3\r\n", "*2\r\n:1\r\nx\r\n",
        "*2", "*", "", "_\r\n", "*4294967296\r\n", "~2\r\n:1\r\n:2\r\n"}) {
    EXPECT_EQ(Merged(Merge::kKeyOrder, {{{2}, "a", "*1\r\n:3\r\n"}, {{0, 1}, "b", reply}}),
              "-ERR server b: unexpected reply to 'test'\r\n")
        << reply;
  }
}

TEST_F(MergeTest, KeyOrderWantsEachKeyOnce) {
  EXPECT_EQ(Merged(Merge::kKeyOrder, {{{0}, "a", "*1\r\n:3\r\n"}, {{0}, "b", "*1\r\n:4\r\n"}}),
            "-ERR server b: unexpected reply to 'test'\r\n");
  EXPECT_EQ(Merged(Merge::kKeyOrder, {{{1}, "a", "*1\r\n:3\r\n"}}),
            "-ERR server a: unexpected reply to 'test'\r\n");
  EXPECT_EQ(Merged(Merge::kKeyOrder, {{{5}, "a", "*1\r\n:3\r\n"}}),
            "-ERR server a: unexpected reply to 'test'\r\n");
}

TEST_F(MergeTest, Sum) {
  EXPECT_EQ(Merged(Merge::kSum, {{{0}, "a", ":2\r\n"}, {{1, 2}, "b", ":40\r\n"}}), ":42\r\n");
  EXPECT_EQ(Merged(Merge::kSum, {{{0}, "a", ":-2\r\n"}, {{1}, "b", ":0\r\n"}}), ":-2\r\n");
  EXPECT_EQ(Merged(Merge::kSum, {{{0}, "a", ":9223372036854775807\r\n"}, {{1}, "b", ":1\r\n"}}),
            "-ERR server b: unexpected reply to 'test'\r\n");
}

TEST_F(MergeTest, Min) {
  EXPECT_EQ(Merged(Merge::kMin, {{{}, "a", ":2\r\n"}, {{}, "b", ":-1\r\n"}}), ":-1\r\n");
}

TEST_F(MergeTest, IntegersAndNothingElse) {
  for (const Merge merge : {Merge::kSum, Merge::kMin}) {
    for (const char* reply :
         {"+1\r\n", "$1\r\n1\r\n", ":1", ":\r\n", ":x\r\n", ":1\r\n:2\r\n", ""}) {
      EXPECT_EQ(Merged(merge, {{{0}, "a", ":1\r\n"}, {{1}, "b", reply}}),
                "-ERR server b: unexpected reply to 'test'\r\n")
          << reply;
    }
  }
}

TEST_F(MergeTest, AllOk) {
  EXPECT_EQ(Merged(Merge::kAllOk, {{{0}, "a", "+OK\r\n"}, {{1}, "b", "+fine\r\n"}}), "+OK\r\n");
  for (const char* reply : {":1\r\n", "$2\r\nOK\r\n", "+OK", "+OK\r\n+OK\r\n", "+O\rK\r\n", "+"}) {
    EXPECT_EQ(Merged(Merge::kAllOk, {{{0}, "a", "+OK\r\n"}, {{1}, "b", reply}}),
              "-ERR server b: unexpected reply to 'test'\r\n")
        << reply;
  }
}

TEST_F(MergeTest, AnyOk) {
  EXPECT_EQ(Merged(Merge::kAnyOk, {{{}, "a", "-NOTBUSY no\r\n"}, {{}, "b", "+OK\r\n"}}), "+OK\r\n");
  EXPECT_EQ(Merged(Merge::kAnyOk, {{{}, "a", "-NOTBUSY no\r\n"}, {{}, "b", "-ERR x\r\n"}}),
            "-NOTBUSY no (server a)\r\n");
}

TEST_F(MergeTest, AllTrue) {
  EXPECT_EQ(Merged(Merge::kAllTrue,
                   {{{}, "a", "*3\r\n:1\r\n:1\r\n:0\r\n"}, {{}, "b", "*3\r\n:1\r\n:0\r\n:1\r\n"}}),
            "*3\r\n:1\r\n:0\r\n:0\r\n");
  for (const char* reply :
       {"*1\r\n:1\r\n", "*2\r\n:1\r\n$1\r\n1\r\n", "*-1\r\n", "*2\r\n:1\r\n", ":1\r\n"}) {
    EXPECT_EQ(Merged(Merge::kAllTrue, {{{}, "a", "*2\r\n:1\r\n:1\r\n"}, {{}, "b", reply}}),
              "-ERR server b: unexpected reply to 'test'\r\n")
        << reply;
  }
}

TEST_F(MergeTest, Concat) {
  EXPECT_EQ(Merged(Merge::kConcat, {{{}, "a", "*2\r\n$1\r\nx\r\n*1\r\n:1\r\n"},
                                    {{}, "b", "*0\r\n"},
                                    {{}, "c", "*1\r\n:2\r\n"}}),
            "*3\r\n$1\r\nx\r\n*1\r\n:1\r\n:2\r\n");
  EXPECT_EQ(Merged(Merge::kConcat, {{{}, "a", "*0\r\n"}, {{}, "b", "*1\r\n"}}),
            "-ERR server b: unexpected reply to 'test'\r\n");
}

TEST_F(MergeTest, TheServersOwnErrorReachesTheClient) {
  const std::string wrong_type = "-WRONGTYPE Operation against a key\r\n";
  for (const Merge merge : {Merge::kKeyOrder, Merge::kSum, Merge::kMin, Merge::kAllOk,
                            Merge::kAnyOk, Merge::kAllTrue, Merge::kConcat, Merge::kMatchKeys}) {
    EXPECT_EQ(Merged(merge, {{{0}, "10.0.0.1:6379", wrong_type}}),
              "-WRONGTYPE Operation against a key (server 10.0.0.1:6379)\r\n");
    EXPECT_EQ(Merged(merge, {{{0}, "a", "!9\r\nSYNTAX no\r\n"}}), "-SYNTAX no (server a)\r\n");
  }
}

// Combine is given complete replies; whatever else it is given, it says one line.
TEST_F(MergeTest, ErrorsAreOneLineHoweverBroken) {
  for (const char* reply : {"-", "-\r\n", "!", "!\n", "!3", "-a\r\n-b\r\n", "-a\rb"}) {
    const std::string merged = Merged(Merge::kSum, {{{0}, "a", reply}});
    EXPECT_EQ(merged[0], '-') << reply;
    EXPECT_EQ(merged.find("\r\n"), merged.size() - 2) << reply;
    EXPECT_TRUE(merged.ends_with(" (server a)\r\n")) << reply;
  }
}

TEST_F(MergeTest, NoPartsAtAll) {
  EXPECT_EQ(Merged(Merge::kSum, {}), "-ERR no server was asked\r\n");
}

}  // namespace
}  // namespace keyway::redis

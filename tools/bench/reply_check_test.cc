#include "tools/bench/reply_check.h"

#include <functional>
#include <utility>

#include "gtest/gtest.h"
#include "tools/bench/answer.h"

namespace keyway::bench {
namespace {

using Verdict = ReplyCheck::Verdict;

const std::vector<Item> kItems = {{.number = 1, .value_bytes = 16},
                                  {.number = 2, .value_bytes = 16},
                                  {.number = 70, .value_bytes = 16}};

constexpr RequestKind kKinds[] = {
    {Protocol::kRedis, Operation::kGet},      {Protocol::kRedis, Operation::kSet},
    {Protocol::kRedis, Operation::kMultiGet}, {Protocol::kMemcache, Operation::kGet},
    {Protocol::kMemcache, Operation::kSet},   {Protocol::kMemcache, Operation::kMultiGet},
};

std::vector<Item> ItemsFor(RequestKind kind) {
  if (kind.operation == Operation::kMultiGet) return kItems;
  return {kItems.front()};
}

// The verdict on bytes that come in pieces of a size.
Verdict Check(RequestKind kind, const std::string& reply, size_t piece = std::string::npos) {
  ReplyCheck check(kind);
  check.Expect(ItemsFor(kind));
  Verdict verdict = Verdict::kIncomplete;
  for (size_t at = 0; at < reply.size() && verdict == Verdict::kIncomplete;) {
    std::string_view input = std::string_view(reply).substr(at, piece);
    const size_t before = input.size();
    verdict = check.Take(input);
    at += before - input.size();
  }
  return verdict;
}

std::string ValueText(Item item) {
  std::string text;
  AppendValue(Protocol::kMemcache, item, text);
  return text;
}

TEST(ReplyCheck, TakesWhatTheFakeServersAnswer) {
  for (const RequestKind kind : kKinds) {
    std::string request;
    AppendRequest(kind, ItemsFor(kind), request);
    std::string_view input = request;
    std::string reply;
    Answerer answerer;
    ASSERT_TRUE(answerer.Answer(input, reply));
    EXPECT_EQ(input, "");
    for (const size_t piece : {1, 2, 7, 100'000})
      EXPECT_EQ(Check(kind, reply, piece), Verdict::kRight);
  }
}

TEST(ReplyCheck, NoByteMayBeAnother) {
  for (const RequestKind kind : kKinds) {
    std::string reply;
    AppendReply(kind, ItemsFor(kind), reply);
    for (size_t i = 0; i < reply.size(); ++i) {
      std::string wrong = reply;
      wrong[i] ^= 1;
      EXPECT_NE(Check(kind, wrong), Verdict::kRight) << i << " of " << reply;
    }
  }
}

TEST(ReplyCheck, NoByteMayBeMissing) {
  for (const RequestKind kind : kKinds) {
    std::string reply;
    AppendReply(kind, ItemsFor(kind), reply);
    for (size_t i = 0; i < reply.size(); ++i) {
      EXPECT_NE(Check(kind, std::string(reply).erase(i, 1)), Verdict::kRight) << i;
    }
  }
}

TEST(ReplyCheck, AnothersReplyIsWrong) {
  for (const Protocol protocol : {Protocol::kRedis, Protocol::kMemcache}) {
    const RequestKind kind = {protocol, Operation::kGet};
    std::string reply;
    AppendReply(kind, {&kItems[1], 1}, reply);
    EXPECT_EQ(Check(kind, reply), Verdict::kWrong);
  }
}

TEST(ReplyCheck, ElementsOfRedisKeepTheirOrder) {
  const RequestKind kind = {Protocol::kRedis, Operation::kMultiGet};
  std::vector<Item> swapped = kItems;
  std::swap(swapped[0], swapped[1]);
  std::string reply;
  AppendReply(kind, swapped, reply);
  EXPECT_EQ(Check(kind, reply), Verdict::kWrong);
}

TEST(ReplyCheck, ValuesOfMemcachedComeInAnyOrderEachOnce) {
  const RequestKind kind = {Protocol::kMemcache, Operation::kMultiGet};
  const std::string a = ValueText(kItems[0]), b = ValueText(kItems[1]), c = ValueText(kItems[2]);
  for (const size_t piece : {1, 5, 100'000}) {
    EXPECT_EQ(Check(kind, c + a + b + "END\r\n", piece), Verdict::kRight);
    EXPECT_EQ(Check(kind, c + a + a + "END\r\n", piece), Verdict::kWrong);
    EXPECT_EQ(Check(kind, c + a + "END\r\n", piece), Verdict::kWrong);
    EXPECT_EQ(Check(kind, a + b + c + c + "END\r\n", piece), Verdict::kWrong);
  }
}

TEST(ReplyCheck, TellsWhatCame) {
  ReplyCheck check({Protocol::kRedis, Operation::kSet});
  check.Expect({&kItems[0], 1});
  std::string_view input = "-ERR no server\r\n";
  EXPECT_EQ(check.Take(input), Verdict::kWrong);
  EXPECT_EQ(check.complaint(), R"(expected "+OK\r\n", got "-ERR no server\r\n")");
}

}  // namespace
}  // namespace keyway::bench

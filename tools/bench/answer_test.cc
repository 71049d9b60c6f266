#include "tools/bench/answer.h"

#include "gtest/gtest.h"
#include "tools/bench/content.h"
#include "tools/bench/messages.h"

namespace keyway::bench {
namespace {

constexpr Item kItem = {.number = 1234, .value_bytes = 20};

// What is answered to all that is complete in `input`, or "bad".
std::string Answers(std::string_view input, size_t left = 0) {
  Answerer answerer;
  std::string output;
  if (!answerer.Answer(input, output)) return "bad";
  EXPECT_EQ(input.size(), left);
  return output;
}

TEST(Content, KeysTellTheirItem) {
  std::string key;
  AppendKey(kItem, key);
  EXPECT_EQ(key, "key01234:0000020");
  const auto item = ReadKey(key);
  ASSERT_TRUE(item);
  EXPECT_EQ(item->number, kItem.number);
  EXPECT_EQ(item->value_bytes, kItem.value_bytes);
  for (const char* other : {"", "key01234", "kex01234:0000020", "key0123a:0000020",
                            "key01234:0000020 ", "key99999:0000020", "key01234:9000020"}) {
    EXPECT_FALSE(ReadKey(other)) << other;
  }
}

TEST(Content, ValuesDiffer) {
  EXPECT_EQ(ValueOf(kItem).size(), 20u);
  EXPECT_NE(ValueOf(kItem), ValueOf({.number = 1235, .value_bytes = 20}));
  EXPECT_EQ(ValueOf({.number = kMaxItems - 1, .value_bytes = kMaxValueBytes}).size(),
            kMaxValueBytes);
}

TEST(Answerer, AnswersRedis) {
  EXPECT_EQ(Answers("*1\r\n$4\r\nPING\r\n*2\r\n$3\r\nget\r\n$4\r\nelse\r\n"), "+PONG\r\n$-1\r\n");
  EXPECT_EQ(Answers("*2\r\n$4\r\nINFO\r\n$3\r\nall\r\n"), "-ERR unknown command\r\n");
  EXPECT_EQ(Answers("*x\r\n"), "bad");
  EXPECT_EQ(Answers("*1\r\n$4\r\nPINGxx"), "bad");
}

TEST(Answerer, AnswersMemcached) {
  const std::string value(ValueOf(kItem));
  EXPECT_EQ(Answers("gets key01234:0000020 else\r\nversion\r\n"),
            "VALUE key01234:0000020 0 20 1\r\n" + value + "\r\nEND\r\nVERSION fake\r\n");
  EXPECT_EQ(Answers("\r\n"), "bad");
}

TEST(Answerer, WaitsForTheRest) {
  const std::string request = "*1\r\n$4\r\nPING\r\n";
  for (size_t size = 0; size < request.size(); ++size) {
    EXPECT_EQ(Answers(std::string_view(request).substr(0, size), size), "");
  }
  EXPECT_EQ(Answers("set else 0 0 5\r\nhell", 20), "");
}

TEST(Answerer, RefusesValuesThatAreNotTheKeys) {
  for (const Protocol protocol : {Protocol::kRedis, Protocol::kMemcache}) {
    std::string request;
    AppendRequest({protocol, Operation::kSet}, {&kItem, 1}, request);
    EXPECT_EQ(Answers(request), protocol == Protocol::kRedis ? "+OK\r\n" : "STORED\r\n");
    request[request.size() - 3] ^= 1;
    EXPECT_NE(Answers(request).find("another value"), std::string::npos);
  }
}

}  // namespace
}  // namespace keyway::bench

#include "proxy/testing/wire.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace keyway {
namespace {

using ::testing::ElementsAre;

// The size is known with the last byte and not before, and ignores what follows.
void ExpectWhole(size_t (*size_of)(Protocol, std::string_view), Protocol protocol,
                 const std::string& message) {
  for (size_t size = 0; size < message.size(); ++size) {
    EXPECT_EQ(0u, size_of(protocol, message.substr(0, size))) << message << " cut at " << size;
  }
  EXPECT_EQ(message.size(), size_of(protocol, message + message)) << message;
}

TEST(WireTest, Requests) {
  const std::string resp = Resp({"SET", "a key", std::string("\r\n\0", 3)});
  EXPECT_EQ(std::string("*3\r\n$3\r\nSET\r\n$5\r\na key\r\n$3\r\n\r\n\0\r\n", 33), resp);
  ExpectWhole(RequestSize, Protocol::kRedis, resp);
  EXPECT_THAT(RequestWords(Protocol::kRedis, resp),
              ElementsAre("SET", "a key", std::string("\r\n\0", 3)));

  const std::string set = "set k 1 0 4 noreply\r\n\r\n\r\n\r\n";
  ExpectWhole(RequestSize, Protocol::kMemcache, set);
  EXPECT_THAT(RequestWords(Protocol::kMemcache, set),
              ElementsAre("set", "k", "1", "0", "4", "noreply", "\r\n\r\n"));
  ExpectWhole(RequestSize, Protocol::kMemcache, "ms k 2 T0\r\nab\r\n");
  ExpectWhole(RequestSize, Protocol::kMemcache, "get  a   b \r\n");
  EXPECT_THAT(RequestWords(Protocol::kMemcache, "get  a   b \r\n"), ElementsAre("get", "a", "b"));
}

TEST(WireTest, Replies) {
  for (const char* reply :
       {"+OK\r\n", "-ERR no\r\n", ":1\r\n", "$-1\r\n", "$0\r\n\r\n", "$2\r\n\r\n\r\n", "*-1\r\n",
        "*0\r\n", "*2\r\n*1\r\n$1\r\na\r\n:2\r\n"}) {
    ExpectWhole(ReplySize, Protocol::kRedis, reply);
  }
  for (const char* reply :
       {"STORED\r\n", "END\r\n", "VALUE k 0 2\r\n\r\n\r\nEND\r\n",
        "STAT a b\r\nSTAT c d\r\nEND\r\n", "VALUE a 0 1 7\r\nA\r\nVALUE b 0 1 7\r\nB\r\nEND\r\n",
        "VA 2 t0\r\nab\r\n", "HD\r\n"}) {
    ExpectWhole(ReplySize, Protocol::kMemcache, reply);
  }
}

}  // namespace
}  // namespace keyway

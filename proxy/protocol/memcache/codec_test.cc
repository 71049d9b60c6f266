#include "proxy/protocol/memcache/codec.h"

#include <memory>
#include <string_view>
#include <vector>

#include "gtest/gtest.h"

namespace keyway::memcache {
namespace {

const Codec& codec = MemcacheCodec();

bool Hides(std::string_view command, std::string_view reply) {
  return codec.Hides(*codec.FindCommand(command), reply);
}

TEST(CodecTest, TheQuietFlagHidesOrdinaryReplies) {
  EXPECT_TRUE(Hides("mg", "EN\r\n"));
  EXPECT_TRUE(Hides("ms", "HD kk O1\r\n"));
  EXPECT_TRUE(Hides("md", "HD\r\n"));
  EXPECT_TRUE(Hides("ma", "HD\r\n"));
  EXPECT_TRUE(Hides("ma", "VA 3\r\n101\r\n"));
}

TEST(CodecTest, TheQuietFlagHidesNothingElse) {
  EXPECT_FALSE(Hides("mg", "HD\r\n"));
  EXPECT_FALSE(Hides("mg", "VA 2\r\nEN\r\n"));
  EXPECT_FALSE(Hides("ms", "NS\r\n"));
  EXPECT_FALSE(Hides("ms", "EX\r\n"));
  EXPECT_FALSE(Hides("md", "NF\r\n"));
  EXPECT_FALSE(Hides("ma", "NF\r\n"));
  EXPECT_FALSE(Hides("me", "EN\r\n"));
  EXPECT_FALSE(Hides("ms", "CLIENT_ERROR bad data chunk\r\n"));
  EXPECT_FALSE(Hides("ms", "SERVER_ERROR HD\r\n"));
}

TEST(CodecTest, TellsErrorsFromOtherReplies) {
  for (const char* reply : {"ERROR\r\n", "CLIENT_ERROR x\r\n", "SERVER_ERROR out of memory\r\n",
                            "ERROR Too many open connections\r\n"}) {
    EXPECT_TRUE(codec.IsError(reply)) << reply;
  }
  for (const char* reply : {"END\r\n", "VALUE ERROR 0 5\r\nERROR\r\nEND\r\n", "STORED\r\n",
                            "NOT_FOUND\r\n", "ERRORS\r\n"}) {
    EXPECT_FALSE(codec.IsError(reply)) << reply;
  }
}

TEST(CodecTest, ConnectionsNeedNoHandshake) {
  EXPECT_TRUE(codec.Handshake({}).empty());
  EXPECT_TRUE(codec.Handshake({.user = "u", .password = "p", .database = 1}).empty());
}

TEST(CodecTest, TheProbeIsARequestOfItsOwnCommand) {
  const HandshakeStep probe = codec.Probe();
  Request request;
  const std::unique_ptr<RequestParser> parser = codec.MakeRequestParser();
  ASSERT_EQ(parser->Next(probe.bytes, nullptr, request), Parsed::kDone);
  EXPECT_EQ(request.command, probe.asked);
}

}  // namespace
}  // namespace keyway::memcache

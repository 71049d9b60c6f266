#include "proxy/protocol/codecs.h"

#include "gtest/gtest.h"

namespace keyway {
namespace {

TEST(CodecsTest, FoundByName) {
  for (const char* name : {"redis", "memcache"}) {
    const Codec* codec = FindCodec(name);
    ASSERT_NE(codec, nullptr) << name;
    EXPECT_EQ(codec->name(), name);
  }
  EXPECT_EQ(FindCodec("Redis"), nullptr);
  EXPECT_EQ(FindCodec(""), nullptr);
}

// What every user of a codec relies on.
TEST(CodecsTest, ProbesAreRequestsOfTheirProtocol) {
  for (const char* name : {"redis", "memcache"}) {
    const Codec& codec = *FindCodec(name);
    const HandshakeStep probe = codec.Probe();
    ASSERT_NE(probe.asked, nullptr) << name;
    EXPECT_EQ(codec.FindCommand(probe.asked->name), probe.asked) << name;
    Request request;
    EXPECT_EQ(codec.MakeRequestParser()->Next(probe.bytes, nullptr, request), Parsed::kDone);
    EXPECT_EQ(request.command, probe.asked) << name;
    EXPECT_TRUE(codec.Handshake({}).empty()) << name;
    EXPECT_TRUE(codec.IsError(codec.Error(ErrorKind::kServerFailed, "server a: gone"))) << name;
  }
}

}  // namespace
}  // namespace keyway

#include "proxy/protocol/memcache/compose.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gtest/gtest.h"
#include "proxy/protocol/memcache/codec.h"

namespace keyway::memcache {
namespace {

// The part of `stream` for the keys with these ordinals.
std::string Part(std::string_view stream, const std::vector<uint32_t>& ordinals) {
  const std::unique_ptr<RequestParser> parser = MemcacheCodec().MakeRequestParser();
  Request request;
  EXPECT_EQ(parser->Next(stream, nullptr, request), Parsed::kDone);
  KeyPositions positions;
  EXPECT_EQ(FindKeys(request, positions), KeysFound::kOk);
  BlockPool pool;
  OutputBuffer out(pool);
  MemcacheCodec().Compose(request, positions, ordinals, out);
  return std::string(out.Flatten().bytes);
}

TEST(ComposeTest, APartHasItsKeysInOrder) {
  EXPECT_EQ(Part("get a b c d\r\n", {0, 2}), "get a c\r\n");
  EXPECT_EQ(Part("  gets  a   b a  \r\n", {0, 2}), "gets a a\r\n");
  EXPECT_EQ(Part("get a b\r\n", {1}), "get b\r\n");
}

TEST(ComposeTest, WhatStandsBeforeTheKeysIsRepeated) {
  EXPECT_EQ(Part("gat 60 a b c\r\n", {1, 2}), "gat 60 b c\r\n");
  EXPECT_EQ(Part("gats -1 a b\r\n", {0}), "gats -1 a\r\n");
}

std::string Error(ErrorKind kind, std::string_view detail) {
  return MemcacheCodec().Error(kind, detail);
}

TEST(ComposeTest, ErrorsAreMemcachedsWhereItHasThem) {
  EXPECT_EQ(Error(ErrorKind::kUnknownCommand, "bogus"), "ERROR\r\n");
  EXPECT_EQ(Error(ErrorKind::kWrongArity, "get"), "ERROR\r\n");
  EXPECT_EQ(Error(ErrorKind::kRefused, "lru"),
            "SERVER_ERROR command 'lru' is not supported by this proxy\r\n");
  EXPECT_EQ(Error(ErrorKind::kServerFailed, "a:1: Connection refused"),
            "SERVER_ERROR a:1: Connection refused\r\n");
  EXPECT_EQ(Error(ErrorKind::kOverloaded, "too many requests wait"),
            "SERVER_ERROR overloaded: too many requests wait\r\n");
}

TEST(ComposeTest, AnErrorIsOneLineWhateverTheDetail) {
  EXPECT_EQ(Error(ErrorKind::kRefused, "a\r\nVALUE\x7f\xff"),
            "SERVER_ERROR command 'a??VALUE?\xff' is not supported by this proxy\r\n");
  for (const ErrorKind kind :
       {ErrorKind::kUnknownCommand, ErrorKind::kWrongArity, ErrorKind::kRefused,
        ErrorKind::kCrossShard, ErrorKind::kBadKeyCount, ErrorKind::kServerFailed,
        ErrorKind::kOverloaded, ErrorKind::kBadReply}) {
    const std::string error = Error(kind, std::string(100'000, '\n'));
    EXPECT_LT(error.size(), 1000u);
    EXPECT_EQ(error.find('\n'), error.size() - 1);
    EXPECT_TRUE(MemcacheCodec().IsError(error));
  }
}

}  // namespace
}  // namespace keyway::memcache

#include "proxy/testing/flat_json.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace keyway {
namespace {

using ::testing::ElementsAre;
using ::testing::Optional;
using ::testing::Pair;

TEST(FlatJsonTest, MembersHaveTheirPath) {
  EXPECT_THAT(ReadFlatJson(R"({"a":1, "b": {"c":-20,"d": {"e":"x y"}},"f":{}})"
                           "\n"),
              Optional(ElementsAre(Pair("a", "1"), Pair("b/c", "-20"), Pair("b/d/e", "x y"))));
}

TEST(FlatJsonTest, TextsAreUnescaped) {
  EXPECT_THAT(ReadFlatJson(R"({"q\"\\":"\u000a\u001f"})"),
              Optional(ElementsAre(Pair("q\"\\", "\n\x1f"))));
}

TEST(FlatJsonTest, WhatIsNotJsonIsRefused) {
  for (const std::string text :
       {"", "1", "{", "{}x", "{\"a\"}", "{\"a\":}", "{\"a\":01}", "{\"a\":--1}", "{\"a\":-}",
        "{\"a\":1,}", "{\"a\":1 \"b\":2}", "{a:1}", "{\"a\":\"x}", "{\"a\":\"\n\"}",
        "{\"a\":\"\\x\"}", "{\"a\":\"\\u00\"}", "{\"a\":1,\"a\":1}", "{\"a\":{\"b\":1}"}) {
    EXPECT_FALSE(ReadFlatJson(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace keyway

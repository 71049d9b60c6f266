#include "proxy/stats/utf8.h"

#include <string>

#include "gtest/gtest.h"

namespace keyway {
namespace {

TEST(ValidUtf8Test, WellFormedTextStays) {
  for (const std::string text :
       {"", "redis-1", "\xc3\xa9", "\xe2\x82\xac", "\xed\x9f\xbf\xee\x80\x80", "\xf0\x9f\x98\x80",
        "\xf4\x8f\xbf\xbf", "a\x7f\xc2\x80z"}) {
    EXPECT_EQ(ValidUtf8(text), text);
  }
}

TEST(ValidUtf8Test, OtherBytesAreReplaced) {
  const std::string bad = "\xef\xbf\xbd";
  EXPECT_EQ(ValidUtf8("a\xff z"), "a" + bad + " z");
  EXPECT_EQ(ValidUtf8("\x80"), bad);
  EXPECT_EQ(ValidUtf8("\xc3"), bad);                         // ends too early
  EXPECT_EQ(ValidUtf8("\xe2\x82"), bad + bad);               // the same
  EXPECT_EQ(ValidUtf8("\xc3(\xc3\xa9"), bad + "(\xc3\xa9");  // no continuation
  EXPECT_EQ(ValidUtf8("\xc0\xaf"), bad + bad);               // overlong
  EXPECT_EQ(ValidUtf8("\xe0\x80\xaf"), bad + bad + bad);     // overlong
  EXPECT_EQ(ValidUtf8("\xed\xa0\x80"), bad + bad + bad);     // a surrogate
  EXPECT_EQ(ValidUtf8("\xf4\x90\x80\x80"), bad + bad + bad + bad);
}

}  // namespace
}  // namespace keyway

#include "sim/command/numbers.h"

#include "gtest/gtest.h"

namespace keyway::sim {
namespace {

TEST(NumbersTest, Shares) {
  EXPECT_DOUBLE_EQ(*ParseShare("10%"), 0.1);
  EXPECT_DOUBLE_EQ(*ParseShare("2.5 %"), 0.025);
  EXPECT_DOUBLE_EQ(*ParseShare("0.1"), 0.1);
  for (const char* const text : {"", "%", "ten", "-1%", "1%%", "nan", "inf"}) {
    EXPECT_FALSE(ParseShare(text)) << text;
  }
}

TEST(NumbersTest, Amounts) {
  EXPECT_DOUBLE_EQ(*ParseAmount("1500"), 1500);
  EXPECT_DOUBLE_EQ(*ParseAmount("1.5 k"), 1500);
  EXPECT_DOUBLE_EQ(*ParseAmount("64G"), 64e9);
  EXPECT_DOUBLE_EQ(*ParseAmount("64GiB"), 64 * 0x1p30);
  EXPECT_FALSE(ParseAmount("64Q"));
  EXPECT_FALSE(ParseAmount("G"));
}

TEST(NumbersTest, PlainNumbersHaveNoUnit) {
  EXPECT_DOUBLE_EQ(*ParseNumber("1.25"), 1.25);
  EXPECT_FALSE(ParseNumber("1.25x"));
}

}  // namespace
}  // namespace keyway::sim

#include "hashing/hash_tag.h"

#include <gtest/gtest.h>

namespace keyway::hashing {
namespace {

TEST(HashTagTest, BetweenTheTwo) {
  EXPECT_EQ(TaggedPart("{user1000}.following", "{}"), "user1000");
  EXPECT_EQ(TaggedPart("a{b}c", "{}"), "b");
  EXPECT_EQ(TaggedPart("a[b]c", "[]"), "b");
  EXPECT_EQ(TaggedPart("a{b}", "{}"), "b");
}

TEST(HashTagTest, WithoutTagOrPairTheWholeKey) {
  EXPECT_EQ(TaggedPart("a{b}c", ""), "a{b}c");
  EXPECT_EQ(TaggedPart("a{b}c", "[]"), "a{b}c");
  EXPECT_EQ(TaggedPart("", "{}"), "");
  EXPECT_EQ(TaggedPart("{", "{}"), "{");
  EXPECT_EQ(TaggedPart("}", "{}"), "}");
  EXPECT_EQ(TaggedPart("a{b", "{}"), "a{b");
  EXPECT_EQ(TaggedPart("a}b", "{}"), "a}b");
  EXPECT_EQ(TaggedPart("}a{", "{}"), "}a{");
}

TEST(HashTagTest, OnlyTheFirstOpeningByteCounts) {
  EXPECT_EQ(TaggedPart("{}a{b}", "{}"), "{}a{b}");
  EXPECT_EQ(TaggedPart("{{a}}", "{}"), "{a");
  EXPECT_EQ(TaggedPart("{a}{b}", "{}"), "a");
  EXPECT_EQ(TaggedPart("}{a}", "{}"), "a");
}

TEST(HashTagTest, BothBytesMayBeTheSame) {
  EXPECT_EQ(TaggedPart("a$b$c", "$$"), "b");
  EXPECT_EQ(TaggedPart("a$b", "$$"), "a$b");
  EXPECT_EQ(TaggedPart("$$a$", "$$"), "$$a$");
}

TEST(HashTagTest, AnyBytes) {
  EXPECT_EQ(TaggedPart({"a\0b\0c", 5}, {"\0\0", 2}), "b");
  EXPECT_EQ(TaggedPart("a\xc3q\xa9z", "\xc3\xa9"), "q");
}

}  // namespace
}  // namespace keyway::hashing

#include "proxy/protocol/redis/inline_command.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace keyway::redis {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> Split(std::string_view line) {
  std::vector<std::string> words;
  EXPECT_TRUE(SplitInline(line, words)) << line;
  return words;
}

TEST(InlineCommandTest, WordsStandBetweenSpaces) {
  EXPECT_THAT(Split(" set\tk  v "), ElementsAre("set", "k", "v"));
  EXPECT_THAT(Split("ping"), ElementsAre("ping"));
  EXPECT_THAT(Split(""), IsEmpty());
  EXPECT_THAT(Split(" \t\r\v\f"), IsEmpty());
}

TEST(InlineCommandTest, DoubleQuotesKnowEscapes) {
  EXPECT_THAT(Split(R"("a b" "")"), ElementsAre("a b", ""));
  EXPECT_THAT(Split(R"("\n\r\t\b\a\\\"\q")"), ElementsAre("\n\r\t\b\a\\\"q"));
  EXPECT_THAT(Split(R"("\x41\xfF\x00")"), ElementsAre(std::string("A\xff\0", 3)));
  EXPECT_THAT(Split(R"("\x4" "\xg1" "\x")"), ElementsAre("x4", "xg1", "x"));
}

TEST(InlineCommandTest, SingleQuotesKnowOne) {
  EXPECT_THAT(Split(R"('a "b" \n' 'it\'s')"), ElementsAre(R"(a "b" \n)", "it's"));
}

TEST(InlineCommandTest, AQuoteMayBeginWithinAWord) {
  EXPECT_THAT(Split(R"(a"b c" d'e f')"), ElementsAre("ab c", "de f"));
}

TEST(InlineCommandTest, QuotesEndAndAreFollowedByASpace) {
  std::vector<std::string> words;
  for (const char* line : {R"(")", R"("a)", R"("a\)", R"("a\")", R"('a)", R"('a\')", R"("a"b)",
                           R"('a'b)", R"("a""b")"}) {
    EXPECT_FALSE(SplitInline(line, words)) << line;
  }
}

TEST(InlineCommandTest, ComposesAnArray) {
  std::string out;
  AppendArray({"set", "k", ""}, out);
  EXPECT_EQ(out, "*3\r\n$3\r\nset\r\n$1\r\nk\r\n$0\r\n\r\n");
}

}  // namespace
}  // namespace keyway::redis

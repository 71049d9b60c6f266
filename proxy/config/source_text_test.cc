#include "proxy/config/source_text.h"

#include <string>
#include <string_view>
#include <vector>

#include "gtest/gtest.h"

namespace keyway {
namespace {

// "line:column" of each problem.
std::string Places(const Problems& problems) {
  std::string places;
  for (const Problem& problem : problems) {
    places +=
        std::to_string(problem.location.line) + ":" + std::to_string(problem.location.column) + " ";
  }
  return places;
}

TEST(SourceTextTest, EveryLineBreakBecomesALineFeed) {
  EXPECT_EQ(SourceText("a\r\nb\rc\nd\xc2\x85"
                       "e")
                .text(),
            "a\nb\nc\nd\ne");
  EXPECT_EQ(SourceText("\r\r\n\n").text(), "\n\n\n");
}

TEST(SourceTextTest, TheByteOrderMarkIsNoText) {
  EXPECT_EQ(SourceText("\xef\xbb\xbf"
                       "a")
                .text(),
            "a");
  EXPECT_EQ(SourceText("").text(), "");
}

TEST(SourceTextTest, LinesAndColumnsStartAtOne) {
  const SourceText source("ab\r\n\nc");
  const auto place = [&](size_t offset) {
    const Location location = source.LocationOf(offset);
    return std::to_string(location.line) + ":" + std::to_string(location.column);
  };
  EXPECT_EQ(place(0), "1:1");
  EXPECT_EQ(place(1), "1:2");
  EXPECT_EQ(place(2), "1:3");
  EXPECT_EQ(place(3), "2:1");
  EXPECT_EQ(place(4), "3:1");
  EXPECT_EQ(place(5), "3:2");
}

TEST(SourceTextTest, WhatIsUtf8AndVisibleIsAccepted) {
  for (const std::string_view text :
       {"plain\ttext ~", "é", "€", "\xf0\x9f\x98\x80", "\xef\xbf\xbd", "\xc2\xa0"}) {
    EXPECT_EQ(Places(SourceText(text).CheckCharacters()), "") << text;
  }
}

TEST(SourceTextTest, WhatIsNotUtf8IsRefused) {
  for (const std::string_view bytes :
       {"\x80", "\xff", "\xc3", "\xc3(", "\xe2\x82", "\xe2(\xac", "\xc0\xaf", "\xe0\x80\xaf",
        "\xf0\x80\x80\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80"}) {
    EXPECT_EQ(Places(SourceText(bytes).CheckCharacters()), "1:1 ");
  }
}

TEST(SourceTextTest, WhatCannotBeSeenIsRefused) {
  for (const std::string_view bytes :
       {std::string_view("\0", 1), std::string_view("\x01"), std::string_view("\x1b"),
        std::string_view("\x7f"), std::string_view("\xc2\x80"), std::string_view("\xe2\x80\xa8"),
        std::string_view("\xef\xbf\xbe")}) {
    EXPECT_EQ(Places(SourceText(bytes).CheckCharacters()), "1:1 ");
  }
}

TEST(SourceTextTest, OnlyTheFirstOfALineIsReported) {
  EXPECT_EQ(Places(SourceText("a\x01\x02\n\nb\xff\n").CheckCharacters()), "1:2 3:2 ");
}

TEST(SourceTextTest, MarkersStandAtTheStartOfALine) {
  EXPECT_EQ(Places(SourceText("---\na\n--- b\n...\n ---\n----\n...a\n---").CheckMarkers()),
            "1:1 3:1 4:1 8:1 ");
}

TEST(SourceTextTest, TabsIndentOnlyInsideScalars) {
  //                       0         1            2
  //                       0123456789012 345 6789 01234
  const std::string text = "a: b\n \t c\n\td\n# x\t\ne:\tf\n-\tg\n";
  const std::vector<ScalarSpan> scalars = {{.begin = 0, .key = true, .indent = 1},
                                           {.begin = 3, .key = false, .indent = 1}};
  EXPECT_EQ(Places(SourceText(text).CheckLines(scalars, text.size())), "3:1 6:2 ");
}

TEST(SourceTextTest, QuotedScalarsMayHoldAnything) {
  const std::string text = "\"a\n\tb\\\"\n%c\n\td\"\n\te";
  const std::vector<ScalarSpan> scalars = {{.begin = 0, .key = false, .indent = 1}};
  EXPECT_EQ(Places(SourceText(text).CheckLines(scalars, text.size())), "5:1 ");
}

TEST(SourceTextTest, LinesBehindTheEndAreNotLookedAt) {
  const std::string text = "%a\n%b\n%c\n";
  EXPECT_EQ(Places(SourceText(text).CheckLines({}, 4)), "1:1 2:1 ");
}

}  // namespace
}  // namespace keyway

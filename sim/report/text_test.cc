#include "sim/report/text.h"

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <variant>
#include <vector>

#include "gtest/gtest.h"

namespace keyway::sim {
namespace {

TEST(EscapeTest, LeavesWhatPeopleCanRead) {
  for (const std::string text : {"", "user:17:profile", "café", "日本語", "😀", "a b"}) {
    EXPECT_EQ(Escape(text), text);
  }
}

TEST(EscapeTest, ShowsControlCharactersAndMarksOfDirection) {
  EXPECT_EQ(Escape("a\nb\tc\r"), R"(a\x0ab\x09c\x0d)");
  EXPECT_EQ(Escape(std::string("\0", 1)), R"(\x00)");
  EXPECT_EQ(Escape("\x1b[31m\x7f"), R"(\x1b[31m\x7f)");
  EXPECT_EQ(Escape("\u0085"), R"(\xc2\x85)");
  EXPECT_EQ(Escape("\u202egnp.exe"), R"(\xe2\x80\xaegnp.exe)");
  EXPECT_EQ(Escape("\u2028"), R"(\xe2\x80\xa8)");
}

TEST(EscapeTest, ShowsBytesThatAreNoUtf8) {
  EXPECT_EQ(Escape("\xff"), R"(\xff)");
  EXPECT_EQ(Escape("a\xc3"), R"(a\xc3)");                        // cut off
  EXPECT_EQ(Escape("\xc0\xaf"), R"(\xc0\xaf)");                  // too long for '/'
  EXPECT_EQ(Escape("\xe0\x80\xaf"), R"(\xe0\x80\xaf)");          // the same
  EXPECT_EQ(Escape("\xed\xa0\x80"), R"(\xed\xa0\x80)");          // a surrogate
  EXPECT_EQ(Escape("\xf4\x90\x80\x80"), R"(\xf4\x90\x80\x80)");  // beyond Unicode
  EXPECT_EQ(Escape("\xc3\x28"), R"(\xc3()");                     // no continuation
  EXPECT_EQ(Escape("\xf0\x9f\x98"), R"(\xf0\x9f\x98)");
}

TEST(EscapeTest, TellsABackslashFromAnEscape) {
  EXPECT_EQ(Escape(R"(\x41)"), R"(\\x41)");
  EXPECT_EQ(Clean(R"(key \x41)"), R"(key \x41)");
  EXPECT_EQ(Clean("a\n"), R"(a\x0a)");
}

TEST(EscapeTest, GivesTheTextBack) {
  const auto unescape = [](const std::string& text) {
    std::string bytes;
    for (size_t i = 0; i < text.size(); ++i) {
      if (text[i] != '\\') {
        bytes += text[i];
      } else if (text[++i] == '\\') {
        bytes += '\\';
      } else {
        bytes += static_cast<char>(std::stoi(text.substr(i + 1, 2), nullptr, 16));
        i += 2;
      }
    }
    return bytes;
  };
  for (int first = 0; first < 256; ++first) {
    for (int second = 0; second < 256; ++second) {
      const std::string bytes = {static_cast<char>(first), static_cast<char>(second), '\\', 'x'};
      EXPECT_EQ(unescape(Escape(bytes)), bytes);
    }
  }
}

TEST(WidthTest, CountsColumnsAndNotBytes) {
  EXPECT_EQ(Width("abc"), 3u);
  EXPECT_EQ(Width("é"), 1u);
  EXPECT_EQ(Width("e\u0301"), 1u);  // a combining accent
  EXPECT_EQ(Width("日本"), 4u);
  EXPECT_EQ(Width("😀"), 2u);
}

TEST(CutMiddleTest, KeepsBothEnds) {
  EXPECT_EQ(CutMiddle("abcdefghij", 10, "…"), "abcdefghij");
  EXPECT_EQ(CutMiddle("abcdefghij", 7, "…"), "abc…hij");
  EXPECT_EQ(CutMiddle("abcdefghij", 6, "…"), "abc…ij");
  EXPECT_EQ(CutMiddle("abcdefghij", 7, "..."), "ab...ij");
  EXPECT_EQ(CutMiddle("日本語日本語", 7, "…"), "日…語");
  EXPECT_EQ(CutMiddle("éééééé", 3, "…"), "é…é");
}

TEST(CutMiddleTest, NeverGrows) {
  for (size_t width = 1; width < 12; ++width) {
    EXPECT_LE(Width(CutMiddle("日本語 and words", width, "…")), width);
  }
}

TEST(WrappedTest, BreaksBetweenWords) {
  EXPECT_EQ(Wrapped("one two three", 7, "  "), "one two\n  three");
  EXPECT_EQ(Wrapped("one two three", 20, ""), "one two three");
  EXPECT_EQ(Wrapped("unbreakable is long", 4, ""), "unbreakable\nis\nlong");
  EXPECT_EQ(Wrapped("", 4, ""), "");
}

TEST(ToPeopleTest, FollowsTheUnit) {
  struct Row {
    Value value;
    Unit unit;
    std::string text;
  };
  const std::vector<Row> rows = {{uint64_t{0}, Unit::kCount, "0"},
                                 {uint64_t{999}, Unit::kCount, "999"},
                                 {uint64_t{1'234'567}, Unit::kCount, "1,234,567"},
                                 {UINT64_MAX, Unit::kCount, "18,446,744,073,709,551,615"},
                                 {12.25, Unit::kCount, "12.2"},
                                 {-1234.0, Unit::kCount, "-1,234"},
                                 {uint64_t{999}, Unit::kBytes, "999 B"},
                                 {uint64_t{1'000}, Unit::kBytes, "1.0 kB"},
                                 {uint64_t{12'345'678}, Unit::kBytes, "12.3 MB"},
                                 {uint64_t{999'960'000}, Unit::kBytes, "1.0 GB"},
                                 {UINT64_MAX, Unit::kBytes, "18.4 EB"},
                                 {0.284, Unit::kShare, "28.40 %"},
                                 {0.0, Unit::kShare, "0.00 %"},
                                 {0.00001, Unit::kShare, "<0.01 %"},
                                 {1.1363, Unit::kRatio, "1.136"},
                                 {0.086342, Unit::kNumber, "0.08634"},
                                 {uint64_t{123456}, Unit::kNumber, "123456"},
                                 {3.14159e-17, Unit::kProbability, "3.14e-17"},
                                 {std::monostate(), Unit::kCount, "-"},
                                 {std::nan(""), Unit::kRatio, "-"},
                                 {std::numeric_limits<double>::infinity(), Unit::kRatio, "inf"},
                                 {"a\n", Unit::kText, R"(a\x0a)"},
                                 {"", Unit::kText, R"("")"}};
  for (const Row& row : rows) EXPECT_EQ(ToPeople(row.value, row.unit), row.text);
  EXPECT_EQ(ToPeople(std::monostate(), Unit::kCount, "–"), "–");
}

TEST(AsNumberTest, IsZeroForWhatIsNone) {
  EXPECT_EQ(AsNumber(uint64_t{7}), 7);
  EXPECT_EQ(AsNumber(0.5), 0.5);
  for (const Value& none : {Value(), Value("7"), Value(std::nan(""))}) {
    EXPECT_FALSE(IsNumber(none));
    EXPECT_EQ(AsNumber(none), 0);
  }
}

}  // namespace
}  // namespace keyway::sim

#include "proxy/config/outline.h"

#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_format.h"
#include "gtest/gtest.h"

namespace keyway {
namespace {

std::string Show(const Scalar& scalar) {
  return absl::StrFormat("%d:%d=%s", scalar.location.line, scalar.location.column, scalar.text);
}

// One line for each section and setting.
std::string Show(const std::vector<Section>& sections) {
  std::string text;
  for (const Section& section : sections) {
    text += Show(section.name) + "\n";
    for (const Setting& setting : section.settings) {
      text += "  " + Show(setting.key) + (setting.sequence ? " list" : "");
      for (const Scalar& value : setting.values) text += " " + Show(value);
      text += "\n";
    }
  }
  return text;
}

std::string Read(std::string_view text) {
  Problems problems;
  const std::vector<Section> sections = ReadOutline(text, problems);
  std::string shown = Show(sections);
  for (const Problem& problem : problems) shown += problem.ToString("") + "\n";
  return shown;
}

TEST(OutlineTest, SectionsSettingsAndValuesHaveTheirPlaces) {
  EXPECT_EQ(Read("a:\n  b: c\n  d:\n   - e\n   - f\ng:\n  h: i\n"),
            "1:1=a\n"
            "  2:3=b 2:6=c\n"
            "  3:3=d list 4:6=e 5:6=f\n"
            "6:1=g\n"
            "  7:3=h 7:6=i\n");
}

TEST(OutlineTest, ScalarsOfEveryStyleAreText) {
  EXPECT_EQ(Read("a:\n  b: \"x\\ty\"\n"), "1:1=a\n  2:3=b 2:6=x\ty\n");
  EXPECT_EQ(Read("a:\n  b: 'it''s'\n"), "1:1=a\n  2:3=b 2:6=it's\n");
  EXPECT_EQ(Read("a:\n  b: |-\n    x\n"), "1:1=a\n  2:3=b 2:6=x\n");
  EXPECT_EQ(Read("a:\n  b: x\n    y\n"), "1:1=a\n  2:3=b 2:6=x y\n");
  EXPECT_EQ(Read("a:\n  b: 1 # c\n"), "1:1=a\n  2:3=b 2:6=1\n");
}

TEST(OutlineTest, NullWordsAreTextLikeAnyOther) {
  EXPECT_EQ(Read("~:\n  null: Null\n  b:\n    NULL\n  c:\n   - ~\n"),
            "1:1=~\n  2:3=null 2:9=Null\n  3:3=b 4:5=NULL\n  5:3=c list 6:6=~\n");
}

TEST(OutlineTest, AnEmptyValueIsNotTheNextKey) {
  EXPECT_EQ(Read("a:\n  b:\n  null: c\n"), "1:1=a\n  2:3=b 2:3=\n  3:3=null 3:9=c\n");
  EXPECT_EQ(Read("a:\n  b:\n  -\n  null: c\n"), "1:1=a\n  2:3=b list 2:3=\n  4:3=null 4:9=c\n");
}

TEST(OutlineTest, RepeatedKeysAreAllKept) {
  EXPECT_EQ(Read("a:\n  b: c\n  b: d\na:\n  e: f\n"),
            "1:1=a\n  2:3=b 2:6=c\n  3:3=b 3:6=d\n4:1=a\n  5:3=e 5:6=f\n");
}

TEST(OutlineTest, NothingIsNoSections) {
  EXPECT_EQ(Read(""), "");
  EXPECT_EQ(Read("# comment"), "");
}

TEST(OutlineTest, WhatWasReadBeforeAnErrorIsKept) {
  EXPECT_EQ(Read("a:\n  b: c\n  d: @e\n"),
            "1:1=a\n  2:3=b 2:6=c\n  3:3=d\n"
            ":3:6: error: text cannot start with this character; quote it\n");
}

TEST(OutlineTest, ValuesOfRefusedKeysAreSkipped) {
  EXPECT_EQ(Read("a:\n  ? - b\n  : c\n  d: e\n"),
            "1:1=a\n  4:3=d 4:6=e\n"
            ":2:5: error: a sequence here; the only place for '- …' lines is below 'servers:'\n");
  EXPECT_EQ(Read("{a: b}:\n  c:\n   - d\n"),
            ":1:1: error: '[…]' and '{…}' are not allowed; write one line for each entry, or quote "
            "text\n");
}

// yaml-cpp gives up on its own at some depth; the exception must not get out.
TEST(OutlineTest, DeepNestingIsAnErrorLikeAnyOther) {
  Problems problems;
  ReadOutline(std::string(100000, '['), problems);
  EXPECT_TRUE(HasError(problems));
  problems.clear();
  std::string text;
  for (int i = 0; i < 2000; ++i) text += "- ";
  ReadOutline(text, problems);
  EXPECT_TRUE(HasError(problems));
}

}  // namespace
}  // namespace keyway

#include "sim/source/lines.h"

#include <fcntl.h>
#include <unistd.h>

#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace keyway::sim {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string TemporaryFile(const std::string& content) {
  std::string path = ::testing::TempDir() + "keys";
  std::ofstream(path, std::ios::binary) << content;
  return path;
}

using Source = std::unique_ptr<LineSource>;

Source OpenText(const std::string& content, KeyFormat format = KeyFormat::kPlain) {
  absl::StatusOr<Source> source = LineSource::Open(TemporaryFile(content), "keys", format);
  EXPECT_TRUE(source.ok()) << source.status();
  return *std::move(source);
}

std::vector<std::string> AllKeys(const Source& source) {
  std::vector<std::string> keys;
  for (std::string_view key; source->Next(key);) keys.emplace_back(key);
  EXPECT_TRUE(source->status().ok()) << source->status();
  return keys;
}

std::string ErrorOf(const Source& source) {
  std::string_view key;
  while (source->Next(key)) {
  }
  EXPECT_FALSE(source->Next(key)) << "an error is the end";
  return std::string(source->status().message());
}

TEST(LineSourceTest, EveryLineIsAKey) {
  EXPECT_THAT(AllKeys(OpenText("a\nbc\nd\n")), ElementsAre("a", "bc", "d"));
  EXPECT_THAT(AllKeys(OpenText("a\nbc")), ElementsAre("a", "bc"));
  EXPECT_THAT(AllKeys(OpenText("")), ElementsAre());
}

TEST(LineSourceTest, AnEmptyLineIsTheEmptyKey) {
  EXPECT_THAT(AllKeys(OpenText("\n\na\n\n")), ElementsAre("", "", "a", ""));
}

TEST(LineSourceTest, OnlyTheLineFeedSeparates) {
  const std::string key("a\0 \r\t\xff", 6);
  EXPECT_THAT(AllKeys(OpenText(key + "\n" + key)), ElementsAre(key, key));
}

TEST(LineSourceTest, HexadecimalHoldsAnyByte) {
  EXPECT_THAT(AllKeys(OpenText("610a\n\nFFfe00\r\n", KeyFormat::kHex)),
              ElementsAre("a\n", "", std::string("\xff\xfe\0", 3)));
}

TEST(LineSourceTest, BadHexadecimalNamesItsLine) {
  EXPECT_EQ(ErrorOf(OpenText("61\n6\n", KeyFormat::kHex)), "keys:2: '6' is not hexadecimal");
  EXPECT_EQ(ErrorOf(OpenText("6g\n", KeyFormat::kHex)), "keys:1: '6g' is not hexadecimal");
}

// Lines end on all sides of the blocks that are read.
TEST(LineSourceTest, BlocksDoNotShow) {
  for (const size_t size : {1, 100, 262143, 262144, 262145, 600000}) {
    const std::string longest(size, 'x');
    EXPECT_THAT(AllKeys(OpenText(absl::StrFormat("a\n%s\n%s\nb", longest, longest))),
                ElementsAre("a", longest, longest, "b"));
  }
  std::string text;
  for (int i = 0; i < 200'000; ++i) text.append(std::to_string(i)).append("\n");
  const std::vector<std::string> keys = AllKeys(OpenText(text));
  ASSERT_EQ(keys.size(), 200'000u);
  for (int i = 0; i < 200'000; ++i) ASSERT_EQ(keys[static_cast<size_t>(i)], std::to_string(i));
}

TEST(LineSourceTest, ALineWithoutEndIsNotGathered) {
  EXPECT_THAT(ErrorOf(OpenText("a\n" + std::string(kMaxLineBytes + 1'000'000, 'x'))),
              HasSubstr("keys:2: a line of more than 16777216 bytes"));
}

TEST(LineSourceTest, BytesAreCounted) {
  const Source source = OpenText("a\nb\n");
  EXPECT_EQ(source->bytes_in_all(), 4u);
  EXPECT_EQ(source->bytes_read(), 0u);
  for (std::string_view key; source->Next(key);) {
  }
  EXPECT_EQ(source->bytes_read(), 4u);
}

TEST(LineSourceTest, WhatCannotBeReadSaysSo) {
  EXPECT_EQ(LineSource::Open("no/such", "mine", KeyFormat::kPlain).status().message(),
            "mine: cannot be opened: No such file or directory");
  const absl::StatusOr<Source> folder = LineSource::Open("/", "mine", KeyFormat::kPlain);
  ASSERT_TRUE(folder.ok());
  EXPECT_EQ(ErrorOf(*folder), "mine: cannot be read: Is a directory");
}

// A pipe gives what it has, and has no size.
TEST(LineSourceTest, ADashIsTheStandardInput) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const int standard_input = dup(STDIN_FILENO);
  ASSERT_EQ(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
  ASSERT_EQ(write(ends[1], "a\nb", 3), 3);
  close(ends[1]);
  const absl::StatusOr<Source> source = LineSource::Open("-", "standard input", KeyFormat::kPlain);
  ASSERT_TRUE(source.ok()) << source.status();
  EXPECT_EQ((*source)->bytes_in_all(), 0u);
  EXPECT_THAT(AllKeys(*source), ElementsAre("a", "b"));
  close(ends[0]);
  if (standard_input >= 0) {
    dup2(standard_input, STDIN_FILENO);
    close(standard_input);
  }
}

}  // namespace
}  // namespace keyway::sim

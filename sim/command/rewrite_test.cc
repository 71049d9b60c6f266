#include "sim/command/rewrite.h"

#include <string>

#include "gtest/gtest.h"

namespace keyway::sim {
namespace {

constexpr char kFile[] =
    "# Ours.\n"
    "first:\n"
    "  listen: 127.0.0.1:1\n"
    "  servers:\n"
    "   - h:1:1\n"
    "cache:   # the big one\n"
    "  listen: 127.0.0.1:2\n"
    "  hash: \"md5\"  # since 2015\n"
    "  servers:\n"
    "   - 10.0.0.1:11211:1 one # in the cellar\n"
    "   - /tmp/socket:2 two\n"
    "   - '10.0.0.3:11211:3'\n";

std::string Rewritten(const NewPlacement& placement) {
  const absl::StatusOr<std::string> text = Rewrite(kFile, "f.yml", "cache", placement);
  return text.ok() ? *text : std::string(text.status().message());
}

std::string With(std::string before, std::string after) {
  std::string text = kFile;
  return text.replace(text.find(before), before.size(), after);
}

TEST(RewriteTest, NothingToChangeChangesNothing) {
  EXPECT_EQ(Rewritten({"md5", "ketama", {1, 2, 3}}), kFile);
}

TEST(RewriteTest, AValueChangesWhereItStands) {
  EXPECT_EQ(Rewritten({"murmur", "ketama", {1, 2, 3}}), With("\"md5\"", "\"murmur\""));
}

TEST(RewriteTest, AKeyThatWasLeftOutIsAddedOnTop) {
  EXPECT_EQ(Rewritten({"md5", "maglev", {1, 2, 3}}),
            With("  listen: 127.0.0.1:2\n", "  distribution: maglev\n  listen: 127.0.0.1:2\n"));
}

TEST(RewriteTest, WeightsChangeWithinTheirLines) {
  EXPECT_EQ(Rewritten({"md5", "ketama", {10, 2, 3}}), With("11211:1 one", "11211:10 one"));
  EXPECT_EQ(Rewritten({"md5", "ketama", {1, 25, 3}}), With("socket:2 two", "socket:25 two"));
  EXPECT_EQ(Rewritten({"md5", "ketama", {1, 2, 300}}), With("11211:3'", "11211:300'"));
}

TEST(RewriteTest, LinesMayEndAsTheyDoInWindows) {
  const absl::StatusOr<std::string> text = Rewrite(
      "a:\r\n  listen: h:1\r\n  servers:\r\n   - h:1:1\r\n", "f.yml", "a", {"md5", "ketama", {5}});
  ASSERT_TRUE(text.ok());
  EXPECT_EQ(*text, "a:\r\n  hash: md5\r\n  listen: h:1\r\n  servers:\r\n   - h:1:5\r\n");
}

TEST(RewriteTest, WhatItCannotEditIsSaid) {
  const absl::StatusOr<std::string> text =
      Rewrite("a:\n  listen: h:1\n  hash: \"m\\x645\"\n  servers:\n   - h:1:1\n", "f.yml", "a",
              {"murmur", "ketama", {1}});
  EXPECT_EQ(text.status().message(),
            "f.yml: cannot be changed by a program; write hash: murmur, distribution: ketama into "
            "pool a, and the recommended weights");
}

}  // namespace
}  // namespace keyway::sim

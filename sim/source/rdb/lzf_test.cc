#include "sim/source/rdb/lzf.h"

#include <memory>
#include <optional>
#include <string>

#include "gtest/gtest.h"

namespace keyway::sim {
namespace {

using std::string_literals::operator""s;

// Into exactly as much memory as there is to fill, so that sanitizers see more.
std::optional<std::string> Decompress(std::string_view in, size_t size) {
  const auto out = std::make_unique<char[]>(size);
  if (!DecompressLzf(in, std::span(out.get(), size))) return std::nullopt;
  return std::string(out.get(), size);
}

TEST(LzfTest, Literals) {
  EXPECT_EQ(Decompress("\x02"
                       "abc"s,
                       3),
            "abc");
  EXPECT_EQ(Decompress("\x00"
                       "a"
                       "\x01"
                       "bc"s,
                       3),
            "abc");
  EXPECT_EQ(Decompress(""s, 0), "");
}

TEST(LzfTest, Repetitions) {
  EXPECT_EQ(Decompress("\x02"
                       "abc"
                       "\x20\x02"s,
                       6),
            "abcabc");
  EXPECT_EQ(Decompress("\x01"
                       "ab"
                       "\x80\x01"s,
                       8),
            "abababab")
      << "of what is being written";
  EXPECT_EQ(Decompress("\x00"
                       "a"
                       "\xe0\xff\x00"s,
                       265),
            std::string(265, 'a'));
}

TEST(LzfTest, ReachesBackEightKilobytes) {
  std::string in, text;
  for (int i = 0; i < 256; ++i) {
    const std::string part(32, static_cast<char>(i));
    in += '\x1f' + part;
    text += part;
  }
  EXPECT_EQ(Decompress(in + "\x3f\xff"s, 8192 + 3), text + std::string(3, '\0'));
}

TEST(LzfTest, RefusesWhatIsDamaged) {
  EXPECT_EQ(Decompress("\x02"
                       "ab"s,
                       3),
            std::nullopt)
      << "literals are missing";
  EXPECT_EQ(Decompress("\x02"
                       "abc"s,
                       2),
            std::nullopt)
      << "too much comes out";
  EXPECT_EQ(Decompress("\x02"
                       "abc"s,
                       4),
            std::nullopt)
      << "too little comes out";
  EXPECT_EQ(Decompress("\x00"
                       "a"
                       "\x20\x01"s,
                       4),
            std::nullopt)
      << "before the start";
  EXPECT_EQ(Decompress("\x00"
                       "a"
                       "\x20"s,
                       4),
            std::nullopt)
      << "distance is missing";
  EXPECT_EQ(Decompress("\x00"
                       "a"
                       "\xe0"s,
                       20),
            std::nullopt)
      << "length is missing";
  EXPECT_EQ(Decompress("\x00"
                       "a"
                       "\xe0\x01"s,
                       20),
            std::nullopt)
      << "distance is missing";
  EXPECT_EQ(Decompress("\x00"
                       "a"
                       "\x40\x00"s,
                       4),
            std::nullopt)
      << "repeats too much";
}

}  // namespace
}  // namespace keyway::sim

#include "sim/source/rdb/crc64.h"

#include <random>
#include <string>

#include "gtest/gtest.h"

namespace keyway::sim {
namespace {

std::string RandomBytes(size_t size) {
  std::mt19937 random(1);
  std::string bytes(size, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random());
  return bytes;
}

// The check value of CRC-64/REDIS.
TEST(Crc64Test, CheckValue) {
  EXPECT_EQ(Crc64(0, "123456789"), 0xe9c6d914c4b8d9cau);
  EXPECT_EQ(Crc64ByTables(0, "123456789"), 0xe9c6d914c4b8d9cau);
  EXPECT_EQ(Crc64(0, ""), 0u);
}

TEST(Crc64Test, BothWaysAgreeAtEverySizeAndStart) {
  const std::string bytes = RandomBytes(700);
  for (size_t start = 0; start < 17; ++start) {
    for (size_t size = 0; size + start <= bytes.size(); ++size) {
      const std::string_view part = std::string_view(bytes).substr(start, size);
      ASSERT_EQ(Crc64(start, part), Crc64ByTables(start, part)) << start << ' ' << size;
    }
  }
}

TEST(Crc64Test, PartsContinueEachOther) {
  const std::string bytes = RandomBytes(1000);
  const uint64_t whole = Crc64(0, bytes);
  for (size_t cut = 0; cut <= bytes.size(); ++cut) {
    const std::string_view view = bytes;
    ASSERT_EQ(Crc64(Crc64(0, view.substr(0, cut)), view.substr(cut)), whole) << cut;
  }
}

}  // namespace
}  // namespace keyway::sim

#include "hashing/hash.h"

#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace keyway::hashing {
namespace {

uint64_t Hash(std::string_view name, std::string_view bytes) {
  const HashFunction* function = FindHash(name);
  EXPECT_NE(function, nullptr) << name;
  return function == nullptr ? 0 : function->hash(bytes);
}

// From the functions' own publications, where twemproxy did not change them.
TEST(HashTest, PublishedValues) {
  EXPECT_EQ(Hash("md5", "abc"), 0x98500190u);  // 90 01 50 98 …
  EXPECT_EQ(Hash("crc32a", "123456789"), 0xcbf43926u);
  EXPECT_EQ(Hash("fnv1_32", "foobar"), 0x31f0b262u);
  EXPECT_EQ(Hash("fnv1a_32", "foobar"), 0xbf9cf968u);
  EXPECT_EQ(Hash("one_at_a_time", "a"), 0xca2e9442u);
  EXPECT_EQ(Hash("one_at_a_time", "The quick brown fox jumps over the lazy dog"), 0x519e91f5u);
  EXPECT_EQ(Hash("xxh64", ""), 0xef46db3751d8e999u);
  EXPECT_EQ(Hash("xxh64", "abc"), 0x44bc2cf5ad770999u);
}

// The values that twemproxy made its own.
TEST(HashTest, TwemproxysChanges) {
  EXPECT_EQ(Hash("crc16", "123456789") & 0xffff, 0x31c3u);
  EXPECT_EQ(Hash("crc16", "apple"), 3662830516u);  // above 16 bits
  EXPECT_EQ(Hash("crc32", "123456789"), 0x4bf4u);  // bits 16 to 30 of the CRC

  // 0x84222325 is the low half of the 64-bit basis; 0x80 enters as 0xffffff80.
  EXPECT_EQ(Hash("fnv1a_64", "\x80"), (0x84222325u ^ 0xffffff80u) * 0x1b3u);
  EXPECT_EQ(Hash("fnv1_64", "\x80"), (0x84222325u * 0x1b3u) ^ 0xffffff80u);
}

TEST(HashTest, Table) {
  std::set<std::string_view> names;
  bool twemproxys_over = false;
  for (const HashFunction& function : AllHashes()) {
    EXPECT_TRUE(names.insert(function.name).second) << function.name;
    EXPECT_EQ(FindHash(function.name), &function);
    EXPECT_FALSE(function.twemproxy && twemproxys_over) << function.name;
    twemproxys_over = !function.twemproxy;
  }
  EXPECT_EQ(FindHash("FNV1A_64"), nullptr);
  EXPECT_EQ(FindHash(""), nullptr);
}

// The buffers are exactly as long as their content, for the sanitizers.
TEST(HashTest, ReadsItsBytesAndNoOthersWhereverTheyAre) {
  for (const HashFunction& function : AllHashes()) {
    for (size_t size = 0; size <= 40; ++size) {
      const auto aligned = std::make_unique<char[]>(size);
      const auto shifted = std::make_unique<char[]>(size + 1);
      for (size_t i = 0; i < size; ++i) aligned[i] = static_cast<char>(0xff - 7 * i);
      std::memcpy(shifted.get() + 1, aligned.get(), size);

      const uint64_t value = function.hash({aligned.get(), size});
      EXPECT_EQ(value, function.hash({shifted.get() + 1, size})) << function.name;
      EXPECT_EQ(value >> (function.bits - 1) >> 1, 0u) << function.name;
      if (size == 0) continue;
      aligned[size - 1] ^= 1;
      if (function.name == "crc32") continue;  // may drop the very bits that change
      EXPECT_NE(value, function.hash({aligned.get(), size})) << function.name << " " << size;
    }
  }
}

// Keys of the sizes [least, most], each in a buffer of exactly that size.
std::vector<std::unique_ptr<char[]>> Buffers(size_t count, size_t least, size_t most,
                                             std::vector<std::string_view>& keys) {
  std::mt19937 random(static_cast<uint32_t>(count + most));
  std::vector<std::unique_ptr<char[]>> buffers;
  for (size_t i = 0; i < count; ++i) {
    const size_t size = least + random() % (most - least + 1);
    buffers.push_back(std::make_unique<char[]>(size));
    for (size_t byte = 0; byte < size; ++byte) {
      buffers.back()[byte] = static_cast<char>(random());
    }
    keys.emplace_back(buffers.back().get(), size);
  }
  return buffers;
}

TEST(HashTest, ManyAtOnceHaveTheValuesOfEach) {
  struct Row {
    size_t least, most;
  };
  for (const Row& sizes : {Row{20, 20}, Row{4, 9}, Row{0, 40}, Row{1, 3}, Row{5, 300}}) {
    for (const size_t count : {0, 1, 7, 8, 9, 100}) {
      std::vector<std::string_view> keys;
      const auto buffers = Buffers(count, sizes.least, sizes.most, keys);
      for (const HashFunction& function : AllHashes()) {
        std::vector<uint64_t> values(count);
        function.hash_each(keys, values);
        for (size_t i = 0; i < count; ++i) {
          EXPECT_EQ(values[i], function.hash(keys[i]))
              << function.name << " " << testing::PrintToString(keys[i]);
        }
      }
    }
  }
}

}  // namespace
}  // namespace keyway::hashing

// Keys that tell their values: a server can answer for any of them without having stored
// anything, and whoever gets a reply can check each of its bytes.
#ifndef KEYWAY_TOOLS_BENCH_CONTENT_H_
#define KEYWAY_TOOLS_BENCH_CONTENT_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace keyway::bench {

inline constexpr uint32_t kMaxItems = 1 << 16;
inline constexpr uint32_t kMaxValueBytes = 1 << 20;

// As long as keys commonly are.
inline constexpr size_t kKeyBytes = 16;

struct Item {
  uint32_t number = 0;       // below kMaxItems
  uint32_t value_bytes = 0;  // up to kMaxValueBytes
};

// "key01234:0000512" for item 1234 with a value of 512 bytes.
void AppendKey(Item item, std::string& out);

// The item that a key is of, or nothing if the key is none of AppendKey's.
std::optional<Item> ReadKey(std::string_view key);

// The value of an item, which lives as long as the program. Values of different items
// share no stretch of bytes at the same place, but for chance.
std::string_view ValueOf(Item item);

// splitmix64's finalizer (Steele, Lea, Flood 2014): scatters counters over all numbers.
uint64_t Scatter(uint64_t counter);

}  // namespace keyway::bench

#endif  // KEYWAY_TOOLS_BENCH_CONTENT_H_

// Keys that tell their values: a server can answer for any of them without having stored
// anything, and whoever gets a reply can check each of its bytes.
#ifndef KEYWAY_TOOLS_BENCH_CONTENT_H_
#define KEYWAY_TOOLS_BENCH_CONTENT_H_

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include "tools/bench/digits.h"

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
// The same, into kKeyBytes at `out`.
inline void WriteKey(Item item, char* out);

// The item that a key is of, or nothing if the key is none of AppendKey's.
std::optional<Item> ReadKey(std::string_view key);

// The value of an item, which lives as long as the program. Values of different items
// share no stretch of bytes at the same place, but for chance.
inline std::string_view ValueOf(Item item);

// splitmix64's finalizer (Steele, Lea, Flood 2014): scatters counters over all numbers.
uint64_t Scatter(uint64_t counter);

// --- The rest is details, here to be inlined.

// A key is two words of eight bytes, each with a number in eight digits of which the first
// ones, always 0, are replaced by these.
inline constexpr uint64_t kNumberMask = 0xffffff;
inline constexpr uint64_t kNumberMark = 'k' | 'e' << 8 | 'y' << 16;
inline constexpr uint64_t kSizeMask = 0xff;
inline constexpr uint64_t kSizeMark = ':';
static_assert(kKeyBytes == 2 * sizeof(uint64_t));

constexpr uint64_t Marked(uint32_t number, uint64_t mask, uint64_t mark) {
  return (DigitsOf(number) & ~mask) | mark;
}

inline void WriteKey(Item item, char* out) {
  // All values of a run have one size.
  thread_local uint32_t last_size = 0;
  thread_local uint64_t size = Marked(0, kSizeMask, kSizeMark);
  if (item.value_bytes != last_size) {
    last_size = item.value_bytes;
    size = Marked(last_size, kSizeMask, kSizeMark);
  }
  const uint64_t number = Marked(item.number, kNumberMask, kNumberMark);
  std::memcpy(out, &number, sizeof number);
  std::memcpy(out + sizeof number, &size, sizeof size);
}

// The text that all values are stretches of.
const std::string& AllValues();

inline std::string_view ValueOf(Item item) {
  static const char* const text = AllValues().data();
  return {text + item.number, item.value_bytes};
}

}  // namespace keyway::bench

#endif  // KEYWAY_TOOLS_BENCH_CONTENT_H_

// Words of memcached's lines.
#ifndef KEYWAY_PROXY_PROTOCOL_MEMCACHE_WORDS_H_
#define KEYWAY_PROXY_PROTOCOL_MEMCACHE_WORDS_H_

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace keyway::memcache {

inline constexpr std::string_view kCrLf = "\r\n";

// Where the word that begins at `at` ends: at a space, a control byte or `end`. Eight bytes
// at a time; the lowest mark of a byte up to ' ' is right, and no other one is looked at.
// See "Determine if a word has a byte less than n", S. E. Anderson, Bit Twiddling Hacks.
inline const char* EndOfWord(const char* at, const char* end) {
  static_assert(std::endian::native == std::endian::little);
  constexpr uint64_t kOnes = 0x0101010101010101;
  uint64_t word;
  for (auto left = end - at; left >= ptrdiff_t{sizeof(word)}; left -= sizeof(word)) {
    std::memcpy(&word, at, sizeof(word));
    const uint64_t low = (word - kOnes * (' ' + 1)) & ~word & (kOnes << 7);
    if (low != 0) return at + std::countr_zero(low) / 8;
    at += sizeof(word);
  }
  while (at != end && static_cast<uint8_t>(*at) > ' ') ++at;
  return at;
}

// Whether two keys are the same, for keys of which most are: a call of memcmp takes longer
// than the comparison.
inline bool SameKey(std::string_view a, std::string_view b) {
  uint64_t left;
  uint64_t right;
  if (a.size() != b.size() || a.size() < sizeof(left)) return a == b;
  for (size_t at = 0; at < a.size(); at += sizeof(left)) {
    at = std::min(at, a.size() - sizeof(left));
    std::memcpy(&left, a.data() + at, sizeof(left));
    std::memcpy(&right, b.data() + at, sizeof(right));
    if (left != right) return false;
  }
  return true;
}

}  // namespace keyway::memcache

#endif  // KEYWAY_PROXY_PROTOCOL_MEMCACHE_WORDS_H_

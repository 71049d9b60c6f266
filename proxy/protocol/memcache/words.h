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

// Eight bytes of which those up to ' ' are marked: the lowest mark is right, and there is
// none if there is no such byte. See "Determine if a word has a byte less than n", S. E.
// Anderson, Bit Twiddling Hacks.
inline uint64_t MarkSpaces(const char* at) {
  static_assert(std::endian::native == std::endian::little);
  constexpr uint64_t kOnes = 0x0101010101010101;
  uint64_t bytes;
  std::memcpy(&bytes, at, sizeof(bytes));
  return (bytes - kOnes * (' ' + 1)) & ~bytes & (kOnes << 7);
}

// Where the word that begins at `at` ends: at a space, a control byte or `end`.
inline const char* EndOfWord(const char* at, const char* end) {
  for (auto left = end - at; left >= ptrdiff_t{sizeof(uint64_t)}; left -= sizeof(uint64_t)) {
    const uint64_t spaces = MarkSpaces(at);
    if (spaces != 0) return at + std::countr_zero(spaces) / 8;
    at += sizeof(uint64_t);
  }
  while (at != end && static_cast<uint8_t>(*at) > ' ') ++at;
  return at;
}

// The same, faster if the word is as long as thought: what is behind it can then be looked
// at before it is known where the word ends.
inline const char* EndOfWord(const char* at, const char* end, size_t likely) {
  constexpr size_t kStep = sizeof(uint64_t);
  if (likely < kStep || static_cast<size_t>(end - at) <= likely || at[likely] != ' ') {
    return EndOfWord(at, end);
  }
  uint64_t spaces = MarkSpaces(at + likely - kStep);
  for (size_t i = 0; i + kStep < likely; i += kStep) spaces |= MarkSpaces(at + i);
  return spaces == 0 ? at + likely : EndOfWord(at, end);
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

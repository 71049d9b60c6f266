// Decimal digits, eight at a time: writing and reading them one after the other took a
// quarter of the time of the load generator and of the fake servers.
#ifndef KEYWAY_TOOLS_BENCH_DIGITS_H_
#define KEYWAY_TOOLS_BENCH_DIGITS_H_

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>

namespace keyway::bench {

static_assert(std::endian::native == std::endian::little);

inline constexpr int kEightDigits = 8;
inline constexpr uint64_t kZeroDigits = 0x3030303030303030;

// The digits of a number below 10^8, the first in the lowest byte. Halves, quarters and
// single digits are found side by side, dividing by multiplying.
constexpr uint64_t DigitsOf(uint32_t number) {
  constexpr uint32_t kHalf = 10'000;
  const uint64_t halves = number / kHalf | uint64_t{number % kHalf} << 32;
  const uint64_t hundreds = halves * 10486 >> 20 & 0x0000007f'0000007f;
  const uint64_t quarters = hundreds | (halves - 100 * hundreds) << 16;
  const uint64_t tens = quarters * 103 >> 10 & 0x000f'000f'000f'000f;
  return (tens | (quarters - 10 * tens) << 8) + kZeroDigits;
}

// The number with these digits; nothing if one is none.
constexpr std::optional<uint32_t> NumberOf(uint64_t digits) {
  constexpr uint64_t kHighBits = 0x8080808080808080;
  constexpr uint64_t kAboveNine = 0x4646464646464646;  // sets the high bit from ':' on
  const uint64_t values = digits - kZeroDigits;
  if (((values | (digits + kAboveNine)) & kHighBits) != 0) return std::nullopt;
  const uint64_t quarters = (values * 10 + (values >> 8)) & 0x00ff'00ff'00ff'00ff;
  const uint64_t halves = (quarters * 100 + (quarters >> 16)) & 0x0000ffff'0000ffff;
  return static_cast<uint32_t>(halves) * 10'000 + static_cast<uint32_t>(halves >> 32);
}

// Writes a number below 10^8 without leading zeros, and returns the end of it. Up to eight
// bytes are written.
inline char* WriteNumber(uint32_t number, char* out) {
  const uint64_t digits = DigitsOf(number);
  // The last digit stays, whatever it is.
  const int zeros = std::min(std::countr_zero(digits ^ kZeroDigits) / 8, kEightDigits - 1);
  const uint64_t shown = digits >> (8 * zeros);
  std::memcpy(out, &shown, sizeof shown);
  return out + kEightDigits - zeros;
}

}  // namespace keyway::bench

#endif  // KEYWAY_TOOLS_BENCH_DIGITS_H_

#include "sim/source/rdb/crc64.h"

#include <array>
#include <bit>
#include <cstddef>
#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace keyway::sim {
namespace {

static_assert(std::endian::native == std::endian::little);

// Bit 63 is the coefficient of x^0, bit 0 that of x^63.
constexpr uint64_t kPolynomial = 0x95ac9329ac4bc9b5;

constexpr uint64_t TimesX(uint64_t value) { return value >> 1 ^ (value & 1 ? kPolynomial : 0); }

// kTables[n][b]: what a byte b changes that n more bytes follow.
constexpr size_t kSlices = 8;
using Tables = std::array<std::array<uint64_t, 256>, kSlices>;

constexpr Tables MakeTables() {
  Tables tables{};
  for (size_t byte = 0; byte < 256; ++byte) {
    uint64_t value = byte;
    for (int bit = 0; bit < 8; ++bit) value = TimesX(value);
    tables[0][byte] = value;
  }
  for (size_t slice = 1; slice < kSlices; ++slice) {
    for (size_t byte = 0; byte < 256; ++byte) {
      const uint64_t before = tables[slice - 1][byte];
      tables[slice][byte] = tables[0][before & 0xff] ^ before >> 8;
    }
  }
  return tables;
}

constexpr Tables kTables = MakeTables();

#if defined(__x86_64__)

// x^n modulo the polynomial.
constexpr uint64_t PowerOfX(int n) {
  uint64_t value = uint64_t{1} << 63;
  for (int i = 0; i < n; ++i) value = TimesX(value);
  return value;
}

// 16 bytes of the message, the first 8 of them in the lower half.
using Word = __m128i;

// What carries a word over `bits` bits: a factor for each half. The product of two
// reflected numbers comes out multiplied by x, hence the exponents' - 1.
template <int bits>
[[gnu::target("pclmul,sse4.1")]] inline Word Fold(Word word, Word onto) {
  constexpr uint64_t kLow = PowerOfX(bits + 64 - 1), kHigh = PowerOfX(bits - 1);
  const Word factors = _mm_set_epi64x(static_cast<int64_t>(kHigh), static_cast<int64_t>(kLow));
  return _mm_xor_si128(onto, _mm_xor_si128(_mm_clmulepi64_si128(word, factors, 0x00),
                                           _mm_clmulepi64_si128(word, factors, 0x11)));
}

constexpr size_t kLanes = 4, kStep = kLanes * sizeof(Word);

// V. Gopal et al., "Fast CRC Computation for Generic Polynomials Using PCLMULQDQ
// Instruction" (Intel, 2009), but for its last step: what is left of the folding are 16
// bytes with the same remainder, and the tables do those. Takes whole steps.
[[gnu::target("pclmul,sse4.1")]] uint64_t FoldedCrc64(uint64_t crc, const char* bytes,
                                                      size_t size) {
  const auto load = [&](size_t at) __attribute__((target("pclmul,sse4.1"))) {
    return _mm_loadu_si128(reinterpret_cast<const Word*>(bytes + at));
  };
  Word lanes[kLanes] = {load(0), load(16), load(32), load(48)};
  lanes[0] = _mm_xor_si128(lanes[0], _mm_cvtsi64_si128(static_cast<int64_t>(crc)));
  for (size_t at = kStep; at < size; at += kStep) {
    lanes[0] = Fold<8 * kStep>(lanes[0], load(at));
    lanes[1] = Fold<8 * kStep>(lanes[1], load(at + 16));
    lanes[2] = Fold<8 * kStep>(lanes[2], load(at + 32));
    lanes[3] = Fold<8 * kStep>(lanes[3], load(at + 48));
  }
  Word word = Fold<128>(lanes[0], lanes[1]);
  word = Fold<128>(word, lanes[2]);
  word = Fold<128>(word, lanes[3]);
  char rest[sizeof(Word)];
  _mm_storeu_si128(reinterpret_cast<Word*>(rest), word);
  return Crc64ByTables(0, std::string_view(rest, sizeof(rest)));
}

#endif

}  // namespace

uint64_t Crc64ByTables(uint64_t crc, std::string_view bytes) {
  const char* at = bytes.data();
  size_t left = bytes.size();
  for (; left >= kSlices; at += kSlices, left -= kSlices) {
    uint64_t word;
    std::memcpy(&word, at, sizeof(word));
    crc ^= word;
    crc = kTables[7][crc & 0xff] ^ kTables[6][crc >> 8 & 0xff] ^ kTables[5][crc >> 16 & 0xff] ^
          kTables[4][crc >> 24 & 0xff] ^ kTables[3][crc >> 32 & 0xff] ^
          kTables[2][crc >> 40 & 0xff] ^ kTables[1][crc >> 48 & 0xff] ^ kTables[0][crc >> 56];
  }
  for (; left > 0; ++at, --left) {
    crc = kTables[0][(crc ^ static_cast<unsigned char>(*at)) & 0xff] ^ crc >> 8;
  }
  return crc;
}

uint64_t Crc64(uint64_t crc, std::string_view bytes) {
#if defined(__x86_64__)
  static const bool folds = __builtin_cpu_supports("pclmul") && __builtin_cpu_supports("sse4.1");
  const size_t steps = bytes.size() / kStep * kStep;
  if (folds && steps > 0) {
    crc = FoldedCrc64(crc, bytes.data(), steps);
    bytes.remove_prefix(steps);
  }
#endif
  return Crc64ByTables(crc, bytes);
}

}  // namespace keyway::sim

// Where lines end, 64 bytes at a time: a key is shorter than it takes to call memchr.
#ifndef KEYWAY_SIM_SOURCE_FORMAT_LINE_ENDS_H_
#define KEYWAY_SIM_SOURCE_FORMAT_LINE_ENDS_H_

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include <cstddef>
#include <cstdint>

namespace keyway::sim {

// Bit i tells whether bytes[i] is a line feed.
inline uint64_t LineEnds(const char* bytes) {
  uint64_t ends = 0;
#ifdef __SSE2__
  const __m128i line_feeds = _mm_set1_epi8('\n');
  for (int part = 0; part < 4; ++part) {
    const auto* const place = reinterpret_cast<const __m128i*>(bytes + 16 * part);
    const __m128i found = _mm_cmpeq_epi8(_mm_loadu_si128(place), line_feeds);
    ends |= static_cast<uint64_t>(_mm_movemask_epi8(found)) << (16 * part);
  }
#else
  for (size_t i = 0; i < 64; ++i) ends |= static_cast<uint64_t>(bytes[i] == '\n') << i;
#endif
  return ends;
}

}  // namespace keyway::sim

#endif  // KEYWAY_SIM_SOURCE_FORMAT_LINE_ENDS_H_

#include "hashing/bytes.h"
#include "hashing/functions.h"

namespace keyway::hashing {

uint64_t Murmur(std::string_view bytes) {
  constexpr uint32_t kMultiplier = 0x5bd1e995;
  const uint32_t length = static_cast<uint32_t>(bytes.size());
  uint32_t hash = (0xdeadbeef * length) ^ length;
  const char* next = bytes.data();
  for (size_t blocks = bytes.size() / 4; blocks > 0; --blocks, next += 4) {
    uint32_t word = Load32(next) * kMultiplier;
    word ^= word >> 24;
    hash = (hash * kMultiplier) ^ (word * kMultiplier);
  }

  switch (bytes.size() % 4) {
    case 3:
      hash ^= Unsigned(next[2]) << 16;
      [[fallthrough]];
    case 2:
      hash ^= Unsigned(next[1]) << 8;
      [[fallthrough]];
    case 1:
      hash ^= Unsigned(next[0]);
      hash *= kMultiplier;
      break;
  }

  hash ^= hash >> 13;
  hash *= kMultiplier;
  hash ^= hash >> 15;
  return hash;
}

}  // namespace keyway::hashing

#include "hashing/bytes.h"
#include "hashing/functions.h"

namespace keyway::hashing {

uint64_t Hsieh(std::string_view bytes) {
  uint32_t hash = 0;
  const char* next = bytes.data();
  for (size_t blocks = bytes.size() / 4; blocks > 0; --blocks, next += 4) {
    hash += Load16(next);
    hash = (hash << 16) ^ (Load16(next + 2) << 11) ^ hash;
    hash += hash >> 11;
  }

  switch (bytes.size() % 4) {
    case 3:
      hash += Load16(next);
      hash ^= hash << 16;
      hash ^= SignExtended(next[2]) << 18;
      hash += hash >> 11;
      break;
    case 2:
      hash += Load16(next);
      hash ^= hash << 11;
      hash += hash >> 17;
      break;
    case 1:
      hash += Unsigned(next[0]);
      hash ^= hash << 10;
      hash += hash >> 1;
      break;
  }

  hash ^= hash << 3;
  hash += hash >> 5;
  hash ^= hash << 4;
  hash += hash >> 17;
  hash ^= hash << 25;
  hash += hash >> 6;
  return hash;
}

}  // namespace keyway::hashing

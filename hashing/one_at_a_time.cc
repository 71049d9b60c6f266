#include "hashing/bytes.h"
#include "hashing/functions.h"

namespace keyway::hashing {

uint64_t OneAtATime(std::string_view bytes) {
  uint32_t hash = 0;
  for (const char byte : bytes) {
    hash += SignExtended(byte);
    hash += hash << 10;
    hash ^= hash >> 6;
  }
  hash += hash << 3;
  hash ^= hash >> 11;
  hash += hash << 15;
  return hash;
}

}  // namespace keyway::hashing

// How hash functions read their input. Private to this folder.
#ifndef KEYWAY_HASHING_BYTES_H_
#define KEYWAY_HASHING_BYTES_H_

#include <cstdint>

namespace keyway::hashing {

// `byte` as unsigned, and as a signed char widened to 32 bits, whatever char is here.
constexpr uint32_t Unsigned(char byte) { return static_cast<uint8_t>(byte); }
constexpr uint32_t SignExtended(char byte) {
  return static_cast<uint32_t>(static_cast<int32_t>(static_cast<int8_t>(byte)));
}

// Little-endian words, aligned or not; compilers make one load of each.
constexpr uint32_t Load16(const char* bytes) {
  return Unsigned(bytes[0]) | Unsigned(bytes[1]) << 8;
}
constexpr uint32_t Load32(const char* bytes) { return Load16(bytes) | Load16(bytes + 2) << 16; }

}  // namespace keyway::hashing

#endif  // KEYWAY_HASHING_BYTES_H_

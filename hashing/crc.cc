#include <zlib.h>

#include "hashing/bytes.h"
#include "hashing/crc16_table.h"
#include "hashing/functions.h"

namespace keyway::hashing {
namespace {

uint32_t ZlibCrc32(std::string_view bytes) {
  return static_cast<uint32_t>(
      crc32_z(0, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()));
}

}  // namespace

uint64_t Crc16(std::string_view bytes) {
  uint32_t crc = 0;
  for (const char byte : bytes) {
    crc = (crc << 8) ^ kCrc16Table[((crc >> 8) ^ Unsigned(byte)) & 0xff];
  }
  return crc;
}

uint64_t Crc32(std::string_view bytes) { return (ZlibCrc32(bytes) >> 16) & 0x7fff; }

uint64_t Crc32a(std::string_view bytes) { return ZlibCrc32(bytes); }

}  // namespace keyway::hashing

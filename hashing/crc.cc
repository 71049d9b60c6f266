#include <zlib.h>

#include <array>

#include "hashing/bytes.h"
#include "hashing/functions.h"

namespace keyway::hashing {
namespace {

constexpr std::array<uint32_t, 256> MakeCrc16Table() {
  std::array<uint32_t, 256> table{};
  for (uint32_t byte = 0; byte < table.size(); ++byte) {
    uint32_t rest = byte << 8;
    for (int bit = 0; bit < 8; ++bit) rest = (rest << 1) ^ ((rest & 0x8000) != 0 ? 0x1021 : 0);
    table[byte] = rest & 0xffff;
  }
  return table;
}

constexpr std::array<uint32_t, 256> kCrc16Table = MakeCrc16Table();

uint32_t ZlibCrc32(std::string_view bytes) {
  return static_cast<uint32_t>(
      crc32_z(0, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()));
}

}  // namespace

uint64_t Crc16(std::string_view bytes) {
  uint32_t crc = 0;
  for (const char byte : bytes)
    crc = (crc << 8) ^ kCrc16Table[((crc >> 8) ^ Unsigned(byte)) & 0xff];
  return crc;
}

uint64_t Crc32(std::string_view bytes) { return (ZlibCrc32(bytes) >> 16) & 0x7fff; }

uint64_t Crc32a(std::string_view bytes) { return ZlibCrc32(bytes); }

}  // namespace keyway::hashing

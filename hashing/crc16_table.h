// CRC-CCITT by bytes: polynomial 0x1021, high bit first. Private to this folder.
#ifndef KEYWAY_HASHING_CRC16_TABLE_H_
#define KEYWAY_HASHING_CRC16_TABLE_H_

#include <array>
#include <cstdint>

namespace keyway::hashing {

constexpr std::array<uint16_t, 256> kCrc16Table = [] {
  std::array<uint16_t, 256> table{};
  for (uint32_t byte = 0; byte < table.size(); ++byte) {
    uint32_t rest = byte << 8;
    for (int bit = 0; bit < 8; ++bit) rest = (rest << 1) ^ ((rest & 0x8000) != 0 ? 0x1021 : 0);
    table[byte] = static_cast<uint16_t>(rest);
  }
  return table;
}();

}  // namespace keyway::hashing

#endif  // KEYWAY_HASHING_CRC16_TABLE_H_

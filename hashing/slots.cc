#include "hashing/slots.h"

#include "hashing/bytes.h"
#include "hashing/crc16_table.h"
#include "hashing/hash_tag.h"

namespace keyway::hashing {

// Unlike twemproxy's function "crc16", this one stays in 16 bits.
uint16_t SlotOf(std::string_view key) {
  uint16_t crc = 0;
  for (const char byte : TaggedPart(key, "{}")) {
    crc = static_cast<uint16_t>((crc << 8) ^ kCrc16Table[(crc >> 8) ^ Unsigned(byte)]);
  }
  return crc % kSlotCount;
}

}  // namespace keyway::hashing

// The checksum at the end of an RDB file.
#ifndef KEYWAY_SIM_SOURCE_RDB_CRC64_H_
#define KEYWAY_SIM_SOURCE_RDB_CRC64_H_

#include <cstdint>
#include <string_view>

namespace keyway::sim {

// CRC-64/REDIS in the catalogue of parametrised CRC algorithms: Jones's polynomial
// 0xad93d23594c935a9, reflected, starting at 0. `crc` is that of the bytes before.
uint64_t Crc64(uint64_t crc, std::string_view bytes);

// The same by tables alone, as on processors without carry-less multiplication.
uint64_t Crc64ByTables(uint64_t crc, std::string_view bytes);

}  // namespace keyway::sim

#endif  // KEYWAY_SIM_SOURCE_RDB_CRC64_H_

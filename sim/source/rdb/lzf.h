// Decompresses what Redis compresses: long strings, and keys among them.
#ifndef KEYWAY_SIM_SOURCE_RDB_LZF_H_
#define KEYWAY_SIM_SOURCE_RDB_LZF_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace keyway::sim {

// So many bytes can come out of `compressed` ones at most: three that repeat 264.
constexpr uint64_t MostOfLzf(uint64_t compressed) { return compressed * 88; }

// The stream format of Marc Lehmann's LibLZF. Fills `out` exactly; false if `in` is no
// such stream, or one of another length.
bool DecompressLzf(std::string_view in, std::span<char> out);

}  // namespace keyway::sim

#endif  // KEYWAY_SIM_SOURCE_RDB_LZF_H_

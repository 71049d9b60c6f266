// Decompresses what Redis compresses: long strings, and keys among them.
#ifndef KEYWAY_SIM_SOURCE_RDB_LZF_H_
#define KEYWAY_SIM_SOURCE_RDB_LZF_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace keyway::sim {

// What comes out is so many times larger at most: 3 bytes repeat 264.
inline constexpr uint64_t kMostLzfGrowth = 88;

// The stream format of Marc Lehmann's LibLZF. Fills `out` exactly; false if `in` is no
// such stream, or one of another length.
bool DecompressLzf(std::string_view in, std::span<char> out);

}  // namespace keyway::sim

#endif  // KEYWAY_SIM_SOURCE_RDB_LZF_H_

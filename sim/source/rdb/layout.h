// How RDB files write lengths, strings and values. A value is passed over by its layout, a
// text that says what follows what; nothing of it is built.
#ifndef KEYWAY_SIM_SOURCE_RDB_LAYOUT_H_
#define KEYWAY_SIM_SOURCE_RDB_LAYOUT_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "sim/source/rdb/input.h"

namespace keyway::sim {

// The functions are false after an error, which is the input's status.

bool ReadLength(RdbInput& input, uint64_t& length);

// No string that is read is longer, as no key is that redis-server takes by default.
inline constexpr uint64_t kMostStringBytes = 512 * 1024 * 1024;

// Adds a string to the end of `text`, as it was before it was written: decompressed, and
// integers as digits.
bool ReadString(RdbInput& input, std::string& text);

// The parts of a layout:
//
//   l    a length               1 4 8  so many bytes
//   s    a string               I      the 16 bytes of a stream's entry ID
//   d    a number as text       m      what a module wrote, which says itself where it ends
//   ( )  a length, and so many times what is in between
//
// Adds to `bytes` what the value holds: the lengths of its strings, uncompressed, and of
// its fields of fixed size.
bool SkipLayout(RdbInput& input, std::string_view layout, uint64_t& bytes);

// The layout of a type of values; empty if there is no such type.
std::string_view LayoutOfValue(uint8_t type);

}  // namespace keyway::sim

#endif  // KEYWAY_SIM_SOURCE_RDB_LAYOUT_H_

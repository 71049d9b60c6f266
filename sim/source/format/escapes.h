// How programs write keys that hold what their formats cannot. Every function returns the
// key, which is `text` itself where nothing is escaped and lies in the sink's room
// otherwise; nothing where the escapes are broken.
#ifndef KEYWAY_SIM_SOURCE_FORMAT_ESCAPES_H_
#define KEYWAY_SIM_SOURCE_FORMAT_ESCAPES_H_

#include <cstddef>
#include <optional>
#include <string_view>

#include "sim/source/source.h"

namespace keyway::sim {

// Two hexadecimal digits for each byte.
std::optional<std::string_view> FromHex(std::string_view text, RecordSink& sink);

// %41, as memcached writes keys.
std::optional<std::string_view> FromPercent(std::string_view text, RecordSink& sink);

// RFC 4648, with padding.
std::optional<std::string_view> FromBase64(std::string_view text, RecordSink& sink);

// What stands between the quotes where Redis quotes: \" \\ \n \r \t \a \b \x41; and as
// JSON does with bytes: \f \/ \u0041.
std::optional<std::string_view> FromQuoted(std::string_view text, RecordSink& sink);

// How many bytes FromQuoted would make of it.
size_t QuotedSize(std::string_view text);

// \x00, and likewise other bytes that cannot be printed. Any other backslash stands for
// itself, so this never fails.
std::string_view FromUnprintable(std::string_view text, RecordSink& sink);

}  // namespace keyway::sim

#endif  // KEYWAY_SIM_SOURCE_FORMAT_ESCAPES_H_

// The line that a request begins with, understood.
#ifndef KEYWAY_PROXY_PROTOCOL_MEMCACHE_LINE_H_
#define KEYWAY_PROXY_PROTOCOL_MEMCACHE_LINE_H_

#include <cstdint>
#include <optional>
#include <string_view>

#include "proxy/protocol/request.h"

namespace keyway::memcache {

// Reads the line that request.bytes begins with, `line_size` bytes without its line end:
// fills the arguments, the command, the cut with the quiet flag, the decoded key and,
// if the line is wrong, the refusal. Returns the size of the data block that
// follows. Nothing if none follows or if the line does not say how large it is.
std::optional<uint64_t> ReadLine(size_t line_size, Request& request);

}  // namespace keyway::memcache

#endif  // KEYWAY_PROXY_PROTOCOL_MEMCACHE_LINE_H_

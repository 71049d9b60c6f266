// Text for formats that must be UTF-8. Names come from files and errors from peers,
// and both may hold any bytes.
#ifndef KEYWAY_PROXY_STATS_UTF8_H_
#define KEYWAY_PROXY_STATS_UTF8_H_

#include <string>
#include <string_view>

namespace keyway {

// `text` with U+FFFD for each byte that is no part of a well-formed sequence (RFC
// 3629, section 4).
std::string ValidUtf8(std::string_view text);

}  // namespace keyway

#endif  // KEYWAY_PROXY_STATS_UTF8_H_

// Bytes as a line of text. Private to this folder.
#ifndef KEYWAY_SIM_PARTIAL_LINE_H_
#define KEYWAY_SIM_PARTIAL_LINE_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace keyway::sim {

// Of the bytes in a line. Far more than counts of thousands of servers take.
inline constexpr size_t kMaxPackedBytes = 256 * 1024 * 1024;

// keyway-partial:1: and the compressed bytes in base64: one word, which no engine takes
// apart. Has no line feed.
absl::StatusOr<std::string> PackLine(std::string_view bytes);

// The reverse. Leaves out a key and a tab before the word, and white space behind it: so
// engines hand lines on. Fails where a bit is not as it was.
absl::StatusOr<std::string> UnpackLine(std::string_view line);

}  // namespace keyway::sim

#endif  // KEYWAY_SIM_PARTIAL_LINE_H_

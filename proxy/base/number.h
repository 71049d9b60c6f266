// Numbers as people write them.
#ifndef KEYWAY_PROXY_BASE_NUMBER_H_
#define KEYWAY_PROXY_BASE_NUMBER_H_

#include <charconv>
#include <optional>
#include <string_view>
#include <system_error>

namespace keyway {

// A decimal number of digits only, if it is one and from `least` (at least 0) to `most`.
inline std::optional<int> ParseNumber(std::string_view text, int least, int most) {
  int value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  const bool digits = error == std::errc() && stop == end && !text.starts_with('-');
  if (!digits || value < least || value > most) return std::nullopt;
  return value;
}

}  // namespace keyway

#endif  // KEYWAY_PROXY_BASE_NUMBER_H_

// Decimal numbers as memcached's lines have them.
#ifndef KEYWAY_PROXY_PROTOCOL_MEMCACHE_NUMBER_H_
#define KEYWAY_PROXY_PROTOCOL_MEMCACHE_NUMBER_H_

#include <charconv>
#include <optional>
#include <string_view>
#include <system_error>

namespace keyway::memcache {

// The number that is the whole of `text`: digits that fit into T, with a minus sign
// in front if T has negative values. No plus sign, no spaces.
template <class T>
std::optional<T> ReadNumber(std::string_view text) {
  T value{};
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || rest != end) return std::nullopt;
  return value;
}

}  // namespace keyway::memcache

#endif  // KEYWAY_PROXY_PROTOCOL_MEMCACHE_NUMBER_H_

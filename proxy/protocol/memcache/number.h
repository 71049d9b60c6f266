// Decimal numbers as memcached's lines have them.
#ifndef KEYWAY_PROXY_PROTOCOL_MEMCACHE_NUMBER_H_
#define KEYWAY_PROXY_PROTOCOL_MEMCACHE_NUMBER_H_

#include <charconv>
#include <cstddef>
#include <optional>
#include <string_view>
#include <system_error>

namespace keyway::memcache {

// So many digits fit into 32 bits.
inline constexpr size_t kShortNumber = 9;

// The number that is the whole of `text`: digits that fit into T, with a minus sign
// in front if T has negative values. No plus sign, no spaces.
template <class T>
std::optional<T> ReadNumber(std::string_view text) {
  T value{};
  if (text.size() <= kShortNumber && !text.empty()) {
    // Nearly all are short, and this takes a fraction of from_chars' time.
    size_t at = 0;
    for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at) {
      value = static_cast<T>(value * 10 + (text[at] - '0'));
    }
    if (at == text.size()) return value;
    if (text[0] != '-') return std::nullopt;
    value = {};
  }
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || rest != end) return std::nullopt;
  return value;
}

}  // namespace keyway::memcache

#endif  // KEYWAY_PROXY_PROTOCOL_MEMCACHE_NUMBER_H_

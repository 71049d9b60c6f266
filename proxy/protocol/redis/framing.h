// What requests and replies of RESP have in common: header lines, which are a type
// byte, a decimal number and CRLF, and bulk strings.
// https://redis.io/docs/reference/protocol-spec/
#ifndef KEYWAY_PROXY_PROTOCOL_REDIS_FRAMING_H_
#define KEYWAY_PROXY_PROTOCOL_REDIS_FRAMING_H_

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string_view>

#include "proxy/base/buffer.h"
#include "proxy/protocol/codec.h"

namespace keyway::redis {

// Reads the decimal number and the CRLF that begin at `at`, and moves `at` behind
// them (kDone only). As strict as Redis is with requests: no sign but '-', no leading
// zeros; so what is accepted here and forwarded is not refused there.
inline Parsed ReadNumber(std::string_view input, size_t& at, int64_t& number) {
  constexpr size_t kMaxDigits = 19;
  size_t i = at;
  const bool negative = i < input.size() && input[i] == '-';
  if (negative) ++i;
  const size_t first = i;
  const size_t end = std::min(input.size(), first + kMaxDigits);
  uint64_t value = 0;
  for (; i < end; ++i) {
    const unsigned digit = static_cast<uint8_t>(input[i]) - static_cast<unsigned>('0');
    if (digit > 9) break;
    value = value * 10 + digit;
  }
  if (i > first + 1 && input[first] == '0') return Parsed::kBad;
  if (i == input.size()) return Parsed::kNeedMore;
  const uint64_t limit = static_cast<uint64_t>(std::numeric_limits<int64_t>::max()) + negative;
  if (i == first || input[i] != '\r' || value > limit || (negative && value == 0)) {
    return Parsed::kBad;
  }
  if (i + 1 == input.size()) return Parsed::kNeedMore;
  if (input[i + 1] != '\n') return Parsed::kBad;
  number = static_cast<int64_t>(negative ? 0 - value : value);
  at = i + 2;
  return Parsed::kDone;
}

// Whether the two bytes at `place` are a line end.
inline bool IsCrLf(const char* place) { return std::memcmp(place, "\r\n", 2) == 0; }

// Moves `at`, where `size` bytes of payload begin, behind their CRLF. False, with `at` as
// it was, unless all of it is there and right.
inline bool PassBulk(std::string_view input, size_t& at, uint64_t size) {
  const size_t left = input.size() - at;
  if (left < 2 || size > left - 2) return false;
  const size_t end = at + static_cast<size_t>(size);
  if (!IsCrLf(input.data() + end)) return false;
  at = end + 2;
  return true;
}

// Passes the bulk string that begins at `at`, header and all, if the whole of it is there,
// is right and has at most 999 bytes. `payload` is then what it holds. Otherwise
// nothing is moved, and it may still be a bulk string. Requests and replies have hundreds
// of these, and this takes a third of the time of ReadNumber and PassBulk.
inline bool PassShortBulk(std::string_view input, size_t& at, std::string_view& payload) {
  constexpr std::string_view kEmpty = "$0\r\n\r\n";
  constexpr size_t kMostDigits = 3;  // less than kEmpty leaves behind the '$'
  if (input.size() - at < kEmpty.size()) return false;
  const char* const header = input.data() + at;
  if (header[0] != '$') return false;
  unsigned size = static_cast<uint8_t>(header[1]) - static_cast<unsigned>('0');
  if (size > 9) return false;
  size_t end = 2;
  for (; end <= kMostDigits; ++end) {
    const unsigned digit = static_cast<uint8_t>(header[end]) - static_cast<unsigned>('0');
    if (digit > 9) break;
    if (size == 0) return false;
    size = size * 10 + digit;
  }
  if (!IsCrLf(header + end)) return false;
  end += 2;
  if (input.size() - at - end < size + size_t{2} || !IsCrLf(header + end + size)) return false;
  payload = {header + end, size};
  at += end + size + 2;
  return true;
}

// Appends a header line.
inline void AppendHeader(char type, uint64_t number, OutputBuffer& out) {
  std::array<char, 24> line;
  line[0] = type;
  char* end = std::to_chars(line.data() + 1, line.data() + line.size(), number).ptr;
  *end++ = '\r';
  *end++ = '\n';
  out.Append({line.data(), static_cast<size_t>(end - line.data())});
}

// The rest of a bulk string that is passed on while it arrives.
class BulkRest {
 public:
  // `size` bytes of payload and their CRLF are to come.
  void Begin(uint64_t size) { left_ = size + 2; }
  bool done() const { return left_ == 0; }

  // Takes what belongs to the bulk string from `input` at `at`, and moves `at` behind it.
  Parsed Take(std::string_view input, size_t& at) {
    if (left_ > 2) {
      const size_t count = static_cast<size_t>(std::min<uint64_t>(left_ - 2, input.size() - at));
      at += count;
      left_ -= count;
    }
    for (; left_ != 0 && at < input.size(); ++at, --left_) {
      if (input[at] != (left_ == 2 ? '\r' : '\n')) return Parsed::kBad;
    }
    return left_ == 0 ? Parsed::kDone : Parsed::kNeedMore;
  }

 private:
  uint64_t left_ = 0;
};

}  // namespace keyway::redis

#endif  // KEYWAY_PROXY_PROTOCOL_REDIS_FRAMING_H_

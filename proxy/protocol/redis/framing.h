// What requests and replies of RESP have in common: header lines, which are a type
// byte, a decimal number and CRLF, and bulk strings.
// https://redis.io/docs/reference/protocol-spec/
#ifndef KEYWAY_PROXY_PROTOCOL_REDIS_FRAMING_H_
#define KEYWAY_PROXY_PROTOCOL_REDIS_FRAMING_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>

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
  uint64_t value = 0;
  for (; i < input.size(); ++i) {
    const unsigned digit = static_cast<uint8_t>(input[i]) - static_cast<unsigned>('0');
    if (digit > 9) break;
    if (i - first == kMaxDigits || (i != first && value == 0)) return Parsed::kBad;
    value = value * 10 + digit;
  }
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

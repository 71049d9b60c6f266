// What memcached's replies have hundreds of: a VALUE line and the data behind it.
#ifndef KEYWAY_PROXY_PROTOCOL_MEMCACHE_VALUE_BLOCK_H_
#define KEYWAY_PROXY_PROTOCOL_MEMCACHE_VALUE_BLOCK_H_

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <system_error>

#include "proxy/base/limits.h"
#include "proxy/protocol/memcache/words.h"

namespace keyway::memcache {

struct ValueLine {
  size_t key_size = 0;
  uint64_t data_bytes = 0;
};

// Moves `at` behind a space and a number of 64 bits, both of which must stand there. Some
// byte that is no digit follows before the bytes end.
inline bool PassNumber(const char*& at, uint64_t& number) {
  constexpr size_t kSurelyFits = 19;  // digits
  if (*at != ' ') return false;
  const char* const begin = ++at;
  uint64_t value = 0;
  for (unsigned digit; (digit = static_cast<uint8_t>(*at - '0')) <= 9; ++at) {
    value = value * 10 + digit;
  }
  number = value;
  const auto digits = static_cast<size_t>(at - begin);
  if (digits - 1 < kSurelyFits) return true;
  uint64_t checked;
  return std::from_chars(begin, at, checked).ec == std::errc();
}

// Reads "<key> <flags> <bytes>[ <cas>]" and a line end. What lies from `at` to `end` ends
// in LF, so that only words need to look out for the end. Returns what follows; null if
// something else stands there. Faster if line.key_size is that of the key already.
inline const char* PassValueLine(const char* at, const char* end, ValueLine& line) {
  const char* const key = at;
  at = EndOfWord(at, end, line.key_size);
  line.key_size = static_cast<size_t>(at - key);
  uint64_t number;
  if (at == key || !PassNumber(at, number) || !PassNumber(at, line.data_bytes)) return nullptr;
  if (*at == ' ' && !PassNumber(at, number)) return nullptr;
  if (at[0] != '\r' || at[1] != '\n' || line.data_bytes > kMaxMemcacheItemBytes) return nullptr;
  return at + kCrLf.size();
}

inline constexpr std::string_view kValueBegin = "VALUE ";

// Goes through the VALUE blocks that a reply, or what has come of it, begins with.
class ValueBlocks {
 public:
  // What follows the last LF is no whole block.
  explicit ValueBlocks(std::string_view reply) : reply_(reply.data()), at_(reply.data()) {
    const void* last = reply.empty() ? nullptr : memrchr(at_, '\n', reply.size());
    end_ = last == nullptr ? at_ : static_cast<const char*>(last) + 1;
  }

  // Moves to the next block. False if there is none that is whole and right: what comes
  // then is something else, and ReadReplyLine may tell what.
  bool Next() {
    constexpr std::string_view kLeast = "VALUE k 0 0\r\n\r\n";
    if (static_cast<size_t>(end_ - at_) < kLeast.size()) return false;
    if (std::memcmp(at_, kValueBegin.data(), kValueBegin.size()) != 0) return false;
    const char* const data = PassValueLine(at_ + kValueBegin.size(), end_, line_);
    if (data == nullptr || line_.data_bytes + kCrLf.size() > static_cast<size_t>(end_ - data)) {
      return false;
    }
    const char* const data_end = data + line_.data_bytes;
    if (std::memcmp(data_end, kCrLf.data(), kCrLf.size()) != 0) return false;
    at_ = data_end + kCrLf.size();
    return true;
  }

  // Moves behind the END that a reply ends with. False if it does not stand there.
  bool PassEnd() {
    constexpr std::string_view kEnd = "END\r\n";
    if (static_cast<size_t>(end_ - at_) < kEnd.size()) return false;
    if (std::memcmp(at_, kEnd.data(), kEnd.size()) != 0) return false;
    at_ += kEnd.size();
    return true;
  }

  // The size of what it has moved over.
  size_t passed() const { return static_cast<size_t>(at_ - reply_); }

 private:
  const char* const reply_;
  const char* at_;
  const char* end_;
  ValueLine line_;  // of the last block
};

}  // namespace keyway::memcache

#endif  // KEYWAY_PROXY_PROTOCOL_MEMCACHE_VALUE_BLOCK_H_

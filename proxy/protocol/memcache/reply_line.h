// One line of a server's reply, understood.
#ifndef KEYWAY_PROXY_PROTOCOL_MEMCACHE_REPLY_LINE_H_
#define KEYWAY_PROXY_PROTOCOL_MEMCACHE_REPLY_LINE_H_

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>

#include "proxy/protocol/memcache/words.h"

namespace keyway::memcache {

// The word that a line begins with.
enum class ReplyWord : uint8_t {
  kError,  // ERROR, CLIENT_ERROR, SERVER_ERROR
  kNumber,
  kStored,
  kNotStored,
  kExists,
  kNotFound,
  kDeleted,
  kTouched,
  kOk,
  kReset,
  kVersion,
  kValue,
  kStat,
  kItem,
  kPrefix,
  kEnd,
  // The meta commands' return codes.
  kHd,
  kVa,
  kEn,
  kNf,
  kNs,
  kEx,
  kMe,
};

class ReplyWords {
 public:
  constexpr ReplyWords() = default;
  constexpr ReplyWords(std::initializer_list<ReplyWord> words) {
    for (const ReplyWord word : words) bits_ |= Bit(word);
  }
  constexpr bool Has(ReplyWord word) const { return (bits_ & Bit(word)) != 0; }

 private:
  static constexpr uint32_t Bit(ReplyWord word) { return 1u << static_cast<unsigned>(word); }
  uint32_t bits_ = 0;
};

struct ReplyLine {
  ReplyWord word = ReplyWord::kError;
  uint64_t data_bytes = 0;  // VALUE, VA: what follows the line, its own line end not counted
};

// VALUE and VA announce data.
constexpr bool HasData(ReplyWord word) {
  return word == ReplyWord::kValue || word == ReplyWord::kVa;
}

// Further lines of the same reply follow these.
constexpr bool Continues(ReplyWord word) {
  return word == ReplyWord::kValue || word == ReplyWord::kStat || word == ReplyWord::kItem ||
         word == ReplyWord::kPrefix;
}

// Reads a line, with its CRLF. Nothing if no server of this protocol says that.
std::optional<ReplyLine> ReadReplyLine(std::string_view line);

}  // namespace keyway::memcache

#endif  // KEYWAY_PROXY_PROTOCOL_MEMCACHE_REPLY_LINE_H_

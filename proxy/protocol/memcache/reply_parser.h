// Replies of memcached's text protocol, the meta commands included.
#ifndef KEYWAY_PROXY_PROTOCOL_MEMCACHE_REPLY_PARSER_H_
#define KEYWAY_PROXY_PROTOCOL_MEMCACHE_REPLY_PARSER_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "proxy/protocol/codec.h"

namespace keyway::memcache {

// Accepts only what answers the command that was asked, so that a connection whose
// replies have got out of step is noticed. Data blocks pass without being kept.
class MemcacheReplyParser final : public ReplyParser {
 public:
  Parsed Next(const CommandSpec& asked, std::string_view input, size_t& taken) override;

 private:
  Parsed Take(const CommandSpec& asked, std::string_view input, size_t& taken);
  enum class State : uint8_t {
    kLine,
    kData,     // data_left_ bytes, then CRLF
    kLastData  // the same, and the reply ends there
  };
  // The VALUE blocks that are there and whole. Whether END follows, and was passed, too.
  bool PassValues(const CommandSpec& asked, std::string_view input, size_t& taken);
  Parsed ReadLine(const CommandSpec& asked, std::string_view input, size_t& taken);
  Parsed ReadData(std::string_view input, size_t& taken);

  State state_ = State::kLine;
  size_t searched_ = 0;  // the line does not end in the first so many bytes
  uint64_t data_left_ = 0;
  bool begun_ = false;  // some of the reply was taken by an earlier call
};

}  // namespace keyway::memcache

#endif  // KEYWAY_PROXY_PROTOCOL_MEMCACHE_REPLY_PARSER_H_

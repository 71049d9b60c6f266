// Finds where replies end, in RESP2 and RESP3.
#ifndef KEYWAY_PROXY_PROTOCOL_REDIS_REPLY_PARSER_H_
#define KEYWAY_PROXY_PROTOCOL_REDIS_REPLY_PARSER_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "proxy/protocol/codec.h"
#include "proxy/protocol/redis/framing.h"

namespace keyway::redis {

// Keeps two numbers however large or deeply nested a reply is: the elements that are
// missing, and the bytes that are missing of a bulk string. Bytes are therefore
// passed on as they come. Only the ends of elements that are merged take memory, and only
// while all of them may be in one piece.
//
// Of RESP3 it knows all types but the streamed ones ($? and *?), which no server
// sends. A push is framed like an array: whoever turns pushes on must expect them.
class RedisReplyParser final : public ReplyParser {
 public:
  // What was asked only says whether ends of elements are noted.
  Parsed Next(const CommandSpec& asked, std::string_view input, size_t& taken) override;

  // The same, for readers of complete replies.
  Parsed Next(std::string_view input, size_t& taken);

 private:
  Parsed Take(std::string_view input, size_t& at);
  Parsed BeginArray(std::string_view input, size_t& at);
  void PassShortBulks(std::string_view input, size_t& at);
  Parsed Element(std::string_view input, size_t& at);
  Parsed Line(std::string_view input, size_t& at);
  Parsed Bulk(std::string_view input, size_t& at);
  Parsed Aggregate(std::string_view input, size_t& at);

  // An element of any depth is complete, with which `left` are missing.
  void Passed(uint64_t left, size_t end) {
    if (left >= outer_left_) return;
    outer_left_ = left;
    AddElementEnd(end);
  }

  uint64_t elements_left_ = 0;  // 0: between replies
  uint64_t outer_left_ = 0;     // those of the array whose ends are noted; 0: they are not
  bool begun_ = false;          // some of the reply was taken by an earlier call
  BulkRest bulk_;
};

}  // namespace keyway::redis

#endif  // KEYWAY_PROXY_PROTOCOL_REDIS_REPLY_PARSER_H_

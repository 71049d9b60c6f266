// Finds the requests in a Redis client's stream.
#ifndef KEYWAY_PROXY_PROTOCOL_REDIS_REQUEST_PARSER_H_
#define KEYWAY_PROXY_PROTOCOL_REDIS_REQUEST_PARSER_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "proxy/protocol/codec.h"
#include "proxy/protocol/redis/framing.h"

namespace keyway::redis {

// Reads arrays of bulk strings, and inline commands, which it turns into arrays. It is
// at least as strict as Redis, so that nothing it lets through makes a server close a
// connection that clients share. Empty requests (*0, an empty line) are passed over
// and count as part of the next one.
//
// kHead comes when an argument of kStreamBytes or more is still arriving: with a refusal
// if the request is one to be refused, and for a request to one server if its keys stand
// before that argument. All else is gathered, up to kMaxGatheredBytes.
class RedisRequestParser final : public RequestParser {
 public:
  Parsed Next(std::string_view input, Block* block, Request& request) override;
  Parsed Rest(std::string_view input, size_t& taken) override;

 private:
  // How far the request has been read that the last call left incomplete.
  struct Progress {
    size_t begin = 0;        // where it begins: behind empty ones
    size_t at = 0;           // what was read; of an inline command, what was searched
    uint32_t announced = 0;  // arguments; 0: the array's header was not read yet
    uint32_t found = 0;      // arguments that are complete
  };

  Parsed Header(std::string_view input, Request& request);
  Parsed Arguments(std::string_view input, Request& request);
  Parsed Argument(std::string_view input, size_t& at, Request& request);
  void AddArgument(size_t text, size_t size, Request& request);
  Parsed Arriving(std::string_view input, Request& request);
  Parsed Inline(std::string_view input, Request& request);
  Parsed Skip(size_t end, Request& request);
  Parsed Fail(std::string_view what, Request& request);

  Progress progress_;
  std::string composed_;         // the array made of an inline command
  BulkRest bulk_;                // after kHead: the argument that is arriving
  uint32_t arguments_left_ = 0;  // after kHead: those behind it
};

}  // namespace keyway::redis

#endif  // KEYWAY_PROXY_PROTOCOL_REDIS_REQUEST_PARSER_H_

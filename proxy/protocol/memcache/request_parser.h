// Requests of memcached's text protocol, the meta commands included.
#ifndef KEYWAY_PROXY_PROTOCOL_MEMCACHE_REQUEST_PARSER_H_
#define KEYWAY_PROXY_PROTOCOL_MEMCACHE_REQUEST_PARSER_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "proxy/protocol/codec.h"

namespace keyway::memcache {

// The bytes it hands out are a line that ends in CRLF and has no control byte in it,
// and the data block of exactly the size the line says, with CRLF behind it: no
// server can find another request in them.
class MemcacheRequestParser final : public RequestParser {
 public:
  Parsed Next(std::string_view input, Block* block, Request& request) override;
  Parsed Rest(std::string_view input, size_t& taken) override;

 private:
  Parsed NeedMore(size_t wanted, Request& request);
  Parsed NextData(std::string_view input, size_t begin, uint64_t data_size, Request& request);
  Parsed Drop(std::string_view input, size_t begin, uint64_t data_size, Request& request);

  size_t searched_ = 0;     // the line does not end in the first so many bytes
  size_t wanted_ = 0;       // the request is not complete with fewer
  uint64_t data_left_ = 0;  // of the data block, in Rest
  bool dropping_ = false;   // in Rest: the request has been refused
};

}  // namespace keyway::memcache

#endif  // KEYWAY_PROXY_PROTOCOL_MEMCACHE_REQUEST_PARSER_H_

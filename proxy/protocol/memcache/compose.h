// Requests and errors that the proxy itself writes.
#ifndef KEYWAY_PROXY_PROTOCOL_MEMCACHE_COMPOSE_H_
#define KEYWAY_PROXY_PROTOCOL_MEMCACHE_COMPOSE_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "proxy/base/buffer.h"
#include "proxy/protocol/codec.h"

namespace keyway::memcache {

// See Codec::Compose. What stands before the first key is repeated in every part.
void ComposePart(const Request& request, std::span<const uint32_t> positions,
                 std::span<const uint32_t> ordinals, OutputBuffer& out);

// See Codec::Error. One line, whatever bytes are in `detail`.
std::string ComposeError(ErrorKind kind, std::string_view detail);

}  // namespace keyway::memcache

#endif  // KEYWAY_PROXY_PROTOCOL_MEMCACHE_COMPOSE_H_

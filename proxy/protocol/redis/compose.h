// The bytes that the proxy itself writes: parts of split requests, its own requests to
// servers, and errors.
#ifndef KEYWAY_PROXY_PROTOCOL_REDIS_COMPOSE_H_
#define KEYWAY_PROXY_PROTOCOL_REDIS_COMPOSE_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/base/buffer.h"
#include "proxy/protocol/codec.h"
#include "proxy/protocol/request.h"

namespace keyway::redis {

// Codec::Compose. The command's name is written in lower case, as twemproxy does.
void ComposePart(const Request& request, std::span<const uint32_t> positions,
                 std::span<const uint32_t> ordinals, OutputBuffer& out);

// Codec::Error. Whatever a client or server put into `detail`, the reply is one line.
std::string ErrorReply(ErrorKind kind, std::string_view detail);

// Codec::Handshake: AUTH, then SELECT.
std::vector<HandshakeStep> ComposeHandshake(const Credentials& credentials);

// Codec::Probe: PING.
HandshakeStep ComposeProbe();

// `text` cut to what fits in an error line, control characters made visible.
std::string Printable(std::string_view text, size_t max_bytes);

}  // namespace keyway::redis

#endif  // KEYWAY_PROXY_PROTOCOL_REDIS_COMPOSE_H_

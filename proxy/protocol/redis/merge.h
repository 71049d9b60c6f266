// The replies of several servers made into one.
#ifndef KEYWAY_PROXY_PROTOCOL_REDIS_MERGE_H_
#define KEYWAY_PROXY_PROTOCOL_REDIS_MERGE_H_

#include <cstddef>
#include <span>
#include <string_view>

#include "proxy/base/buffer.h"
#include "proxy/protocol/codec.h"

namespace keyway::redis {

// Codec::Combine; the parts have all keys of the request between them. Large elements are
// linked, not copied. Safe for any bytes in the replies.
void Combine(const CommandSpec& command, std::span<const Part> parts, OutputBuffer& out);

// Whether `reply` is an error ("-…", or RESP3's "!…").
bool IsError(std::string_view reply);

}  // namespace keyway::redis

#endif  // KEYWAY_PROXY_PROTOCOL_REDIS_MERGE_H_

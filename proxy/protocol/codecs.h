// The protocols there are.
#ifndef KEYWAY_PROXY_PROTOCOL_CODECS_H_
#define KEYWAY_PROXY_PROTOCOL_CODECS_H_

#include <string_view>

#include "proxy/protocol/codec.h"

namespace keyway {

// "redis" or "memcache"; null for any other name.
const Codec* FindCodec(std::string_view name);

}  // namespace keyway

#endif  // KEYWAY_PROXY_PROTOCOL_CODECS_H_

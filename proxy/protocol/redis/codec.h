// Redis's protocol: RESP2, and the framing of RESP3.
#ifndef KEYWAY_PROXY_PROTOCOL_REDIS_CODEC_H_
#define KEYWAY_PROXY_PROTOCOL_REDIS_CODEC_H_

#include "proxy/protocol/codec.h"

namespace keyway::redis {

const Codec& RedisCodec();

}  // namespace keyway::redis

#endif  // KEYWAY_PROXY_PROTOCOL_REDIS_CODEC_H_

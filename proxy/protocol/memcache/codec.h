// memcached's text protocol behind the Codec interface.
#ifndef KEYWAY_PROXY_PROTOCOL_MEMCACHE_CODEC_H_
#define KEYWAY_PROXY_PROTOCOL_MEMCACHE_CODEC_H_

#include "proxy/protocol/codec.h"

namespace keyway::memcache {

const Codec& MemcacheCodec();

}  // namespace keyway::memcache

#endif  // KEYWAY_PROXY_PROTOCOL_MEMCACHE_CODEC_H_

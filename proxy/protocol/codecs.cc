#include "proxy/protocol/codecs.h"

#include "proxy/protocol/memcache/codec.h"
#include "proxy/protocol/redis/codec.h"

namespace keyway {
namespace {

using MakeCodec = const Codec& (*)();

// One row per protocol.
constexpr MakeCodec kCodecs[] = {
    redis::RedisCodec,
    memcache::MemcacheCodec,
};

}  // namespace

const Codec* FindCodec(std::string_view name) {
  for (const MakeCodec codec : kCodecs) {
    if (codec().name() == name) return &codec();
  }
  return nullptr;
}

}  // namespace keyway

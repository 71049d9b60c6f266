// Any bytes, whole and in pieces: the same replies come out.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "proxy/protocol/parser_testing.h"
#include "proxy/protocol/redis/codec.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const keyway::Codec& codec = keyway::redis::RedisCodec();
  const std::string_view stream(reinterpret_cast<const char*>(data), size);
  keyway::RequireSameReplies(codec, *codec.FindCommand("get"), stream);
  return 0;
}

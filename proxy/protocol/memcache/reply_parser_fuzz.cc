// Any bytes as the reply to any command, whole and in pieces: the same replies come
// out. The first byte of the input says which command.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "proxy/protocol/memcache/codec.h"
#include "proxy/protocol/memcache/commands.h"
#include "proxy/protocol/parser_testing.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view stream(reinterpret_cast<const char*>(data), size);
  const auto commands = keyway::memcache::Commands();
  keyway::RequireSameReplies(keyway::memcache::MemcacheCodec(), commands[data[0] % commands.size()],
                             stream.substr(1));
  return 0;
}

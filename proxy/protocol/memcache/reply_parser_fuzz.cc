// Any bytes as the reply to any command, whole and in pieces: the same replies come
// out. The first byte of the input says which command.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string_view>
#include <vector>

#include "proxy/protocol/memcache/commands.h"
#include "proxy/protocol/memcache/reply_parser.h"
#include "proxy/protocol/parser_testing.h"

namespace keyway::memcache {
namespace {

void Require(bool condition) {
  if (!condition) std::abort();
}

SeenReplies Feed(const CommandSpec& asked, std::string_view stream, std::span<const size_t> cuts) {
  MemcacheReplyParser parser;
  return FeedReplies(parser, asked, stream, cuts);
}

void Check(const CommandSpec& asked, std::string_view stream, size_t piece) {
  const SeenReplies whole = Feed(asked, stream, {});
  std::vector<size_t> cuts;
  for (size_t cut = piece; cut < stream.size(); cut += piece) cuts.push_back(cut);
  const SeenReplies pieces = Feed(asked, stream, cuts);
  Require(pieces.replies == whole.replies);
  Require(pieces.end == whole.end);
  if (whole.end != Parsed::kBad) Require(pieces == whole);
  for (const std::string& reply : whole.replies) {
    const SeenReplies again = Feed(asked, reply, {});
    Require(again.replies.size() == 1 && again.replies[0] == reply);
  }
}

}  // namespace
}  // namespace keyway::memcache

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view stream(reinterpret_cast<const char*>(data), size);
  const auto commands = keyway::memcache::Commands();
  keyway::memcache::Check(commands[data[0] % commands.size()], stream.substr(1),
                          1 + data[size - 1] % 16);
  return 0;
}

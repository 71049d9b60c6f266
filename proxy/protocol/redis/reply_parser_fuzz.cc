// Any bytes, whole and in pieces: the same replies come out.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "proxy/protocol/parser_testing.h"
#include "proxy/protocol/redis/commands.h"
#include "proxy/protocol/redis/reply_parser.h"

namespace keyway::redis {
namespace {

void Require(bool condition) {
  if (!condition) std::abort();
}

SeenReplies Feed(std::string_view stream, std::span<const size_t> cuts) {
  RedisReplyParser parser;
  return FeedReplies(parser, *FindCommand("get"), stream, cuts);
}

void Check(std::string_view stream, size_t piece) {
  const SeenReplies whole = Feed(stream, {});
  std::vector<size_t> cuts;
  for (size_t cut = piece; cut < stream.size(); cut += piece) cuts.push_back(cut);
  const SeenReplies pieces = Feed(stream, cuts);
  Require(pieces.replies == whole.replies);
  Require(pieces.end == whole.end);
  if (whole.end != Parsed::kBad) Require(pieces == whole);
  for (const std::string& reply : whole.replies) {
    const SeenReplies again = Feed(reply, {});
    Require(again.replies.size() == 1 && again.replies[0] == reply);
  }
}

}  // namespace
}  // namespace keyway::redis

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view stream(reinterpret_cast<const char*>(data), size);
  const size_t piece = size == 0 ? 1 : 1 + data[size - 1] % 16;
  keyway::redis::Check(stream, piece);
  return 0;
}

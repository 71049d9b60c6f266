// Any bytes, whole and in pieces: the same requests come out, and what would be
// forwarded is one well-formed request.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "proxy/protocol/parser_testing.h"
#include "proxy/protocol/redis/request_parser.h"

namespace keyway::redis {
namespace {

void Require(bool condition) {
  if (!condition) std::abort();
}

SeenRequests Feed(std::string_view stream, std::span<const size_t> cuts) {
  RedisRequestParser parser;
  return FeedRequests(parser, stream, cuts);
}

void Check(std::string_view stream, size_t piece) {
  const SeenRequests whole = Feed(stream, {});
  std::vector<size_t> cuts;
  for (size_t cut = piece; cut < stream.size(); cut += piece) cuts.push_back(cut);
  Require(Feed(stream, cuts) == whole);
  Require(whole.refusal.empty() == (whole.end != Parsed::kBad));
  for (const SeenRequest& request : whole.requests) {
    const SeenRequests again = Feed(request.bytes, {});
    Require(again.requests.size() == 1 && again.unused == 0 && again.requests[0] == request);
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

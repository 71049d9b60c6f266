// Any bytes, whole and in pieces: the same requests come out, and what would be
// forwarded is one well-formed request.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "proxy/protocol/parser_testing.h"
#include "proxy/protocol/redis/request_parser.h"

namespace keyway::redis {
namespace {

SeenRequests Feed(std::string_view stream, std::span<const size_t> cuts) {
  RedisRequestParser parser;
  return FeedRequests(parser, stream, cuts);
}

void Check(std::string_view stream) {
  const SeenRequests whole = Feed(stream, {});
  Require(Feed(stream, CutsFor(stream)) == whole);
  Require(whole.refusal.empty() == (whole.end != Parsed::kBad));
  for (const SeenRequest& request : whole.requests) {
    const SeenRequests again = Feed(request.bytes, {});
    Require(again.requests.size() == 1 && again.unused == 0 && again.requests[0] == request);
  }
}

}  // namespace
}  // namespace keyway::redis

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  keyway::redis::Check({reinterpret_cast<const char*>(data), size});
  return 0;
}

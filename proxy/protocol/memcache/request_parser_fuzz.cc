// Any bytes, whole and in pieces: the same requests come out, and what would be
// forwarded is exactly one request that is always answered.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "proxy/protocol/memcache/request_parser.h"
#include "proxy/protocol/parser_testing.h"

namespace keyway::memcache {
namespace {

SeenRequests Feed(std::string_view stream, std::span<const size_t> cuts) {
  MemcacheRequestParser parser;
  return FeedRequests(parser, stream, cuts);
}

void CheckForwarded(const SeenRequest& request) {
  const std::string_view bytes = request.bytes;
  const std::string_view line = bytes.substr(0, bytes.find('\n'));
  Require(line.size() < bytes.size() && line.ends_with('\r'));
  const auto is_control = [](char c) { return static_cast<uint8_t>(c) < 0x20 || c == 0x7f; };
  Require(std::ranges::none_of(line.substr(0, line.size() - 1), is_control));

  // To a reader as strict as this one it is a single request. Without its flag it may
  // be a wrong one (incr a noreply), which the server answers.
  const SeenRequests again = Feed(bytes, {});
  Require(again.requests.size() == 1 && again.unused == 0);
  Require(again.requests[0].quiet == Quiet::kOff);
  Require(again.requests[0].bytes == bytes);
  Require(again.requests[0].command == request.command);
  Require(again.requests[0].refusal.empty() || request.quiet == Quiet::kHideAll);
}

void Check(std::string_view stream) {
  const SeenRequests whole = Feed(stream, {});
  Require(Feed(stream, CutsFor(stream)) == whole);
  Require(whole.refusal.empty() == (whole.end != Parsed::kBad));
  const size_t complete = whole.requests.size() - (whole.end == Parsed::kHead ? 1 : 0);
  for (size_t i = 0; i < complete; ++i) {
    const SeenRequest& request = whole.requests[i];
    Require(!request.arguments.empty());
    if (request.command != nullptr && request.refusal.empty()) CheckForwarded(request);
  }
}

}  // namespace
}  // namespace keyway::memcache

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  keyway::memcache::Check({reinterpret_cast<const char*>(data), size});
  return 0;
}

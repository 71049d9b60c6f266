// Feeds parsers as connections do, for tests: in pieces, each time from a heap block
// of exactly the size of what is there, so that a sanitizer sees any read beyond it.
#ifndef KEYWAY_PROXY_PROTOCOL_PARSER_TESTING_H_
#define KEYWAY_PROXY_PROTOCOL_PARSER_TESTING_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/protocol/codec.h"
#include "proxy/protocol/request.h"

namespace keyway {

// A request as the parser gave it, after the last byte of it came.
struct SeenRequest {
  std::string bytes;  // without the cut; with what came through Rest()
  std::vector<std::string> arguments;
  const CommandSpec* command = nullptr;
  Quiet quiet = Quiet::kOff;
  std::string refusal;
  std::string decoded_key;
  friend bool operator==(const SeenRequest&, const SeenRequest&) = default;
};

struct SeenRequests {
  std::vector<SeenRequest> requests;
  Parsed end = Parsed::kNeedMore;  // or kBad
  std::string refusal;             // of kBad
  size_t unused = 0;               // bytes at the end that belong to no complete request
  friend bool operator==(const SeenRequests&, const SeenRequests&) = default;
};

struct SeenReplies {
  std::vector<std::string> replies;
  Parsed end = Parsed::kNeedMore;  // or kBad
  std::string unfinished;          // what was taken of one more reply
  size_t unused = 0;               // bytes that were not taken
  friend bool operator==(const SeenReplies&, const SeenReplies&) = default;
};

// Feeds `stream` in pieces that end at each of `cuts` (in increasing order), and at its
// end.
SeenRequests FeedRequests(RequestParser& parser, std::string_view stream,
                          std::span<const size_t> cuts = {});
SeenReplies FeedReplies(ReplyParser& parser, const CommandSpec& asked, std::string_view stream,
                        std::span<const size_t> cuts = {});

// Feeds `stream` at once, byte by byte, and in two pieces cut at every place; fails the
// test where that makes a difference. Streams below kStreamBytes only: what is head and
// what is rest of larger requests depends on the pieces.
SeenRequests FeedRequestsEveryWay(const Codec& codec, std::string_view stream);
SeenReplies FeedRepliesEveryWay(const Codec& codec, const CommandSpec& asked,
                                std::string_view stream);

// The ends of elements are known of a reply that comes in one piece, and of no other: two
// replies are fed, the first cut at every place.
void ExpectElementEndsOfWholeReplies(const Codec& codec, const CommandSpec& asked,
                                     const std::string& reply, const std::vector<uint32_t>& ends);

// For fuzz targets, which take any bytes.

// Ends the program unless the condition holds, as a sanitizer does.
void Require(bool condition);
// Where to cut a stream into pieces of one length, from 1 to 16, which its last byte says.
std::vector<size_t> CutsFor(std::string_view stream);
// The same replies come out of a stream and of its pieces, and each by itself.
void RequireSameReplies(const Codec& codec, const CommandSpec& asked, std::string_view stream);

}  // namespace keyway

#endif  // KEYWAY_PROXY_PROTOCOL_PARSER_TESTING_H_

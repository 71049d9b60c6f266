#include "proxy/protocol/parser_testing.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <numeric>

#include "gtest/gtest.h"

namespace keyway {
namespace {

// A copy of some bytes in a block of exactly their size.
class HeapCopy {
 public:
  explicit HeapCopy(std::string_view bytes) : bytes_(new char[bytes.size()]), size_(bytes.size()) {
    std::copy(bytes.begin(), bytes.end(), bytes_.get());
  }
  std::string_view view() const { return {bytes_.get(), size_}; }

 private:
  std::unique_ptr<char[]> bytes_;
  size_t size_;
};

SeenRequest See(const Request& request) {
  SeenRequest seen{.bytes = std::string(request.bytes),
                   .arguments = {},
                   .command = request.command,
                   .quiet = request.quiet,
                   .refusal = request.refusal,
                   .decoded_key = request.decoded_key};
  for (size_t i = 0; i < request.arguments.size(); ++i) {
    seen.arguments.emplace_back(request.Text(i));
  }
  seen.bytes.erase(request.cut_offset, request.cut_size);
  return seen;
}

// Takes what can be taken of stream[used, end). False when nothing can be found any more.
bool TakeRequests(RequestParser& parser, std::string_view stream, size_t end, bool& in_rest,
                  Request& request, SeenRequests& seen) {
  for (size_t used = stream.size() - seen.unused; used < end;) {
    const HeapCopy input(stream.substr(used, end - used));
    size_t taken = 0;
    if (in_rest) {
      seen.end = parser.Rest(input.view(), taken);
      seen.requests.back().bytes += input.view().substr(0, taken);
    } else {
      seen.end = parser.Next(input.view(), nullptr, request);
      taken = request.size;
    }
    EXPECT_LE(taken, end - used);
    if (seen.end == Parsed::kBad) {
      seen.refusal = request.refusal;
      return false;
    }
    if (seen.end == Parsed::kNeedMore && !in_rest) {
      EXPECT_TRUE(request.wanted == 0 || request.wanted > end - used) << request.wanted;
      return true;
    }
    if (!in_rest) seen.requests.push_back(See(request));
    in_rest = seen.end == Parsed::kHead || (in_rest && seen.end == Parsed::kNeedMore);
    used += taken;
    seen.unused -= taken;
    if (seen.end == Parsed::kNeedMore) return true;
  }
  return true;
}

bool TakeReplies(ReplyParser& parser, const CommandSpec& asked, std::string_view stream, size_t end,
                 SeenReplies& seen) {
  for (size_t used = stream.size() - seen.unused; used < end;) {
    const HeapCopy input(stream.substr(used, end - used));
    size_t taken = 0;
    seen.end = parser.Next(asked, input.view(), taken);
    EXPECT_LE(taken, end - used);
    if (seen.end == Parsed::kBad) return false;
    seen.unfinished += input.view().substr(0, taken);
    used += taken;
    seen.unused -= taken;
    if (seen.end == Parsed::kNeedMore) return true;
    seen.replies.push_back(std::move(seen.unfinished));
    seen.unfinished.clear();
  }
  return true;
}

// Calls `feed` with the cuts for each way to split `size` bytes.
template <class Feed>
auto EveryWay(size_t size, const Feed& feed) {
  auto whole = feed(std::span<const size_t>());
  std::vector<size_t> each(size);
  std::iota(each.begin(), each.end(), size_t{1});
  EXPECT_TRUE(feed(each) == whole) << "byte by byte";
  for (size_t cut = 1; cut < size; ++cut) {
    EXPECT_TRUE(feed(std::span(&cut, 1)) == whole) << "in two, cut at " << cut;
  }
  return whole;
}

}  // namespace

SeenRequests FeedRequests(RequestParser& parser, std::string_view stream,
                          std::span<const size_t> cuts) {
  SeenRequests seen;
  seen.unused = stream.size();
  Request request;
  bool in_rest = false;
  for (const size_t cut : cuts) {
    if (!TakeRequests(parser, stream, cut, in_rest, request, seen)) return seen;
  }
  if (TakeRequests(parser, stream, stream.size(), in_rest, request, seen)) {
    seen.end = Parsed::kNeedMore;
  }
  return seen;
}

SeenReplies FeedReplies(ReplyParser& parser, const CommandSpec& asked, std::string_view stream,
                        std::span<const size_t> cuts) {
  SeenReplies seen;
  seen.unused = stream.size();
  for (const size_t cut : cuts) {
    if (!TakeReplies(parser, asked, stream, cut, seen)) return seen;
  }
  if (TakeReplies(parser, asked, stream, stream.size(), seen)) seen.end = Parsed::kNeedMore;
  return seen;
}

SeenRequests FeedRequestsEveryWay(const Codec& codec, std::string_view stream) {
  return EveryWay(stream.size(), [&](std::span<const size_t> cuts) {
    const std::unique_ptr<RequestParser> parser = codec.MakeRequestParser();
    return FeedRequests(*parser, stream, cuts);
  });
}

SeenReplies FeedRepliesEveryWay(const Codec& codec, const CommandSpec& asked,
                                std::string_view stream) {
  return EveryWay(stream.size(), [&](std::span<const size_t> cuts) {
    const std::unique_ptr<ReplyParser> parser = codec.MakeReplyParser();
    SeenReplies seen = FeedReplies(*parser, asked, stream, cuts);
    if (seen.end == Parsed::kBad) {
      // How much of a bad reply was taken before it showed depends on the pieces.
      seen.unused += seen.unfinished.size();
      seen.unfinished.clear();
    }
    return seen;
  });
}

void ExpectElementEndsOfWholeReplies(const Codec& codec, const CommandSpec& asked,
                                     const std::string& reply, const std::vector<uint32_t>& ends) {
  const auto known = [](const ReplyParser& parser) {
    return std::vector(parser.element_ends().begin(), parser.element_ends().end());
  };
  const std::vector<uint32_t> none;
  for (size_t cut = 0; cut < reply.size(); ++cut) {
    const std::unique_ptr<ReplyParser> parser = codec.MakeReplyParser();
    size_t taken = 0;
    EXPECT_EQ(parser->Next(asked, reply.substr(0, cut), taken), Parsed::kNeedMore);
    EXPECT_EQ(known(*parser), none);
    const bool whole = taken == 0;
    EXPECT_EQ(parser->Next(asked, reply.substr(taken) + reply, taken), Parsed::kDone);
    EXPECT_EQ(known(*parser), whole ? ends : none) << "cut at " << cut;
    EXPECT_EQ(parser->Next(asked, reply, taken), Parsed::kDone);
    EXPECT_EQ(known(*parser), ends) << "the next reply";
  }
}

void Require(bool condition) {
  if (!condition) std::abort();
}

std::vector<size_t> CutsFor(std::string_view stream) {
  std::vector<size_t> cuts;
  if (stream.empty()) return cuts;
  const size_t piece = 1 + static_cast<uint8_t>(stream.back()) % 16;
  for (size_t cut = piece; cut < stream.size(); cut += piece) cuts.push_back(cut);
  return cuts;
}

void RequireSameReplies(const Codec& codec, const CommandSpec& asked, std::string_view stream) {
  const auto feed = [&](std::string_view bytes, std::span<const size_t> cuts) {
    const std::unique_ptr<ReplyParser> parser = codec.MakeReplyParser();
    return FeedReplies(*parser, asked, bytes, cuts);
  };
  const SeenReplies whole = feed(stream, {});
  const SeenReplies pieces = feed(stream, CutsFor(stream));
  Require(pieces.replies == whole.replies);
  Require(pieces.end == whole.end);
  if (whole.end != Parsed::kBad) Require(pieces == whole);
  for (const std::string& reply : whole.replies) {
    const SeenReplies again = feed(reply, {});
    Require(again.replies.size() == 1 && again.replies[0] == reply);
    const std::vector<uint32_t> ends = codec.ElementEnds(asked, reply);
    Require(std::ranges::is_sorted(ends));
    Require(ends.empty() || ends.back() <= reply.size());
  }
}

}  // namespace keyway

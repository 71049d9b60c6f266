// Any replies of servers, merged in any way: one well-formed reply comes out, and it
// is an error if a part is one. The first byte of the input says how to merge; the
// replies follow, a line with a single '%' between two.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "proxy/protocol/redis/codec.h"
#include "proxy/protocol/redis/merge.h"
#include "proxy/protocol/redis/reply_parser.h"

namespace keyway::redis {
namespace {

constexpr Merge kMerges[] = {Merge::kOnly,    Merge::kKeyOrder, Merge::kSum,
                             Merge::kMin,     Merge::kAllOk,    Merge::kAnyOk,
                             Merge::kAllTrue, Merge::kConcat,   Merge::kMatchKeys};
constexpr size_t kKeysPerPart = 2;

void Require(bool condition) {
  if (!condition) std::abort();
}

std::vector<std::string_view> Split(std::string_view text) {
  constexpr std::string_view kSeparator = "%\n";
  std::vector<std::string_view> pieces;
  for (;;) {
    const size_t end = text.find(kSeparator);
    pieces.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return pieces;
    text.remove_prefix(end + kSeparator.size());
  }
}

void Check(Merge merge, std::string_view text) {
  const CommandSpec command = {.name = "test",
                               .arity = -2,
                               .keys = kAllKeys,
                               .access = Access::kRead,
                               .plan = Plan::kSplitByKey,
                               .merge = merge};
  BlockPool pool;
  const std::vector<std::string_view> replies = Split(text);
  const size_t key_count = replies.size() * kKeysPerPart;
  std::vector<uint32_t> ordinals(key_count);
  for (size_t i = 0; i < key_count; ++i) ordinals[i] = static_cast<uint32_t>(key_count - 1 - i);
  std::vector<std::vector<uint32_t>> ends;
  for (const std::string_view reply : replies) {
    ends.push_back(RedisCodec().ElementEnds(command, reply));
  }
  std::vector<Part> parts;
  bool any_error = false;
  for (size_t i = 0; i < replies.size(); ++i) {
    BlockRef block = pool.Get(replies[i].size());
    replies[i].copy(block->data(), replies[i].size());
    const std::string_view bytes{block->data(), replies[i].size()};
    any_error = any_error || IsError(bytes);
    parts.push_back({.keys = std::span(ordinals).subspan(i * kKeysPerPart, kKeysPerPart),
                     .server = "10.0.0.1:6379",
                     .reply = {.block = std::move(block), .bytes = bytes},
                     .element_ends = ends[i]});
  }

  OutputBuffer out(pool);
  Combine(command, parts, out);
  const Slice merged = out.Flatten();
  RedisReplyParser parser;
  size_t taken = 0;
  Require(parser.Next(merged.bytes, taken) == Parsed::kDone && taken == merged.bytes.size());
  if (any_error && merge != Merge::kOnly && merge != Merge::kAnyOk) Require(IsError(merged.bytes));
}

}  // namespace
}  // namespace keyway::redis

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  keyway::redis::Check(keyway::redis::kMerges[data[0] % std::size(keyway::redis::kMerges)],
                       text.substr(1));
  return 0;
}

// Any replies of servers, merged: one well-formed reply comes out, and it is an error
// if a part is one. The first byte of the input says what was asked; the replies
// follow, a line with a single '%' between two.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string_view>
#include <vector>

#include "proxy/protocol/memcache/codec.h"

namespace keyway::memcache {
namespace {

constexpr std::string_view kCommands[] = {"get", "gat", "stats", "flush_all"};
// Each server is asked for two of them; the last one is there twice.
constexpr std::string_view kKeys[] = {"a", "b", "c", "d", "e", "a"};
constexpr uint32_t kOrdinals[] = {0, 5, 4, 1, 2, 3};
constexpr size_t kKeysPerPart = 2;

void Require(bool condition) {
  if (!condition) std::abort();
}

std::vector<std::string_view> Split(std::string_view text) {
  constexpr std::string_view kSeparator = "%\n";
  std::vector<std::string_view> pieces;
  while (pieces.size() < std::size(kKeys) / kKeysPerPart) {
    const size_t end = text.find(kSeparator);
    pieces.push_back(text.substr(0, end));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + kSeparator.size());
  }
  return pieces;
}

void Check(const CommandSpec& command, std::string_view text) {
  BlockPool pool;
  const std::vector<std::string_view> replies = Split(text);
  std::vector<std::vector<uint32_t>> ends;
  for (const std::string_view reply : replies) {
    ends.push_back(MemcacheCodec().ElementEnds(command, reply));
    ends.back().resize(std::min(ends.back().size(), kKeysPerPart));
  }
  std::vector<Part> parts;
  bool any_error = false;
  for (const std::string_view reply : replies) {
    BlockRef block = pool.Get(reply.size());
    reply.copy(block->data(), reply.size());
    const std::string_view bytes{block->data(), reply.size()};
    any_error = any_error || MemcacheCodec().IsError(bytes);
    parts.push_back(
        {.keys = std::span(kOrdinals).subspan(parts.size() * kKeysPerPart, kKeysPerPart),
         .server = "10.0.0.1:11211",
         .reply = {.block = std::move(block), .bytes = bytes},
         .element_ends = ends[parts.size()]});
  }
  OutputBuffer out(pool);
  MemcacheCodec().Combine(command, kKeys, parts, out);
  const Slice merged = out.Flatten();
  size_t taken = 0;
  const auto parser = MemcacheCodec().MakeReplyParser();
  Require(parser->Next(command, merged.bytes, taken) == Parsed::kDone);
  Require(taken == merged.bytes.size());
  Require(!any_error || MemcacheCodec().IsError(merged.bytes));
}

}  // namespace
}  // namespace keyway::memcache

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using keyway::memcache::kCommands;
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::string_view name = kCommands[data[0] % std::size(kCommands)];
  keyway::memcache::Check(*keyway::memcache::MemcacheCodec().FindCommand(name), text.substr(1));
  return 0;
}

#include "proxy/protocol/redis/merge.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/strings/str_format.h"
#include "proxy/base/limits.h"
#include "proxy/base/output_writer.h"
#include "proxy/protocol/redis/compose.h"
#include "proxy/protocol/redis/framing.h"
#include "proxy/protocol/redis/reply_parser.h"

namespace keyway::redis {
namespace {

// Every merge returns the part that it cannot take, and has then appended nothing;
// null if it went well.
using Offender = const Part*;
using Parts = std::span<const Part>;

// Moves `at` behind the element of `reply` that begins there.
bool PassElement(std::string_view reply, size_t& at) {
  RedisReplyParser parser;
  size_t taken = 0;
  const bool complete = parser.Next(reply.substr(at), taken) == Parsed::kDone;
  at += taken;
  return complete;
}

bool ReadHeader(std::string_view reply, char type, size_t& at, int64_t& number) {
  if (reply.empty() || reply[0] != type) return false;
  at = 1;
  return ReadNumber(reply, at, number) == Parsed::kDone;
}

bool ReadInteger(std::string_view reply, int64_t& number) {
  size_t at = 0;
  return ReadHeader(reply, ':', at, number) && at == reply.size();
}

// Whether `reply` is an array (no null one) that ends where it should. `at` comes to
// its first element.
bool ReadArray(std::string_view reply, size_t& at, int64_t& count) {
  size_t end = 0;
  return ReadHeader(reply, '*', at, count) && count >= 0 && PassElement(reply, end) &&
         end == reply.size();
}

bool IsStatus(std::string_view reply) {
  size_t end = 0;
  return reply.starts_with('+') && PassElement(reply, end) && end == reply.size();
}

// Each ordinal below the number of all keys, and none twice: so none is missing.
Offender KeyOrder(Parts parts, OutputBuffer& out) {
  struct Element {
    Block* block = nullptr;
    std::string_view bytes;
  };
  size_t key_count = 0;
  for (const Part& part : parts) key_count += part.keys.size();
  absl::InlinedVector<Element, kUsualKeys> elements(key_count);
  for (const Part& part : parts) {
    const std::string_view reply = part.reply.bytes;
    size_t begin = 0;
    int64_t count = 0;
    if (!ReadHeader(reply, '*', begin, count) || count < 0) return &part;
    const auto elements_there = static_cast<uint64_t>(count);
    const std::span<const uint32_t> ends = part.element_ends;
    if (elements_there != part.keys.size() || elements_there != ends.size()) return &part;
    if (reply.size() != (ends.empty() ? begin : ends.back())) return &part;
    Block* const block = part.reply.block.get();
    for (size_t i = 0; i < ends.size(); ++i) {
      const uint32_t ordinal = part.keys[i];
      if (ordinal >= key_count || !elements[ordinal].bytes.empty()) return &part;
      elements[ordinal] = {block, {reply.data() + begin, ends[i] - begin}};
      begin = ends[i];
    }
  }
  AppendHeader('*', key_count, out);
  OutputWriter writer(out);
  for (const Element& element : elements) writer.Append(element.block, element.bytes);
  return nullptr;
}

Offender Sum(Parts parts, OutputBuffer& out) {
  int64_t sum = 0;
  for (const Part& part : parts) {
    int64_t number = 0;
    if (!ReadInteger(part.reply.bytes, number)) return &part;
    if (__builtin_add_overflow(sum, number, &sum)) return &part;
  }
  out.Append(absl::StrFormat(":%d\r\n", sum));
  return nullptr;
}

Offender Min(Parts parts, OutputBuffer& out) {
  int64_t least = std::numeric_limits<int64_t>::max();
  for (const Part& part : parts) {
    int64_t number = 0;
    if (!ReadInteger(part.reply.bytes, number)) return &part;
    least = std::min(least, number);
  }
  out.Append(absl::StrFormat(":%d\r\n", least));
  return nullptr;
}

Offender AllOk(Parts parts, OutputBuffer& out) {
  for (const Part& part : parts) {
    if (!IsStatus(part.reply.bytes)) return &part;
  }
  out.Append("+OK\r\n");
  return nullptr;
}

Offender AnyOk(Parts parts, OutputBuffer& out) {
  for (const Part& part : parts) {
    size_t end = 0;
    if (IsError(part.reply.bytes)) continue;
    if (!PassElement(part.reply.bytes, end) || end != part.reply.bytes.size()) return &part;
    out.Append(part.reply);
    return nullptr;
  }
  return &parts.front();
}

Offender AllTrue(Parts parts, OutputBuffer& out) {
  std::vector<bool> all;
  for (const Part& part : parts) {
    size_t at = 0;
    int64_t count = 0;
    if (!ReadArray(part.reply.bytes, at, count)) return &part;
    if (&part == &parts.front()) all.assign(static_cast<size_t>(count), true);
    if (all.size() != static_cast<size_t>(count)) return &part;
    for (size_t i = 0; i < all.size(); ++i) {
      const size_t begin = at;
      int64_t number = 0;
      PassElement(part.reply.bytes, at);
      if (!ReadInteger(part.reply.bytes.substr(begin, at - begin), number)) return &part;
      all[i] = all[i] && number == 1;
    }
  }
  out.Append(absl::StrFormat("*%u\r\n", all.size()));
  for (const bool each : all) out.Append(each ? ":1\r\n" : ":0\r\n");
  return nullptr;
}

Offender Concat(Parts parts, OutputBuffer& out) {
  std::vector<size_t> begins;
  int64_t total = 0;
  for (const Part& part : parts) {
    int64_t count = 0;
    if (!ReadArray(part.reply.bytes, begins.emplace_back(), count)) return &part;
    total += count;
  }
  out.Append(absl::StrFormat("*%d\r\n", total));
  for (size_t i = 0; i < parts.size(); ++i) {
    out.Append(parts[i].reply.block.get(), parts[i].reply.bytes.substr(begins[i]));
  }
  return nullptr;
}

Offender MergeParts(Merge merge, Parts parts, OutputBuffer& out) {
  switch (merge) {
    case Merge::kOnly:
    case Merge::kAnyOk:
      return AnyOk(parts, out);
    case Merge::kKeyOrder:
      return KeyOrder(parts, out);
    case Merge::kSum:
      return Sum(parts, out);
    case Merge::kMin:
      return Min(parts, out);
    case Merge::kAllOk:
      return AllOk(parts, out);
    case Merge::kAllTrue:
      return AllTrue(parts, out);
    case Merge::kConcat:
      return Concat(parts, out);
    case Merge::kMatchKeys:
      break;  // replies of Redis name no keys
  }
  return &parts.front();
}

// What the client is told when `part` spoils the reply: the server's own error if it
// is one.
std::string Complaint(const CommandSpec& command, const Part& part) {
  std::string_view text = part.reply.bytes;
  const std::string server = Printable(part.server, kMaxLineBytes);
  if (!IsError(text)) {
    return absl::StrFormat("-ERR server %s: unexpected reply to '%s'\r\n", server, command.name);
  }
  if (text[0] == '!') text.remove_prefix(std::min(text.find('\n'), text.size() - 1));
  text.remove_prefix(1);
  if (text.ends_with("\r\n")) text.remove_suffix(2);
  return absl::StrFormat("-%s (server %s)\r\n", Printable(text, kMaxLineBytes / 2), server);
}

}  // namespace

void Combine(const CommandSpec& command, std::span<const Part> parts, OutputBuffer& out) {
  if (parts.empty()) {
    out.Append(ErrorReply(ErrorKind::kBadReply, "no server was asked"));
  } else if (const Part* offender = MergeParts(command.merge, parts, out)) {
    out.Append(Complaint(command, *offender));
  }
}

bool IsError(std::string_view reply) { return reply.starts_with('-') || reply.starts_with('!'); }

}  // namespace keyway::redis

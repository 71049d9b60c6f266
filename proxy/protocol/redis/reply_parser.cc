#include "proxy/protocol/redis/reply_parser.h"

#include <algorithm>
#include <cstring>

#include "proxy/base/limits.h"

namespace keyway::redis {
namespace {

// Elements that may be missing at a time, with those of nested headers. So many no
// reply has; it keeps the sum far from an overflow.
constexpr uint64_t kMaxElementsLeft = uint64_t{1} << 40;

}  // namespace

Parsed RedisReplyParser::Next(const CommandSpec& asked, std::string_view input, size_t& taken) {
  ClearElementEnds();
  taken = 0;
  const bool noted = MergesElements(asked.merge) && !begun_ && input.starts_with('*');
  Parsed parsed = noted ? BeginArray(input, taken) : Parsed::kDone;
  if (parsed == Parsed::kDone) parsed = Take(input, taken);
  if (parsed != Parsed::kDone) ClearElementEnds();
  begun_ = parsed == Parsed::kNeedMore && (begun_ || taken != 0);
  outer_left_ = 0;
  return parsed;
}

Parsed RedisReplyParser::Next(std::string_view input, size_t& taken) {
  taken = 0;
  return Take(input, taken);
}

// The header of an array whose elements' ends are noted.
Parsed RedisReplyParser::BeginArray(std::string_view input, size_t& at) {
  elements_left_ = 0;
  const Parsed parsed = Aggregate(input, at);
  if (parsed == Parsed::kDone) outer_left_ = elements_left_;
  return parsed;
}

Parsed RedisReplyParser::Take(std::string_view input, size_t& at) {
  if (at == 0 && elements_left_ == 0) elements_left_ = 1;
  Parsed parsed = Parsed::kDone;
  while (parsed == Parsed::kDone && elements_left_ != 0) {
    if (bulk_.done()) PassShortBulks(input, at);
    if (elements_left_ == 0) break;
    parsed = bulk_.done() ? Element(input, at) : bulk_.Take(input, at);
    if (parsed == Parsed::kDone) Passed(--elements_left_, at);
  }
  return parsed;
}

// Those of the missing elements that stand in a row and are short.
inline void RedisReplyParser::PassShortBulks(std::string_view input, size_t& at) {
  uint64_t left = elements_left_;
  std::string_view payload;
  while (left != 0 && PassShortBulk(input, at, payload)) Passed(--left, at);
  elements_left_ = left;
}

// One element, or the header of one that holds others.
Parsed RedisReplyParser::Element(std::string_view input, size_t& at) {
  if (at == input.size()) return Parsed::kNeedMore;
  switch (input[at]) {
    case '+':
    case '-':
    case ',':  // double
    case '(':  // big number
    case '#':  // boolean
    case '_':  // null
      return Line(input, at);
    case ':': {
      int64_t number;
      size_t end = at + 1;
      const Parsed parsed = ReadNumber(input, end, number);
      if (parsed == Parsed::kDone) at = end;
      return parsed;
    }
    case '$':
    case '=':  // text with its format
    case '!':  // error
      return Bulk(input, at);
    case '*':
    case '~':  // set
    case '>':  // push
    case '%':  // map
    case '|':  // attribute
      return Aggregate(input, at);
    default:
      return Parsed::kBad;
  }
}

Parsed RedisReplyParser::Line(std::string_view input, size_t& at) {
  const std::string_view line = input.substr(at, kMaxLineBytes);
  const void* found = std::memchr(line.data(), '\r', line.size());
  if (found == nullptr) return line.size() == kMaxLineBytes ? Parsed::kBad : Parsed::kNeedMore;
  const size_t end = static_cast<size_t>(static_cast<const char*>(found) - input.data()) + 1;
  if (end == input.size()) return Parsed::kNeedMore;
  if (input[end] != '\n') return Parsed::kBad;
  at = end + 1;
  return Parsed::kDone;
}

Parsed RedisReplyParser::Bulk(std::string_view input, size_t& at) {
  int64_t size;
  size_t end = at + 1;
  const Parsed parsed = ReadNumber(input, end, size);
  if (parsed != Parsed::kDone) return parsed;
  if (size < 0) {
    const bool null = size == -1 && input[at] == '$';
    if (null) at = end;
    return null ? Parsed::kDone : Parsed::kBad;
  }
  if (static_cast<uint64_t>(size) > kMaxReplyNumber) return Parsed::kBad;
  at = end;
  if (PassBulk(input, at, static_cast<uint64_t>(size))) return Parsed::kDone;
  bulk_.Begin(static_cast<uint64_t>(size));
  return bulk_.Take(input, at);
}

Parsed RedisReplyParser::Aggregate(std::string_view input, size_t& at) {
  int64_t number;
  size_t end = at + 1;
  const Parsed parsed = ReadNumber(input, end, number);
  if (parsed != Parsed::kDone) return parsed;
  const char type = input[at];
  if (number == -1 && type == '*') number = 0;
  if (number < 0 || static_cast<uint64_t>(number) > kMaxReplyNumber) return Parsed::kBad;
  at = end;
  elements_left_ += static_cast<uint64_t>(number) * (type == '%' || type == '|' ? 2 : 1);
  // An attribute is no element: the one that it describes follows it.
  if (type == '|') ++elements_left_;
  return elements_left_ < kMaxElementsLeft ? Parsed::kDone : Parsed::kBad;
}

}  // namespace keyway::redis

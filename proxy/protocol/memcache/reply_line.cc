#include "proxy/protocol/memcache/reply_line.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>

#include "proxy/base/limits.h"
#include "proxy/protocol/memcache/number.h"

namespace keyway::memcache {
namespace {

constexpr std::string_view kValueLine = "VALUE ";

struct WordRow {
  std::string_view text;
  ReplyWord word;
  bool alone;  // the word is the whole line
};

// The commonest first.
constexpr WordRow kWords[] = {
    {"VALUE", ReplyWord::kValue, false},
    {"END", ReplyWord::kEnd, true},
    {"STORED", ReplyWord::kStored, true},
    {"HD", ReplyWord::kHd, false},
    {"VA", ReplyWord::kVa, false},
    {"EN", ReplyWord::kEn, false},
    {"NOT_FOUND", ReplyWord::kNotFound, true},
    {"DELETED", ReplyWord::kDeleted, true},
    {"TOUCHED", ReplyWord::kTouched, true},
    {"NOT_STORED", ReplyWord::kNotStored, true},
    {"EXISTS", ReplyWord::kExists, true},
    {"STAT", ReplyWord::kStat, false},
    {"NF", ReplyWord::kNf, false},
    {"NS", ReplyWord::kNs, false},
    {"EX", ReplyWord::kEx, false},
    {"ME", ReplyWord::kMe, false},
    {"VERSION", ReplyWord::kVersion, false},
    {"OK", ReplyWord::kOk, true},
    {"RESET", ReplyWord::kReset, true},
    {"ITEM", ReplyWord::kItem, false},
    {"PREFIX", ReplyWord::kPrefix, false},
    {"SERVER_ERROR", ReplyWord::kError, false},
    {"CLIENT_ERROR", ReplyWord::kError, false},
    {"ERROR", ReplyWord::kError, false},
    {"ERROR:", ReplyWord::kError, false},
};

std::string_view TakeWord(std::string_view& line) {
  const size_t end = std::min(line.find(' '), line.size());
  const std::string_view word = line.substr(0, end);
  line.remove_prefix(std::min(end + 1, line.size()));
  return word;
}

bool IsNumber(std::string_view text) { return ReadNumber<uint64_t>(text).has_value(); }

// So many digits always fit, and no server needs more.
constexpr size_t kMostDigits = std::numeric_limits<uint64_t>::digits10;

// A word that is a number, in one pass over it.
std::optional<uint64_t> TakeNumber(std::string_view& line) {
  uint64_t number = 0;
  size_t end = 0;
  for (; end < line.size() && line[end] >= '0' && line[end] <= '9'; ++end) {
    number = number * 10 + static_cast<uint64_t>(line[end] - '0');
  }
  if (end == 0 || end > kMostDigits || (end < line.size() && line[end] != ' ')) {
    return std::nullopt;
  }
  line.remove_prefix(std::min(end + 1, line.size()));
  return number;
}

// "<key> <flags> <bytes>[ <cas>]"
std::optional<ReplyLine> ReadValue(std::string_view rest) {
  ReplyLine line{.word = ReplyWord::kValue, .key = TakeWord(rest)};
  const std::optional<uint64_t> flags = TakeNumber(rest);
  const std::optional<uint64_t> bytes = TakeNumber(rest);
  if (line.key.empty() || !flags || !bytes || *bytes > kMaxMemcacheItemBytes) {
    return std::nullopt;
  }
  if (!rest.empty() && !IsNumber(rest)) return std::nullopt;
  line.data_bytes = *bytes;
  return line;
}

// "<bytes>[ <flag>…]"
std::optional<ReplyLine> ReadMetaValue(std::string_view rest) {
  const std::optional<uint64_t> bytes = TakeNumber(rest);
  if (!bytes || *bytes > kMaxMemcacheItemBytes) return std::nullopt;
  return ReplyLine{.word = ReplyWord::kVa, .key = {}, .data_bytes = *bytes};
}

// Where the word that begins at `at` ends: at a space or a control byte. Eight bytes at a
// time; the lowest mark of a byte up to ' ' is right, and no other one is looked at. See
// "Determine if a word has a byte less than n", S. E. Anderson, Bit Twiddling Hacks.
size_t EndOfWord(std::string_view text, size_t at) {
  static_assert(std::endian::native == std::endian::little);
  constexpr uint64_t kOnes = 0x0101010101010101;
  for (uint64_t word; at + sizeof(word) <= text.size(); at += sizeof(word)) {
    std::memcpy(&word, text.data() + at, sizeof(word));
    const uint64_t low = (word - kOnes * (' ' + 1)) & ~word & (kOnes << 7);
    if (low != 0) return at + static_cast<size_t>(std::countr_zero(low)) / 8;
  }
  while (at < text.size() && static_cast<uint8_t>(text[at]) > ' ') ++at;
  return at;
}

// Moves `at` behind a space and a number of so few digits that it cannot overflow. False
// if they do not stand there.
bool PassNumber(std::string_view text, size_t& at, uint64_t& number) {
  constexpr size_t kSafeDigits = 18;
  if (at == text.size() || text[at] != ' ') return false;
  const size_t begin = ++at;
  const size_t end = std::min(text.size(), begin + kSafeDigits);
  for (number = 0; at < end && text[at] >= '0' && text[at] <= '9'; ++at) {
    number = number * 10 + static_cast<uint64_t>(text[at] - '0');
  }
  return at != begin;
}

bool PassCrLf(std::string_view text, size_t& at) {
  if (text.size() - at < kCrLf.size() || text[at] != '\r' || text[at + 1] != '\n') return false;
  at += kCrLf.size();
  return true;
}

}  // namespace

std::optional<ValueBlock> ReadWholeValue(std::string_view reply) {
  if (!reply.starts_with(kValueLine)) return std::nullopt;
  size_t at = EndOfWord(reply, kValueLine.size());
  const std::string_view key = reply.substr(kValueLine.size(), at - kValueLine.size());
  uint64_t flags, data_bytes, cas;
  if (key.empty() || !PassNumber(reply, at, flags) || !PassNumber(reply, at, data_bytes)) {
    return std::nullopt;
  }
  if (!PassCrLf(reply, at) && !(PassNumber(reply, at, cas) && PassCrLf(reply, at))) {
    return std::nullopt;
  }
  if (data_bytes > std::min<uint64_t>(kMaxMemcacheItemBytes, reply.size() - at)) {
    return std::nullopt;
  }
  at += static_cast<size_t>(data_bytes);
  if (!PassCrLf(reply, at)) return std::nullopt;
  return ValueBlock{.key = key, .size = at};
}

std::optional<ReplyLine> ReadReplyLine(std::string_view line) {
  // Before all others: of these a reply may have a thousand.
  if (line.starts_with(kValueLine)) return ReadValue(line.substr(kValueLine.size()));
  std::string_view rest = line;
  const std::string_view first = TakeWord(rest);
  if (IsNumber(first)) return ReplyLine{.word = ReplyWord::kNumber, .key = {}};
  for (const WordRow& row : kWords) {
    if (row.text != first) continue;
    if (row.alone && first.size() != line.size()) return std::nullopt;
    if (row.word == ReplyWord::kValue) return ReadValue(rest);
    if (row.word == ReplyWord::kVa) return ReadMetaValue(rest);
    return ReplyLine{.word = row.word, .key = {}};
  }
  return std::nullopt;
}

}  // namespace keyway::memcache

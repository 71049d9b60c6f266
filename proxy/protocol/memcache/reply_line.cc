#include "proxy/protocol/memcache/reply_line.h"

#include <algorithm>
#include <bit>
#include <cstring>

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

// "<bytes>[ <flag>…]"
std::optional<ReplyLine> ReadMetaValue(std::string_view rest) {
  const std::optional<uint64_t> bytes = ReadNumber<uint64_t>(TakeWord(rest));
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

// Moves `at` behind a space and a number of 64 bits. False if they do not stand there.
bool PassNumber(std::string_view text, size_t& at, uint64_t& number) {
  if (at == text.size() || text[at] != ' ') return false;
  const size_t begin = ++at;
  for (number = 0; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at) {
    const auto digit = static_cast<uint64_t>(text[at] - '0');
    if (__builtin_mul_overflow(number, 10, &number)) return false;
    if (__builtin_add_overflow(number, digit, &number)) return false;
  }
  return at != begin;
}

// Moves `at` behind "<key> <flags> <bytes>[ <cas>]". False if that does not stand there.
bool PassValue(std::string_view text, size_t& at, ReplyLine& line) {
  const size_t begin = at;
  at = EndOfWord(text, at);
  line = {.word = ReplyWord::kValue, .key = text.substr(begin, at - begin)};
  uint64_t number;
  if (line.key.empty() || !PassNumber(text, at, number)) return false;
  if (!PassNumber(text, at, line.data_bytes)) return false;
  if (at != text.size() && text[at] == ' ' && !PassNumber(text, at, number)) return false;
  return line.data_bytes <= kMaxMemcacheItemBytes;
}

bool PassCrLf(std::string_view text, size_t& at) {
  if (text.size() - at < kCrLf.size() || text[at] != '\r' || text[at + 1] != '\n') return false;
  at += kCrLf.size();
  return true;
}

}  // namespace

std::optional<ValueBlock> ReadWholeValue(std::string_view reply) {
  if (!reply.starts_with(kValueLine)) return std::nullopt;
  size_t at = kValueLine.size();
  ReplyLine line;
  if (!PassValue(reply, at, line) || !PassCrLf(reply, at)) return std::nullopt;
  if (line.data_bytes > reply.size() - at) return std::nullopt;
  at += static_cast<size_t>(line.data_bytes);
  if (!PassCrLf(reply, at)) return std::nullopt;
  return ValueBlock{.key = line.key, .size = at};
}

std::optional<ReplyLine> ReadReplyLine(std::string_view line) {
  std::string_view rest = line;
  const std::string_view first = TakeWord(rest);
  if (IsNumber(first)) return ReplyLine{.word = ReplyWord::kNumber, .key = {}};
  for (const WordRow& row : kWords) {
    if (row.text != first) continue;
    if (row.alone && first.size() != line.size()) return std::nullopt;
    if (row.word == ReplyWord::kValue) {
      size_t at = line.size() - rest.size();
      ReplyLine value;
      return PassValue(line, at, value) && at == line.size() ? std::optional(value) : std::nullopt;
    }
    if (row.word == ReplyWord::kVa) return ReadMetaValue(rest);
    return ReplyLine{.word = row.word, .key = {}};
  }
  return std::nullopt;
}

}  // namespace keyway::memcache

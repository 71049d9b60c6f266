#include "proxy/protocol/memcache/reply_line.h"

#include <algorithm>

#include "proxy/base/limits.h"
#include "proxy/protocol/memcache/number.h"
#include "proxy/protocol/memcache/value_block.h"

namespace keyway::memcache {
namespace {

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
  return ReplyLine{.word = ReplyWord::kVa, .data_bytes = *bytes};
}

}  // namespace

std::optional<ReplyLine> ReadReplyLine(std::string_view line) {
  if (!line.ends_with(kCrLf)) return std::nullopt;
  const char* const end = line.data() + line.size();
  line.remove_suffix(kCrLf.size());
  std::string_view rest = line;
  const std::string_view first = TakeWord(rest);
  if (IsNumber(first)) return ReplyLine{.word = ReplyWord::kNumber};
  for (const WordRow& row : kWords) {
    if (row.text != first) continue;
    if (row.alone && first.size() != line.size()) return std::nullopt;
    if (row.word == ReplyWord::kValue) {
      ValueLine value;
      if (PassValueLine(rest.data(), end, value) != end) return std::nullopt;
      return ReplyLine{.word = row.word, .data_bytes = value.data_bytes};
    }
    if (row.word == ReplyWord::kVa) return ReadMetaValue(rest);
    return ReplyLine{.word = row.word};
  }
  return std::nullopt;
}

}  // namespace keyway::memcache

#include "proxy/protocol/memcache/line.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "proxy/base/limits.h"
#include "proxy/protocol/memcache/commands.h"
#include "proxy/protocol/memcache/number.h"
#include "proxy/protocol/memcache/words.h"

namespace keyway::memcache {
namespace {

// The texts are memcached's own where it has one.
constexpr std::string_view kError = "ERROR\r\n";
constexpr std::string_view kBadFormat = "CLIENT_ERROR bad command line format\r\n";
constexpr std::string_view kLineTooLong = "CLIENT_ERROR line too long\r\n";
constexpr std::string_view kBadKey = "CLIENT_ERROR error decoding key\r\n";
constexpr std::string_view kDuplicateFlag = "CLIENT_ERROR duplicate flag\r\n";
constexpr std::string_view kTooManyFlags = "CLIENT_ERROR options flags too long\r\n";
constexpr std::string_view kNoReply = "noreply";

struct LineWords {
  // There are no control bytes. None may get through: memcached ends a line at LF and at
  // NUL, and others may at CR.
  bool clean = true;
  size_t longest = 0;
};

// Splits at runs of spaces, and only there.
LineWords SplitWords(std::string_view line, Request& request) {
  constexpr char kDelete = 0x7f;  // the control byte that does not end a word
  const char* const end = line.data() + line.size();
  LineWords words = {.clean = line.find(kDelete) == line.npos};
  size_t likely = 0;
  for (const char* begin = line.data(); begin < end;) {
    const char* stop = EndOfWord(begin, end, likely);
    while (stop != end && *stop != ' ') {
      words.clean = false;
      stop = EndOfWord(stop + 1, end);
    }
    if (stop != begin) {
      Request::Argument& word = request.arguments.emplace_back();
      word.offset = static_cast<uint32_t>(begin - line.data());
      word.size = static_cast<uint32_t>(stop - begin);
      likely = word.size;
      words.longest = std::max(words.longest, likely);
    }
    begin = stop + 1;
  }
  return words;
}

bool IsKey(std::string_view word) { return word.size() <= kMaxMemcacheKeyBytes; }

// Checks a word against its letter of CommandForm::words.
bool WordFits(char letter, std::string_view word) {
  switch (letter) {
    case 'k':
    case 'K':
      return IsKey(word);
    case 'f':
      return ReadNumber<uint32_t>(word).has_value();
    case 't':
      return ReadNumber<int64_t>(word).has_value();
    case 'u':
    case 'n':
      return ReadNumber<uint64_t>(word).has_value();
    default:
      return true;
  }
}

bool WordsFit(std::string_view letters, size_t longest, const Request& request) {
  const size_t count = request.arguments.size();
  for (size_t i = 0; i < letters.size(); ++i) {
    if (i + 1 >= count || !WordFits(letters[i], request.Text(i + 1))) return false;
  }
  if (letters.empty() || letters.back() != 'K' || longest <= kMaxMemcacheKeyBytes) return true;
  for (size_t i = letters.size() + 1; i < count; ++i) {
    if (!IsKey(request.Text(i))) return false;
  }
  return true;
}

// Takes word `i` and the space before it out of what is forwarded.
void Cut(size_t i, Quiet quiet, Request& request) {
  request.cut_offset = request.arguments[i].offset - 1;
  request.cut_size = request.arguments[i].size + 1;
  request.quiet = quiet;
}

// Returns the refusal, or nothing. A second `noreply` would become the flag once the
// first is cut off, and the server would then never answer.
std::string_view TakeNoReply(const CommandForm& form, Request& request) {
  const size_t last = request.arguments.size() - 1;
  if (form.noreply_from == 0 || last < form.noreply_from || request.Text(last) != kNoReply) {
    return {};
  }
  Cut(last, Quiet::kHideAll, request);
  const bool again = last > form.noreply_from && request.Text(last - 1) == kNoReply;
  return again ? kBadFormat : std::string_view();
}

// Returns the refusal, or nothing.
std::string_view TakeMetaFlags(const CommandForm& form, Request& request) {
  for (size_t i = form.words.size() + 1; i < request.arguments.size(); ++i) {
    const char flag = request.Text(i)[0];
    if (flag == 'q' && form.flags == MetaFlags::kQuiet) {
      if (request.quiet != Quiet::kOff) return kDuplicateFlag;
      Cut(i, Quiet::kHideOrdinary, request);
    } else if (flag == 'b') {
      const std::string_view key = request.Text(1);
      const bool decoded =
          absl::Base64Unescape(absl::string_view(key.data(), key.size()), &request.decoded_key);
      if (!decoded || request.decoded_key.empty()) return kBadKey;
    }
  }
  return {};
}

// Returns the refusal of a line that must not reach a server, or nothing. Fills in
// what the flags say.
std::string_view CheckLine(const CommandForm& form, size_t line_size, const LineWords& words,
                           Request& request) {
  const size_t count = request.arguments.size();
  if (!ArityFits(request.command->arity, count)) return kError;
  if (form.most_words != CommandForm::kAnyNumber && count > form.most_words) {
    return form.flags == MetaFlags::kNone ? kError : kTooManyFlags;
  }
  if (const std::string_view refusal = TakeNoReply(form, request); !refusal.empty()) {
    return refusal;
  }
  if (!words.clean || !WordsFit(form.words, words.longest, request)) return kBadFormat;
  if (!form.long_line && line_size + kCrLf.size() > kMaxShortLineBytes) return kLineTooLong;
  return form.flags == MetaFlags::kNone ? std::string_view() : TakeMetaFlags(form, request);
}

}  // namespace

std::optional<uint64_t> ReadLine(size_t line_size, Request& request) {
  const std::string_view line = request.bytes.substr(0, line_size);
  const LineWords words = SplitWords(line, request);
  if (request.arguments.empty()) {
    request.arguments.push_back({});
    request.refusal = kError;
    return std::nullopt;
  }
  request.command = FindCommand(request.Text(0));
  if (request.command == nullptr) return std::nullopt;
  const CommandForm& form = FormOf(*request.command);
  request.refusal = CheckLine(form, line_size, words, request);
  const size_t size_at = form.size_at();
  if (size_at == 0 || size_at >= request.arguments.size()) return std::nullopt;
  return ReadNumber<uint64_t>(request.Text(size_at));
}

}  // namespace keyway::memcache

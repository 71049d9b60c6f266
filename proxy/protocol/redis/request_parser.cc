#include "proxy/protocol/redis/request_parser.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_format.h"
#include "proxy/base/limits.h"
#include "proxy/protocol/redis/commands.h"
#include "proxy/protocol/redis/compose.h"
#include "proxy/protocol/redis/inline_command.h"

namespace keyway::redis {
namespace {

// Whether all keys that `spec` names are among the first `known` arguments, however
// many follow.
bool KeysAreKnown(const KeySpec& spec, size_t known) {
  if (spec.first == 0) return true;
  return spec.count_at == 0 && spec.after.empty() && spec.last > 0 &&
         static_cast<size_t>(spec.last) < known;
}

// What is wrong with a request of which the name and the number of arguments are known;
// nothing if it may go on.
std::string EarlyRefusal(const Request& request, size_t announced) {
  const CommandSpec* command = request.command;
  if (command == nullptr) return ErrorReply(ErrorKind::kUnknownCommand, request.Text(0));
  if (command->plan == Plan::kRefused) return ErrorReply(ErrorKind::kRefused, command->name);
  if (ArityFits(command->arity, announced)) return {};
  return ErrorReply(ErrorKind::kWrongArity, command->name);
}

// Whether `request`, which is not refused, may be forwarded before all of it is there.
bool CanStream(const Request& request) {
  const CommandSpec& command = *request.command;
  return command.plan == Plan::kOneShard && command.refused_option.empty() &&
         KeysAreKnown(command.keys, request.arguments.size()) &&
         KeysAreKnown(command.more_keys, request.arguments.size());
}

// A web page can make a browser send HTTP to any port, with commands in its body.
bool IsHttp(std::string_view first_word) {
  const std::string lower = absl::AsciiStrToLower(std::string(first_word));
  return lower == "post" || lower == "host:";
}

}  // namespace

Parsed RedisRequestParser::Next(std::string_view input, Block* block, Request& request) {
  if (progress_.found != request.arguments.size()) progress_ = {};
  if (progress_.found == 0) request.Clear();
  if (!composed_.empty()) composed_ = std::string();
  request.block = block;
  request.wanted = 0;
  Parsed parsed = Parsed::kDone;
  while (parsed == Parsed::kDone && request.size == 0) {
    if (progress_.announced != 0) {
      parsed = Arguments(input, request);
    } else if (progress_.begin == input.size()) {
      parsed = Parsed::kNeedMore;
    } else {
      parsed = input[progress_.begin] == '*' ? Header(input, request) : Inline(input, request);
    }
  }
  return parsed;
}

// "*3": how many arguments there are.
Parsed RedisRequestParser::Header(std::string_view input, Request& request) {
  size_t at = progress_.begin + 1;
  int64_t count = 0;
  const Parsed parsed = ReadNumber(input, at, count);
  if (parsed == Parsed::kNeedMore) return parsed;
  if (parsed == Parsed::kBad || count > kMaxArguments) {
    return Fail("invalid multibulk length", request);
  }
  if (count <= 0) return Skip(at, request);
  progress_.announced = static_cast<uint32_t>(count);
  progress_.at = at;
  return Parsed::kDone;
}

// In place: copying a temporary reads eight bytes right after two stores of four, and that
// stall took half of the parser's time.
inline void RedisRequestParser::AddArgument(size_t text, size_t size, Request& request) {
  Request::Argument& argument = request.arguments.emplace_back();
  argument.offset = static_cast<uint32_t>(text - progress_.begin);
  argument.size = static_cast<uint32_t>(size);
}

// The argument that begins at `at`, and moves `at` behind it. When its size is known
// but not all of it is there, request.wanted is set.
inline Parsed RedisRequestParser::Argument(std::string_view input, size_t& at, Request& request) {
  std::string_view short_text;
  if (PassShortBulk(input, at, short_text)) {
    AddArgument(short_text.data() - input.data(), short_text.size(), request);
    return Parsed::kDone;
  }
  if (at == input.size()) return Parsed::kNeedMore;
  if (input[at] != '$') {
    const char got = absl::ascii_isprint(static_cast<uint8_t>(input[at])) ? input[at] : '?';
    return Fail(absl::StrFormat("expected '$', got '%c'", got), request);
  }
  size_t text = at + 1;
  int64_t size = 0;
  const Parsed parsed = ReadNumber(input, text, size);
  if (parsed == Parsed::kNeedMore) return parsed;
  if (parsed == Parsed::kBad || size < 0 || size > static_cast<int64_t>(kMaxBulkBytes)) {
    return Fail("invalid bulk length", request);
  }
  const size_t end = text + static_cast<size_t>(size);
  if (end + 2 > input.size()) {
    request.wanted = end + 2;
    return Parsed::kNeedMore;
  }
  if (!IsCrLf(input.data() + end)) return Fail("expected CRLF behind an argument", request);
  AddArgument(text, static_cast<size_t>(size), request);
  at = end + 2;
  return Parsed::kDone;
}

Parsed RedisRequestParser::Arguments(std::string_view input, Request& request) {
  const uint32_t announced = progress_.announced;
  size_t at = progress_.at;
  for (uint32_t found = progress_.found; found != announced; ++found) {
    const Parsed parsed = Argument(input, at, request);
    if (parsed == Parsed::kBad) return parsed;
    if (parsed == Parsed::kNeedMore) {
      progress_.at = at;
      progress_.found = found;
      return request.wanted == 0 ? parsed : Arriving(input, request);
    }
    if (found == 0) {
      const Request::Argument& name = request.arguments[0];
      request.command = FindCommand(input.substr(progress_.begin + name.offset, name.size));
    }
  }
  request.bytes = input.substr(progress_.begin, at - progress_.begin);
  request.size = at;
  progress_ = {};
  if (request.command != nullptr && HasRefusedOption(request)) {
    request.refusal =
        absl::StrFormat("-ERR option '%s' of command '%s' is not supported by this proxy\r\n",
                        request.command->refused_option, request.command->name);
  }
  return Parsed::kDone;
}

// The argument at progress_.at ends at request.wanted and is still arriving.
Parsed RedisRequestParser::Arriving(std::string_view input, Request& request) {
  size_t text = progress_.at + 1;
  int64_t size = 0;
  ReadNumber(input, text, size);
  request.bytes = input.substr(progress_.begin);
  const bool large = static_cast<size_t>(size) >= kStreamBytes && progress_.found != 0;
  if (large) request.refusal = EarlyRefusal(request, progress_.announced);
  if (!large || (request.refusal.empty() && !CanStream(request))) {
    const bool fits = request.wanted - progress_.begin <= kMaxGatheredBytes;
    return fits ? Parsed::kNeedMore : Fail("request too large", request);
  }
  bulk_.Begin(static_cast<uint64_t>(size));
  if (bulk_.Take(input, text) == Parsed::kBad) {
    return Fail("expected CRLF behind an argument", request);
  }
  arguments_left_ = progress_.announced - progress_.found - 1;
  request.size = input.size();
  request.wanted = 0;
  progress_ = {};
  return Parsed::kHead;
}

Parsed RedisRequestParser::Rest(std::string_view input, size_t& taken) {
  size_t at = 0;
  Parsed parsed = bulk_.Take(input, at);
  while (parsed == Parsed::kDone && arguments_left_ != 0) {
    taken = at;
    if (at == input.size()) return Parsed::kNeedMore;
    if (input[at] != '$') return Parsed::kBad;
    int64_t size = 0;
    parsed = ReadNumber(input, ++at, size);
    if (parsed != Parsed::kDone) return parsed;
    if (size < 0 || size > static_cast<int64_t>(kMaxBulkBytes)) return Parsed::kBad;
    bulk_.Begin(static_cast<uint64_t>(size));
    --arguments_left_;
    parsed = bulk_.Take(input, at);
  }
  taken = at;
  return parsed;
}

Parsed RedisRequestParser::Inline(std::string_view input, Request& request) {
  const size_t newline = input.find('\n', progress_.at);
  std::string_view line = input.substr(progress_.begin, newline - progress_.begin);
  if (line.size() > kMaxLineBytes) return Fail("too big inline request", request);
  if (newline == std::string_view::npos) {
    progress_.at = input.size();
    return Parsed::kNeedMore;
  }
  if (line.ends_with('\r')) line.remove_suffix(1);
  std::vector<std::string> words;
  if (!SplitInline(line, words)) return Fail("unbalanced quotes in request", request);
  if (words.empty()) return Skip(newline + 1, request);
  if (IsHttp(words[0])) return Fail("this is no web server", request);

  composed_.clear();
  AppendArray(words, composed_);
  progress_ = {};
  Header(composed_, request);
  Arguments(composed_, request);
  request.block = nullptr;
  request.size = newline + 1;
  return Parsed::kDone;
}

// Passes over an empty request. Bounded, because its bytes stay in the input until a
// request follows.
Parsed RedisRequestParser::Skip(size_t end, Request& request) {
  if (end > kMaxLineBytes) return Fail("too many empty requests", request);
  progress_.begin = progress_.at = end;
  return Parsed::kDone;
}

Parsed RedisRequestParser::Fail(std::string_view what, Request& request) {
  progress_ = {};
  request.refusal = absl::StrFormat("-ERR Protocol error: %s\r\n", what);
  return Parsed::kBad;
}

}  // namespace keyway::redis

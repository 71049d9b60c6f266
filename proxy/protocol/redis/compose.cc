#include "proxy/protocol/redis/compose.h"

#include <algorithm>

#include "absl/strings/str_format.h"
#include "proxy/base/output_writer.h"
#include "proxy/protocol/redis/commands.h"
#include "proxy/protocol/redis/framing.h"
#include "proxy/protocol/redis/inline_command.h"

namespace keyway::redis {
namespace {

constexpr size_t kMaxNameBytes = 128;  // as much of an unknown name as Redis repeats
constexpr size_t kMaxDetailBytes = 512;

struct ErrorText {
  ErrorKind kind;
  std::string_view before;  // the detail
  std::string_view after;
  size_t max_detail_bytes;
};

// Clients tell errors apart by their first word and, where Redis has the error too,
// by its wording.
constexpr ErrorText kErrorTexts[] = {
    {ErrorKind::kUnknownCommand, "ERR unknown command '", "'", kMaxNameBytes},
    {ErrorKind::kWrongArity, "ERR wrong number of arguments for '", "' command", kMaxNameBytes},
    {ErrorKind::kRefused, "ERR command '", "' is not supported by this proxy", kMaxNameBytes},
    {ErrorKind::kCrossShard, "CROSSSLOT Keys in request don't hash to the same slot ('",
     "' needs all of them on one server)", kMaxNameBytes},
    {ErrorKind::kBadKeyCount, "ERR Number of keys for '",
     "' is no number, is negative or is greater than number of args", kMaxNameBytes},
    {ErrorKind::kServerFailed, "ERR ", "", kMaxDetailBytes},
    {ErrorKind::kOverloaded, "ERR overloaded: ", "", kMaxDetailBytes},
    {ErrorKind::kBadReply, "ERR ", "", kMaxDetailBytes},
};

HandshakeStep Step(std::string what, const std::vector<std::string>& words) {
  HandshakeStep step{.what = std::move(what), .bytes = {}, .asked = FindCommand(words[0])};
  AppendArray(words, step.bytes);
  return step;
}

// Where argument `i`, its header included, begins in the bytes of the request. `i` is
// not 0, and may be one behind the last argument.
size_t BeginOf(const Request& request, size_t i) {
  const Request::Argument& before = request.arguments[i - 1];
  return size_t{before.offset} + before.size + 2;
}

}  // namespace

void ComposePart(const Request& request, std::span<const uint32_t> positions,
                 std::span<const uint32_t> ordinals, OutputBuffer& out) {
  const auto step = static_cast<size_t>(request.command->keys.step);
  const std::string_view name = request.command->name;
  AppendHeader('*', 1 + step * ordinals.size(), out);
  AppendHeader('$', name.size(), out);
  OutputWriter writer(out);
  writer.Append(name);
  writer.Append("\r\n");
  for (const uint32_t ordinal : ordinals) {
    const size_t begin = BeginOf(request, positions[ordinal]);
    const size_t end = BeginOf(request, positions[ordinal] + step);
    writer.Append(request.block, {request.bytes.data() + begin, end - begin});
  }
}

std::string ErrorReply(ErrorKind kind, std::string_view detail) {
  const auto* text = std::find_if(std::begin(kErrorTexts), std::end(kErrorTexts),
                                  [kind](const ErrorText& row) { return row.kind == kind; });
  return absl::StrFormat("-%s%s%s\r\n", text->before, Printable(detail, text->max_detail_bytes),
                         text->after);
}

std::vector<HandshakeStep> ComposeHandshake(const Credentials& credentials) {
  std::vector<HandshakeStep> steps;
  if (!credentials.password.empty()) {
    std::vector<std::string> words = {"AUTH"};
    if (!credentials.user.empty()) words.push_back(credentials.user);
    words.push_back(credentials.password);
    steps.push_back(Step("AUTH", words));
  }
  if (credentials.database != 0) {
    const std::string database = std::to_string(credentials.database);
    steps.push_back(Step("SELECT " + database, {"SELECT", database}));
  }
  return steps;
}

HandshakeStep ComposeProbe() { return Step("PING", {"PING"}); }

std::string Printable(std::string_view text, size_t max_bytes) {
  std::string printable(text.substr(0, max_bytes));
  for (char& c : printable) {
    if (static_cast<uint8_t>(c) < ' ' || c == '\x7f') c = '?';
  }
  return printable;
}

}  // namespace keyway::redis

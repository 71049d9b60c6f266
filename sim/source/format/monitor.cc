// What the server prints to a client that sent MONITOR:
//   1700000000.123456 [0 127.0.0.1:50000] "SET" "key" "value"
#include <optional>

#include "proxy/protocol/redis/codec.h"
#include "proxy/protocol/request.h"
#include "sim/source/format/escapes.h"
#include "sim/source/format/formats.h"
#include "sim/source/format/lines.h"

namespace keyway::sim {
namespace {

constexpr std::string_view kSource = " [";
constexpr std::string_view kCommand = "] \"";

// Takes "seconds.microseconds [database address] " off the front of `line`. The address of
// a Unix socket is a path, so anything may be in it.
bool TakeHead(std::string_view& line, std::string_view& source) {
  size_t digits = 0;
  while (digits < line.size() &&
         ((line[digits] >= '0' && line[digits] <= '9') || line[digits] == '.')) {
    ++digits;
  }
  if (digits == 0 || !line.substr(digits).starts_with(kSource)) return false;
  const size_t end = line.find(kCommand, digits);
  if (end == std::string_view::npos) return false;
  source = line.substr(digits + kSource.size(), end - digits - kSource.size());
  line.remove_prefix(end + kCommand.size() - 1);
  return true;
}

// The place of the quote that ends the text beginning at `from`; npos if none does.
size_t FindQuote(std::string_view text, size_t from) {
  for (size_t quote = from; (quote = text.find('"', quote)) != std::string_view::npos; ++quote) {
    size_t backslashes = 0;
    while (quote - backslashes > from && text[quote - backslashes - 1] == '\\') ++backslashes;
    if (backslashes % 2 == 0) return quote;
  }
  return std::string_view::npos;
}

// The words of a command as they are quoted, for the proxy's own table to find the keys in.
bool FindWords(std::string_view words, Request& request) {
  request.Clear();
  request.bytes = words;
  for (size_t at = 0; at < words.size();) {
    if (words[at] != '"') return false;
    const size_t end = FindQuote(words, at + 1);
    if (end == std::string_view::npos) return false;
    request.arguments.push_back(
        {static_cast<uint32_t>(at + 1), static_cast<uint32_t>(end - at - 1)});
    at = end + 1;
    if (at < words.size() && words[at++] != ' ') return false;
  }
  return !request.arguments.empty();
}

// Parses the lines of one block; holds what is allocated once for all of them.
class MonitorParser {
 public:
  explicit MonitorParser(RecordSink& sink) : sink_(sink) {}

  // Returns why the line is no line of a log; nothing if it is one.
  std::string_view Parse(std::string_view line) {
    if (line.empty() || line == "OK") return {};
    std::string_view source;
    if (!TakeHead(line, source)) return "no time and address of a client as MONITOR prints them";
    if (!FindWords(line, request_)) return "a command that is not quoted as MONITOR does";
    // The script's caller named the same keys.
    if (source.ends_with(" lua")) return Skip("commands of scripts");
    request_.command = redis::RedisCodec().FindCommand(request_.Text(0));
    if (request_.command == nullptr) return Skip("unknown commands");
    if (!ArityFits(request_.command->arity, request_.arguments.size())) {
      return Skip("commands with a wrong number of arguments");
    }
    return AddKeys(*request_.command);
  }

 private:
  std::string_view Skip(std::string_view reason) {
    sink_.Skip(reason, 1);
    return {};
  }

  std::string_view AddKeys(const CommandSpec& command) {
    const bool reads = command.access == Access::kRead;
    positions_.clear();
    if ((!reads && command.access != Access::kWrite) ||
        FindKeys(request_, positions_) != KeysFound::kOk || positions_.empty()) {
      return Skip("commands without a key");
    }
    for (size_t i = 0; i < positions_.size(); ++i) {
      const std::optional<std::string_view> key = FromQuoted(request_.Text(positions_[i]), sink_);
      if (!key) return "a key with an unknown escape";
      sink_.Add(*key, {.keys = 0,
                       .bytes = reads ? 0 : BytesBehind(i),
                       .reads = reads ? 1u : 0u,
                       .writes = reads ? 0u : 1u});
    }
    return {};
  }

  // Of the arguments that follow a key, up to the next one.
  uint64_t BytesBehind(size_t i) const {
    const size_t end = i + 1 < positions_.size() ? positions_[i + 1] : request_.arguments.size();
    uint64_t bytes = 0;
    for (size_t at = positions_[i] + 1; at < end; ++at) bytes += QuotedSize(request_.Text(at));
    return bytes;
  }

  RecordSink& sink_;
  Request request_;
  KeyPositions positions_;
};

class MonitorFormat final : public Format {
 public:
  uint64_t Parse(std::string_view bytes, RecordSink& sink) const override {
    MonitorParser parser(sink);
    return ParseLines(bytes, sink, [&](std::string_view line) { return parser.Parse(line); });
  }
};

bool IsMonitor(std::string_view head) {
  std::string_view line = FirstLineBehindOk(head);
  std::string_view source;
  return TakeHead(line, source);
}

}  // namespace

const FormatSpec kMonitorFormat = {
    .name = "monitor",
    .help = "what redis-cli monitor prints: each command's keys, read or written",
    .content = Content::kRequests,
    .recognise = IsMonitor,
    .make = Make<MonitorFormat>,
};

}  // namespace keyway::sim

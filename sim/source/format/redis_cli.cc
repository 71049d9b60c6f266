// What redis-cli prints with --bigkeys, --memkeys and --hotkeys:
//   [00.00%] Biggest string found so far '"a"' with 3 bytes
//   [00.00%] Hot key '"a"' found so far with counter 6
// The summary names some of these keys again.
#include <algorithm>

#include "sim/source/format/escapes.h"
#include "sim/source/format/formats.h"
#include "sim/source/format/lines.h"

namespace keyway::sim {
namespace {

// How a line begins that tells nothing about a key of its own.
constexpr std::string_view kOtherLines[] = {"#",         "-----",    "Sampled ",
                                            "Total key", "Biggest ", "hot key found"};
constexpr std::string_view kOpening = " '";
constexpr std::string_view kBytes = " bytes";

// "12 hashs with 30 fields (10.00% of keys, avg size 2.50)"
bool IsTotal(std::string_view line) { return line.find("% of keys, avg size ") != line.npos; }

bool IsOther(std::string_view line) {
  return line.empty() || IsTotal(line) ||
         std::any_of(std::begin(kOtherLines), std::end(kOtherLines),
                     [&](std::string_view start) { return line.starts_with(start); });
}

// Where the key and what is said of it stand in a line about a key.
struct Parts {
  std::string_view key;
  std::string_view rest;
};

bool Split(std::string_view line, Parts& parts) {
  if (!line.starts_with('[')) return false;
  const size_t opening = line.find(kOpening);
  // A key may hold a quote, and what follows it may not.
  const size_t closing = line.rfind("' ");
  if (opening == line.npos || closing == line.npos) return false;
  const size_t begin = opening + kOpening.size();
  if (closing < begin) return false;
  parts = {line.substr(begin, closing - begin), line.substr(closing + 2)};
  return parts.rest.starts_with("with ") || parts.rest.starts_with("found so far with counter ");
}

// Sizes in bytes are known of strings, and of all keys with --memkeys. The counter of a hot
// key is a logarithm of how often it is used, and of no use as a count.
uint64_t BytesOf(std::string_view rest) {
  uint64_t bytes = 0;
  if (!rest.starts_with("with ") || !rest.ends_with(kBytes)) return 0;
  rest.remove_prefix(5);
  rest.remove_suffix(kBytes.size());
  return ParseNumber(rest, bytes) ? bytes : 0;
}

class RedisCliFormat final : public Format {
 public:
  uint64_t Parse(std::string_view bytes, RecordSink& sink) const override {
    return ParseLines(bytes, sink, [&](std::string_view line) { return ParseLine(line, sink); });
  }

 private:
  static std::string_view ParseLine(std::string_view line, RecordSink& sink) {
    if (IsOther(line)) return {};
    Parts parts;
    if (!Split(line, parts)) return "no line of --bigkeys, --memkeys or --hotkeys";
    std::string_view text = parts.key;
    // Before Redis 6 keys stood there as they are.
    const bool quoted = text.size() >= 2 && text.starts_with('"') && text.ends_with('"');
    if (quoted) text = text.substr(1, text.size() - 2);
    const std::optional<std::string_view> key = quoted ? FromQuoted(text, sink) : text;
    if (!key) return "a key with an unknown escape";
    sink.Add(*key, {.bytes = BytesOf(parts.rest)});
    return {};
  }
};

bool IsRedisCli(std::string_view head) {
  return head.substr(0, 200).find("# Scanning the entire keyspace to find ") != head.npos;
}

}  // namespace

const FormatSpec kRedisCliFormat = {
    .name = "redis-cli",
    .help = "redis-cli --bigkeys, --memkeys or --hotkeys: the keys that are named",
    .recognise = IsRedisCli,
    .make = Make<RedisCliFormat>,
};

}  // namespace keyway::sim

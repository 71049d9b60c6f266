#include "sim/source/open/open.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_format.h"
#include "sim/source/bytes/byte_stream.h"
#include "sim/source/format/format.h"
#include "sim/source/live/live.h"
#include "sim/source/synthetic/synthetic.h"

namespace keyway::sim {
namespace {

// A source that is no file.
struct Kind {
  std::string_view prefix;
  std::string_view help;
  // `details` is what follows the prefix.
  absl::StatusOr<std::unique_ptr<Source>> (*open)(std::string_view details) = nullptr;
};

constexpr Kind kKinds[] = {
    {.prefix = "uniform:", .help = "random keys: uniform:keys=1e6,size=100", .open = OpenUniform},
    {.prefix = "sequence:",
     .help = "numbered keys: sequence:keys=1e6,prefix=user:",
     .open = OpenSequence},
    {.prefix = "template:",
     .help = "keys of any form: template:user:{id:08}:{one:cart|name},keys=1e6",
     .open = OpenTemplate},
    {.prefix = "zipf:",
     .help = "requests by popularity: zipf:keys=1e6,s=0.99,requests=1e7,reads=0.9",
     .open = OpenZipf},
    {.prefix = "redis://",
     .help = "a server, by SCAN: redis://[user:password@]HOST:PORT[/db][?match=a*&memory=yes]",
     .open = OpenRedisAt},
    {.prefix = "redis-socket:",
     .help = "the same by a unix socket: redis-socket:/PATH[?db=0&user=…&password=…]",
     .open = OpenRedisSocketAt},
    {.prefix = "memcached://",
     .help = "a server, by lru_crawler metadump: memcached://HOST:PORT",
     .open = OpenMemcachedAt},
    {.prefix = "memcached-socket:",
     .help = "the same by a unix socket: memcached-socket:/PATH",
     .open = OpenMemcachedSocketAt},
};

std::string InDirectory(const std::string& path, const std::string& directory) {
  return path == "-" || path.starts_with('/') || directory.empty() ? path : directory + "/" + path;
}

// The format with that name; null if none has it.
const FormatSpec* FindFormat(std::string_view name) {
  for (const FormatSpec& row : AllFormatSpecs()) {
    if (row.name == name) return &row;
  }
  return nullptr;
}

const FormatSpec* Recognise(std::string_view head) {
  for (const FormatSpec& row : AllFormatSpecs()) {
    if (row.recognise != nullptr && row.recognise(head)) return &row;
  }
  return nullptr;
}

// As Windows writes text. In a list the carriage returns would be parts of the keys, and
// hash to other servers.
bool LinesEndInCrLf(std::string_view head) {
  size_t ends = 0;
  for (size_t end = head.find('\n'); end != std::string_view::npos;
       end = head.find('\n', end + 1)) {
    if (end == 0 || head[end - 1] != '\r') return false;
    ++ends;
  }
  return ends > 0;
}

std::string FormatNames() {
  std::string names;
  for (const SourceHelp& row : AllFormats()) {
    if (!names.empty()) names += ", ";
    names += row.name;
  }
  return names;
}

absl::StatusOr<const FormatSpec*> ChooseFormat(const std::string& name, PeekStream& stream) {
  const FormatSpec* row = nullptr;
  if (!name.empty()) {
    row = FindFormat(name);
    if (row == nullptr) {
      return absl::InvalidArgumentError(
          absl::StrFormat("there is no format \"%s\"; there are %s", name, FormatNames()));
    }
    return row;
  }
  const absl::StatusOr<std::string_view> head = stream.Peek(kHeadBytes);
  if (!head.ok()) return head.status();
  row = Recognise(*head);
  if (row == nullptr) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "%s: is no text and of no format that is recognised; name it with --format: %s",
        stream.name(), FormatNames()));
  }
  if (row->name == "list" && LinesEndInCrLf(*head)) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "%s: its lines end in CR LF; remove the carriage returns (tr -d '\\r'), or name it with "
        "--format list if they belong to the keys",
        stream.name()));
  }
  return row;
}

absl::StatusOr<std::unique_ptr<Source>> OpenFileSource(const std::string& text,
                                                       const SourceOptions& options) {
  absl::StatusOr<OpenedBytes> bytes =
      OpenBytes(InDirectory(text, options.directory), text == "-" ? "standard input" : text);
  if (!bytes.ok()) return bytes.status();
  const size_t colon = std::min(options.format.find(':'), options.format.size());
  const absl::StatusOr<const FormatSpec*> format =
      ChooseFormat(options.format.substr(0, colon), *bytes->stream);
  if (!format.ok()) return format.status();
  const std::string_view details =
      std::string_view(options.format).substr(std::min(colon + 1, options.format.size()));
  return OpenFormat(**format, details, std::move(bytes->stream));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Source>> OpenSource(const std::string& text,
                                                   const SourceOptions& options) {
  for (const Kind& row : kKinds) {
    if (text.starts_with(row.prefix)) {
      return row.open(std::string_view(text).substr(row.prefix.size()));
    }
  }
  return OpenFileSource(text, options);
}

std::vector<SourceHelp> AllFormats() {
  std::vector<SourceHelp> all;
  for (const FormatSpec& row : AllFormatSpecs()) all.push_back({row.name, row.help});
  return all;
}

std::vector<SourceHelp> AllKinds() {
  std::vector<SourceHelp> all;
  for (const Kind& row : kKinds) all.push_back({row.prefix, row.help});
  return all;
}

}  // namespace keyway::sim

#include "proxy/protocol/memcache/compose.h"

#include <algorithm>

#include "absl/strings/str_format.h"
#include "proxy/base/output_writer.h"
#include "proxy/protocol/memcache/reply_line.h"

namespace keyway::memcache {
namespace {

// Enough for a server's name and a cause; a client's garbage need not come back whole.
constexpr size_t kMaxDetailBytes = 512;

std::string Printable(std::string_view detail) {
  std::string text(detail.substr(0, kMaxDetailBytes));
  std::replace_if(
      text.begin(), text.end(), [](char c) { return static_cast<uint8_t>(c) < 0x20 || c == 0x7f; },
      '?');
  return text;
}

}  // namespace

void ComposePart(const Request& request, std::span<const uint32_t> positions,
                 std::span<const uint32_t> ordinals, OutputBuffer& out) {
  OutputWriter writer(out);
  writer.Append(request.Text(0));
  for (size_t i = 1; i < positions.front(); ++i) {
    writer.Append(" ");
    writer.Append(request.Text(i));
  }
  for (const uint32_t ordinal : ordinals) {
    // With the space in front of it.
    const Request::Argument& key = request.arguments[positions[ordinal]];
    writer.Append({request.bytes.data() + key.offset - 1, key.size + size_t{1}});
  }
  writer.Append(kCrLf);
}

std::string ComposeError(ErrorKind kind, std::string_view detail) {
  const std::string text = Printable(detail);
  switch (kind) {
    case ErrorKind::kUnknownCommand:
    case ErrorKind::kWrongArity:
      return "ERROR\r\n";
    case ErrorKind::kBadKeyCount:
      return "CLIENT_ERROR bad command line format\r\n";
    case ErrorKind::kCrossShard:
      return absl::StrFormat("CLIENT_ERROR the keys of '%s' are on different servers\r\n", text);
    case ErrorKind::kRefused:
      return absl::StrFormat("SERVER_ERROR command '%s' is not supported by this proxy\r\n", text);
    case ErrorKind::kOverloaded:
      return absl::StrFormat("SERVER_ERROR overloaded: %s\r\n", text);
    case ErrorKind::kServerFailed:
    case ErrorKind::kBadReply:
      return absl::StrFormat("SERVER_ERROR %s\r\n", text);
  }
  return "SERVER_ERROR\r\n";
}

}  // namespace keyway::memcache

#include "proxy/config/address_text.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include "absl/strings/ascii.h"
#include "absl/strings/str_format.h"
#include "proxy/base/number.h"
#include "proxy/config/problem.h"

namespace keyway {
namespace {

constexpr int kMostPort = 65535;
constexpr int kMostMode = 0777;

// libmemcached hashes a host without its port when the port is memcached's own.
constexpr int kUnnamedPort = 11211;

// Takes from `text` what follows the last `separator`. False, and `text` as it was, when
// there is none.
bool TakeLast(std::string_view& text, char separator, std::string_view& part) {
  const size_t at = text.rfind(separator);
  if (at == std::string_view::npos) return false;
  part = text.substr(at + 1);
  text = text.substr(0, at);
  return true;
}

std::string WrongPort(std::string_view port) {
  return absl::StrFormat("%s is not a port; write a number from 1 to %d", Quoted(port), kMostPort);
}

// The mode as strtol reads it: what does not start with octal digits counts as 0.
std::string ParseMode(std::string_view text, int& mode) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 8);
  if (error == std::errc::result_out_of_range || value > kMostMode || text.starts_with('-')) {
    return absl::StrFormat("%s is not a permission; write an octal number up to 0777",
                           Quoted(text));
  }
  mode = static_cast<int>(value);
  return "";
}

// Digits and dots only. Such a host is no name, and must be an address.
bool LooksLikeIpv4(std::string_view host) {
  return std::all_of(host.begin(), host.end(),
                     [](unsigned char c) { return absl::ascii_isdigit(c) || c == '.'; });
}

bool IsNameCharacter(unsigned char c) {
  return absl::ascii_isalnum(c) || c == '-' || c == '_' || c == '.';
}

}  // namespace

std::string CheckHost(std::string_view host) {
  if (host.empty()) return "the host is empty; write an address or a name";
  if (host == "*") return "";
  const std::string text(host);
  if (text.front() == '[' && text.back() == ']') {
    return absl::StrFormat("%s is not a host; write the IPv6 address without brackets",
                           Quoted(text));
  }
  if (text.find(':') != std::string::npos) {
    in6_addr address;
    const std::string number = text.substr(0, text.find('%'));
    if (inet_pton(AF_INET6, number.c_str(), &address) == 1) return "";
    return absl::StrFormat("%s is not an IPv6 address", Quoted(text));
  }
  if (LooksLikeIpv4(text)) {
    in_addr address;
    if (inet_aton(text.c_str(), &address) == 1) return "";
    return absl::StrFormat("%s is not an IPv4 address", Quoted(text));
  }
  if (!std::all_of(text.begin(), text.end(), IsNameCharacter)) {
    return absl::StrFormat("%s is not a host; names hold letters, digits, '-', '_' and '.'",
                           Quoted(text));
  }
  return "";
}

std::string CheckUnixPath(std::string_view path) {
  constexpr size_t kMostBytes = sizeof(sockaddr_un::sun_path) - 1;
  if (path.size() <= kMostBytes) return "";
  return absl::StrFormat("the path of a unix socket has at most %d bytes, this has %d", kMostBytes,
                         path.size());
}

std::string ParseListen(std::string_view text, ListenAddress& listen) {
  if (text.starts_with('/')) {
    std::string_view mode;
    if (TakeLast(text, ' ', mode)) {
      std::string wrong = ParseMode(mode, listen.mode);
      if (!wrong.empty()) return wrong;
    }
    listen.endpoint.path = text;
    return CheckUnixPath(text);
  }
  std::string_view port;
  if (!TakeLast(text, ':', port)) {
    return absl::StrFormat("%s is not an address; write host:port, or the path of a unix socket",
                           Quoted(text));
  }
  const std::optional<int> number = ParseNumber(port, 1, kMostPort);
  if (!number) return WrongPort(port);
  listen.endpoint.port = static_cast<uint16_t>(*number);
  listen.endpoint.host = text == "*" ? "0.0.0.0" : text;
  return CheckHost(text);
}

std::string ParseServer(std::string_view text, ServerText& server) {
  const std::string_view line = text;
  const bool is_unix = text.starts_with('/');
  std::string_view name, weight, port;
  const bool named = TakeLast(text, ' ', name);
  const std::string_view address = text;
  const bool complete = TakeLast(text, ':', weight) && (is_unix || TakeLast(text, ':', port));
  if (!complete || (is_unix && text.find(':') != std::string_view::npos)) {
    return absl::StrFormat(
        "%s is not a server; write host:port:weight or /path:weight, and "
        "behind a space a name if it is to have one",
        Quoted(line));
  }
  const std::optional<int> weight_number = ParseNumber(weight, 1, std::numeric_limits<int>::max());
  if (!weight_number) {
    return absl::StrFormat("%s is not a weight; write a number of at least 1", Quoted(weight));
  }
  server.weight = static_cast<uint32_t>(*weight_number);

  if (is_unix) {
    server.endpoint.path = text;
  } else {
    const std::optional<int> port_number = ParseNumber(port, 1, kMostPort);
    if (!port_number) return WrongPort(port);
    server.endpoint.port = static_cast<uint16_t>(*port_number);
    server.endpoint.host = text;
  }
  if (named) {
    server.name = name;
  } else if (server.endpoint.port == kUnnamedPort) {
    server.name = text;
  } else {
    // Without the weight: "host:port" with the digits as written, or "/path:".
    server.name = address.substr(0, address.size() - weight.size() - (is_unix ? 0 : 1));
  }
  return "";
}

}  // namespace keyway

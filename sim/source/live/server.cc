#include "sim/source/live/server.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <optional>

#include "absl/status/status.h"
#include "absl/strings/str_format.h"
#include "proxy/config/address_text.h"
#include "proxy/config/problem.h"

namespace keyway::sim {
namespace {

std::optional<uint64_t> Number(std::string_view text) {
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// RFC 3986, section 2.1. Nothing if a '%' is not followed by two hexadecimal digits.
std::optional<std::string> Unescape(std::string_view text) {
  std::string plain;
  for (size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '%') {
      plain += text[at];
      continue;
    }
    const std::string_view digits = text.substr(at + 1, 2);
    unsigned char byte = 0;
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), byte, 16);
    if (digits.size() != 2 || error != std::errc() || end != digits.data() + 2) return std::nullopt;
    plain += static_cast<char>(byte);
    at += digits.size();
  }
  return plain;
}

// Setters are false for a value that does not fit.
struct Option {
  std::string_view name;
  bool (*set)(std::string_view value, LiveServer& server);
};

template <std::string LiveServer::*field>
bool SetText(std::string_view value, LiveServer& server) {
  const std::optional<std::string> text = Unescape(value);
  if (text.has_value()) server.*field = *text;
  return text.has_value();
}

bool SetDatabase(std::string_view value, LiveServer& server) {
  const std::optional<uint64_t> number = Number(value);
  server.database = number.value_or(0);
  return number.has_value();
}

bool SetCount(std::string_view value, LiveServer& server) {
  constexpr uint64_t kMost = 1'000'000;
  const std::optional<uint64_t> number = Number(value);
  server.count = number.value_or(0);
  return server.count >= 1 && server.count <= kMost;
}

bool SetMemory(std::string_view value, LiveServer& server) {
  server.memory = value == "yes";
  return value == "yes" || value == "no";
}

constexpr Option kOptions[] = {
    {"match", SetText<&LiveServer::match>},
    {"count", SetCount},
    {"memory", SetMemory},
    {"db", SetDatabase},
    {"user", SetText<&LiveServer::user>},
    {"password", SetText<&LiveServer::password>},
};

std::string OptionNames() {
  std::string names;
  for (const Option& option : kOptions) {
    if (!names.empty()) names += ", ";
    names += option.name;
  }
  return names;
}

absl::Status SetOptions(std::string_view text, LiveServer& server) {
  while (!text.empty()) {
    const std::string_view setting = text.substr(0, text.find('&'));
    text.remove_prefix(std::min(text.size(), setting.size() + 1));
    const std::string_view name = setting.substr(0, setting.find('='));
    const auto option = std::ranges::find(kOptions, name, &Option::name);
    if (option == std::end(kOptions)) {
      return absl::InvalidArgumentError(
          absl::StrFormat("%s is no option; there are %s", Quoted(name), OptionNames()));
    }
    const std::string_view value = setting.substr(std::min(setting.size(), name.size() + 1));
    if (!option->set(value, server)) {
      // Not the value: it may be a password.
      return absl::InvalidArgumentError(absl::StrFormat("the value of %s is not valid", name));
    }
  }
  return absl::OkStatus();
}

// Takes what follows the first `separator` off the end of `text`; nothing if there is none.
std::string_view TakeAfter(std::string_view& text, char separator) {
  const size_t at = text.find(separator);
  if (at == std::string_view::npos) return {};
  const std::string_view after = text.substr(at + 1);
  text = text.substr(0, at);
  return after;
}

// An IPv6 address may stand in brackets, as in URLs.
absl::Status SetAddress(std::string_view text, LiveServer& server) {
  std::string plain(text);
  if (text.starts_with('[')) std::erase_if(plain, [](char c) { return c == '[' || c == ']'; });
  ListenAddress address;
  const std::string problem = ParseListen(plain, address);
  if (!problem.empty()) return absl::InvalidArgumentError(problem);
  server.endpoint = address.endpoint;
  return absl::OkStatus();
}

absl::Status SetPath(std::string_view text, LiveServer& server) {
  if (!text.starts_with('/')) {
    return absl::InvalidArgumentError(
        absl::StrFormat("%s is no path of a socket: that begins with /", Quoted(text)));
  }
  const std::string problem = CheckUnixPath(text);
  if (!problem.empty()) return absl::InvalidArgumentError(problem);
  server.endpoint.path = text;
  return absl::OkStatus();
}

// "user:password", ":password" or "password".
absl::Status SetCredentials(std::string_view text, LiveServer& server) {
  const size_t colon = text.find(':');
  const bool has_user = colon != std::string_view::npos;
  if (SetText<&LiveServer::user>(has_user ? text.substr(0, colon) : "", server) &&
      SetText<&LiveServer::password>(has_user ? text.substr(colon + 1) : text, server)) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError("a % before the @ is written %25");
}

absl::StatusOr<LiveServer> OrError(absl::Status status, const LiveServer& server) {
  if (!status.ok()) return status;
  return server;
}

}  // namespace

absl::StatusOr<LiveServer> ParseRedis(std::string_view text) {
  LiveServer server;
  const std::string_view options = TakeAfter(text, '?');
  const size_t at = text.rfind('@');
  if (at != std::string_view::npos) {
    const absl::Status status = SetCredentials(text.substr(0, at), server);
    if (!status.ok()) return status;
    text.remove_prefix(at + 1);
  }
  const std::string_view database = TakeAfter(text, '/');
  if (!database.empty() && !SetDatabase(database, server)) {
    return absl::InvalidArgumentError(
        absl::StrFormat("%s is no number of a database", Quoted(database)));
  }
  absl::Status status = SetAddress(text, server);
  if (status.ok()) status = SetOptions(options, server);
  return OrError(status, server);
}

absl::StatusOr<LiveServer> ParseRedisSocket(std::string_view text) {
  LiveServer server;
  const std::string_view options = TakeAfter(text, '?');
  absl::Status status = SetPath(text, server);
  if (status.ok()) status = SetOptions(options, server);
  return OrError(status, server);
}

absl::StatusOr<LiveServer> ParseMemcached(std::string_view text) {
  LiveServer server{.redis = false};
  return OrError(SetAddress(text, server), server);
}

absl::StatusOr<LiveServer> ParseMemcachedSocket(std::string_view text) {
  LiveServer server{.redis = false};
  return OrError(SetPath(text, server), server);
}

std::string NameOf(const LiveServer& server) {
  const Endpoint& endpoint = server.endpoint;
  const std::string protocol = server.redis ? "redis" : "memcached";
  if (endpoint.is_unix()) {
    const std::string options =
        server.database != 0 ? absl::StrFormat("?db=%d", server.database) : "";
    return protocol + "-socket:" + endpoint.path + options;
  }
  const bool ipv6 = endpoint.host.find(':') != std::string::npos;
  const std::string host = ipv6 ? "[" + endpoint.host + "]" : endpoint.host;
  return absl::StrFormat("%s://%s:%d%s", protocol, host, endpoint.port,
                         server.redis ? absl::StrFormat("/%d", server.database) : "");
}

}  // namespace keyway::sim

#include "proxy/control/http.h"

#include <algorithm>
#include <ctime>

#include "absl/strings/str_format.h"

namespace keyway {
namespace {

constexpr std::string_view kMethods[] = {"GET",     "HEAD",    "POST",  "PUT",  "DELETE",
                                         "CONNECT", "OPTIONS", "TRACE", "PATCH"};

struct Status {
  int code;
  std::string_view reason;
};
constexpr Status kStatuses[] = {
    {200, "OK"},
    {400, "Bad Request"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {431, "Request Header Fields Too Large"},
    {503, "Service Unavailable"},
};

// Whether `bytes` begin with a method and a space, or may once there are more.
bool MayBeginWithMethod(std::string_view bytes) {
  return std::any_of(std::begin(kMethods), std::end(kMethods), [&](std::string_view method) {
    const size_t common = std::min(method.size(), bytes.size());
    return bytes.substr(0, common) == method.substr(0, common) &&
           (bytes.size() <= method.size() || bytes[method.size()] == ' ');
  });
}

// From "/path?query" or, as for a proxy, "http://host/path?query".
std::string_view PathOf(std::string_view target) {
  const size_t scheme_end = target.find("://");
  if (!target.starts_with('/') && scheme_end != target.npos) {
    const size_t host_end = target.find('/', scheme_end + 3);
    target = host_end == target.npos ? "/" : target.substr(host_end);
  }
  return target.substr(0, target.find('?'));
}

// "Sun, 06 Nov 1994 08:49:37 GMT"
std::string HttpDate(WallTime now) {
  const time_t seconds = std::chrono::system_clock::to_time_t(now);
  tm fields = {};
  gmtime_r(&seconds, &fields);
  char text[64];
  return std::string(text, strftime(text, sizeof(text), "%a, %d %b %Y %H:%M:%S GMT", &fields));
}

}  // namespace

HttpRead ReadHttpRequest(std::string_view bytes, bool ended, HttpRequest& request) {
  if (!MayBeginWithMethod(bytes)) return HttpRead::kNotHttp;
  const size_t line_end = bytes.find('\n');
  if (line_end == bytes.npos && !ended) return HttpRead::kNeedMore;
  std::string_view line = bytes.substr(0, line_end);
  if (line.ends_with('\r')) line.remove_suffix(1);
  const size_t target = line.find(' ') + 1;
  const size_t version = line.rfind(' ') + 1;
  if (target == 0 || version <= target + 1) return HttpRead::kNotHttp;
  if (!line.substr(version).starts_with("HTTP/")) return HttpRead::kNotHttp;
  if (!line.substr(version).starts_with("HTTP/1.")) return HttpRead::kBad;
  request.method = line.substr(0, target - 1);
  request.path = PathOf(line.substr(target, version - 1 - target));
  const bool complete = ended || bytes.find("\n\r\n", line_end) != bytes.npos ||
                        bytes.find("\n\n", line_end) != bytes.npos;
  return complete ? HttpRead::kDone : HttpRead::kNeedMore;
}

std::string HttpText(const HttpResponse& response, const HttpRequest* request, WallTime now) {
  const auto* const status =
      std::find_if(std::begin(kStatuses), std::end(kStatuses),
                   [&](const Status& each) { return each.code == response.status; });
  std::string text = absl::StrFormat(
      "HTTP/1.1 %d %s\r\nDate: %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n", status->code,
      status->reason, HttpDate(now), response.type, response.body.size());
  if (response.status == 405) text += "Allow: GET, HEAD\r\n";
  text += "Connection: close\r\n\r\n";
  if (request == nullptr || request->method != "HEAD") text += response.body;
  return text;
}

}  // namespace keyway

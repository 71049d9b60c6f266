// The little HTTP that the statistics port speaks: one request without a body, one
// response, then the end of the connection (RFC 9110, RFC 9112).
#ifndef KEYWAY_PROXY_CONTROL_HTTP_H_
#define KEYWAY_PROXY_CONTROL_HTTP_H_

#include <string>
#include <string_view>

#include "proxy/net/event_loop.h"

namespace keyway {

struct HttpRequest {
  std::string_view method;
  std::string_view path;  // without the query
};

enum class HttpRead : uint8_t {
  kNeedMore,
  kNotHttp,  // something else, which has no status line to answer with
  kBad,      // HTTP, but not of version 1
  kDone,
};

// Reads a request from its first bytes; `ended` when no more will come. The views lie in
// `bytes`. Header fields are not looked at, and what follows them is ignored.
HttpRead ReadHttpRequest(std::string_view bytes, bool ended, HttpRequest& request);

inline constexpr std::string_view kPlainText = "text/plain; charset=utf-8";

struct HttpResponse {
  int status = 200;
  std::string_view type = kPlainText;
  std::string body;
};

// `request` may be null. The answer to HEAD has no body, but its length.
std::string HttpText(const HttpResponse& response, const HttpRequest* request, WallTime now);

}  // namespace keyway

#endif  // KEYWAY_PROXY_CONTROL_HTTP_H_

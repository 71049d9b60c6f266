// Any bytes are a request or are not, also when they come in two pieces, and what is
// found lies in them.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <string_view>

#include "proxy/control/http.h"

namespace {

using keyway::HttpRead;
using keyway::HttpRequest;

bool Within(std::string_view part, std::string_view whole) {
  constexpr std::less_equal<const char*> kNotAfter;
  return kNotAfter(whole.data(), part.data()) &&
         kNotAfter(part.data() + part.size(), whole.data() + whole.size());
}

void Check(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view all(reinterpret_cast<const char*>(data), size);
  HttpRequest whole;
  const HttpRead read = keyway::ReadHttpRequest(all, false, whole);
  if (read == HttpRead::kDone) {
    Check(Within(whole.method, all));
    Check(!whole.path.starts_with('/') || Within(whole.path, all) || whole.path == "/");
    Check(!whole.method.empty() && whole.path.find('?') == whole.path.npos);
    Check(!keyway::HttpText({.status = 404, .body = "x"}, &whole, {}).empty());
  }
  // A verdict does not change with what comes later.
  for (size_t cut = 0; cut < size; cut += 1 + size / 16) {
    HttpRequest part;
    const HttpRead early = keyway::ReadHttpRequest(all.substr(0, cut), false, part);
    if (early == HttpRead::kNeedMore) continue;
    Check(early == read && part.method == whole.method && part.path == whole.path);
  }
  HttpRequest ended;
  Check(keyway::ReadHttpRequest(all, true, ended) != HttpRead::kNeedMore);
  return 0;
}

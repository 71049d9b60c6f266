#include "proxy/config/problem.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "absl/strings/escaping.h"
#include "absl/strings/str_format.h"

namespace keyway {
namespace {

constexpr size_t kMaxQuotedBytes = 80;

}  // namespace

std::string Problem::ToString(std::string_view file) const {
  std::string text(file);
  if (location.line > 0) absl::StrAppendFormat(&text, ":%d:%d", location.line, location.column);
  text += severity == Severity::kError ? ": error: " : ": warning: ";
  if (!pool.empty()) absl::StrAppendFormat(&text, "pool %s: ", Quoted(pool));
  if (!key.empty()) absl::StrAppendFormat(&text, "key %s: ", Quoted(key));
  return text + message;
}

std::string Quoted(std::string_view text) {
  if (text.size() <= kMaxQuotedBytes) return "'" + absl::Utf8SafeCEscape(std::string(text)) + "'";
  size_t size = kMaxQuotedBytes;
  while (size > 0 && (text[size] & 0xc0) == 0x80) --size;  // whole UTF-8 characters only
  return "'" + absl::Utf8SafeCEscape(std::string(text.substr(0, size))) + "…'";
}

bool HasError(const Problems& problems) {
  return std::any_of(problems.begin(), problems.end(),
                     [](const Problem& problem) { return problem.severity == Severity::kError; });
}

}  // namespace keyway

#include "sim/source/synthetic/numbers.h"

#include <charconv>
#include <cmath>

#include "absl/status/status.h"
#include "absl/strings/str_format.h"

namespace keyway::sim {

absl::StatusOr<double> ParseReal(std::string_view what, std::string_view text) {
  double value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end || !std::isfinite(value)) {
    return absl::InvalidArgumentError(absl::StrFormat("%s: \"%s\" is no number", what, text));
  }
  return value;
}

absl::StatusOr<uint64_t> ParseCount(std::string_view what, std::string_view text) {
  const absl::StatusOr<double> value = ParseReal(what, text);
  if (!value.ok()) return value.status();
  if (*value < 0 || *value > static_cast<double>(kMaxCount) || *value != std::floor(*value)) {
    return absl::InvalidArgumentError(
        absl::StrFormat("%s: \"%s\" is no whole number below 2^53", what, text));
  }
  return static_cast<uint64_t>(*value);
}

}  // namespace keyway::sim

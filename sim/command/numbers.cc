#include "sim/command/numbers.h"

#include <charconv>
#include <cmath>

namespace keyway::sim {
namespace {

// What is left of `text`, if it starts with a number that is not negative.
std::optional<double> TakeNumber(std::string_view& text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || !std::isfinite(number) || number < 0) return std::nullopt;
  text.remove_prefix(static_cast<size_t>(end - text.data()));
  while (text.starts_with(' ')) text.remove_prefix(1);
  return number;
}

struct Prefix {
  std::string_view name;
  double factor;
};
constexpr Prefix kPrefixes[] = {
    {"Ki", 0x1p10}, {"Mi", 0x1p20}, {"Gi", 0x1p30}, {"Ti", 0x1p40}, {"k", 1e3},
    {"K", 1e3},     {"M", 1e6},     {"G", 1e9},     {"T", 1e12},
};

}  // namespace

std::optional<double> ParseNumber(std::string_view text) {
  const std::optional<double> number = TakeNumber(text);
  return text.empty() ? number : std::nullopt;
}

std::optional<double> ParseShare(std::string_view text) {
  const std::optional<double> number = TakeNumber(text);
  if (!number) return std::nullopt;
  if (text == "%") return *number / 100;
  return text.empty() ? number : std::nullopt;
}

std::optional<double> ParseAmount(std::string_view text) {
  const std::optional<double> number = TakeNumber(text);
  if (!number) return std::nullopt;
  double factor = 1;
  for (const Prefix& prefix : kPrefixes) {
    if (!text.starts_with(prefix.name)) continue;
    factor = prefix.factor;
    text.remove_prefix(prefix.name.size());
    break;
  }
  if (!text.empty() && text != "B") return std::nullopt;
  return *number * factor;
}

}  // namespace keyway::sim

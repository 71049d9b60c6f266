#include "sim/report/text.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/str_format.h"

namespace keyway::sim {
namespace {

struct CodePoint {
  uint32_t value = 0;
  size_t bytes = 0;
};

struct Range {
  uint32_t first;
  uint32_t last;
};

template <size_t kSize>
bool IsIn(const std::array<Range, kSize>& ranges, uint32_t value) {
  return std::ranges::any_of(
      ranges, [&](const Range& range) { return range.first <= value && value <= range.last; });
}

// The code point that a text begins with; nothing where it is no UTF-8 (RFC 3629).
std::optional<CodePoint> FirstCodePoint(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const uint32_t first = byte(0);
  if (first < 0x80) return CodePoint{first, 1};
  const size_t bytes = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < bytes) return std::nullopt;
  uint32_t value = first & (0x7fu >> bytes);
  for (size_t i = 1; i < bytes; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return std::nullopt;
    value = value << 6 | (byte(i) & 0x3f);
  }
  const bool too_long = (bytes == 3 && value < 0x800) || (bytes == 4 && value < 0x10000);
  const bool surrogate = 0xd800 <= value && value <= 0xdfff;
  if (too_long || surrogate || value > 0x10ffff) return std::nullopt;
  return CodePoint{value, bytes};
}

// What a terminal or a browser obeys instead of showing it: control characters, line and
// paragraph separators, marks of direction, the byte order mark.
constexpr std::array<Range, 7> kHidden = {{{0x00, 0x1f},
                                           {0x7f, 0x9f},
                                           {0x061c, 0x061c},
                                           {0x200b, 0x200f},
                                           {0x2028, 0x202e},
                                           {0x2060, 0x206f},
                                           {0xfeff, 0xfeff}}};

// Of Unicode's East Asian Width (UAX 11): the blocks that are wide throughout.
constexpr std::array<Range, 9> kWide = {{{0x1100, 0x115f},
                                         {0x2e80, 0xa4cf},
                                         {0xac00, 0xd7a3},
                                         {0xf900, 0xfaff},
                                         {0xfe30, 0xfe6f},
                                         {0xff00, 0xff60},
                                         {0xffe0, 0xffe6},
                                         {0x1f300, 0x1faff},
                                         {0x20000, 0x3fffd}}};

constexpr std::array<Range, 5> kCombining = {
    {{0x0300, 0x036f}, {0x1ab0, 0x1aff}, {0x20d0, 0x20ff}, {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f}}};

size_t WidthOf(uint32_t value) {
  if (IsIn(kCombining, value)) return 0;
  return IsIn(kWide, value) ? 2 : 1;
}

std::string Visible(std::string_view text, std::string_view backslash) {
  std::string visible;
  while (!text.empty()) {
    const std::optional<CodePoint> point = FirstCodePoint(text);
    const size_t bytes = point ? point->bytes : 1;
    if (!point || IsIn(kHidden, point->value)) {
      for (char c : text.substr(0, bytes)) {
        absl::StrAppendFormat(&visible, "\\x%02x", static_cast<unsigned char>(c));
      }
    } else if (point->value == '\\') {
      visible += backslash;
    } else {
      visible += text.substr(0, bytes);
    }
    text.remove_prefix(bytes);
  }
  return visible;
}

// How many bytes of the beginning fit into a width.
size_t FittingPrefix(std::string_view text, size_t width) {
  size_t bytes = 0;
  while (bytes < text.size()) {
    const CodePoint point = FirstCodePoint(text.substr(bytes)).value_or(CodePoint{'?', 1});
    if (WidthOf(point.value) > width) break;
    width -= WidthOf(point.value);
    bytes += point.bytes;
  }
  return bytes;
}

std::string WithCommas(std::string digits) {
  const size_t sign = digits.starts_with('-') ? 1 : 0;
  for (size_t i = digits.size(); i > sign + 3;) {
    i -= 3;
    digits.insert(i, ",");
  }
  return digits;
}

std::string Count(double count) {
  if (std::abs(count) >= 1000 || count == std::floor(count)) {
    return WithCommas(absl::StrFormat("%.0f", count));
  }
  return absl::StrFormat("%.1f", count);
}

std::string Bytes(double bytes) {
  constexpr std::array<const char*, 7> kUnits = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
  size_t unit = 0;
  // 999.95 would be rounded up to 1000.0 of the unit.
  while (std::abs(bytes) >= 999.95 && unit + 1 < kUnits.size()) {
    bytes /= 1000;
    ++unit;
  }
  return absl::StrFormat("%.*f %s", unit == 0 ? 0 : 1, bytes, kUnits[unit]);
}

std::string Share(double share) {
  const double percent = share * 100;
  if (percent > 0 && percent < 0.005) return "<0.01 %";
  return absl::StrFormat("%.2f %%", percent);
}

std::string Number(double number, Unit unit) {
  if (std::isinf(number)) return number > 0 ? "inf" : "-inf";
  switch (unit) {
    case Unit::kCount:
      return Count(number);
    case Unit::kBytes:
      return Bytes(number);
    case Unit::kShare:
      return Share(number);
    case Unit::kRatio:
      return absl::StrFormat("%.3f", number);
    case Unit::kProbability:
      return absl::StrFormat("%.3g", number);
    case Unit::kText:
    case Unit::kNumber:
      break;
  }
  return absl::StrFormat("%.4g", number);
}

}  // namespace

std::string Escape(std::string_view bytes) { return Visible(bytes, "\\\\"); }

std::string Clean(std::string_view sentence) { return Visible(sentence, "\\"); }

size_t Width(std::string_view text) {
  size_t width = 0;
  while (!text.empty()) {
    const CodePoint point = FirstCodePoint(text).value_or(CodePoint{'?', 1});
    width += WidthOf(point.value);
    text.remove_prefix(point.bytes);
  }
  return width;
}

std::string CutMiddle(std::string_view text, size_t width, std::string_view ellipsis) {
  if (Width(text) <= width) return std::string(text);
  const size_t room = width > Width(ellipsis) ? width - Width(ellipsis) : 0;
  const size_t head = FittingPrefix(text, room - room / 2);
  size_t tail = text.size();
  for (size_t begin = text.size(); begin > head; --begin) {
    const bool starts_point = (static_cast<unsigned char>(text[begin - 1]) & 0xc0) != 0x80;
    if (!starts_point) continue;
    if (Width(text.substr(begin - 1)) > room / 2) break;
    tail = begin - 1;
  }
  return std::string(text.substr(0, head)) + std::string(ellipsis) + std::string(text.substr(tail));
}

std::string Wrapped(std::string_view text, size_t width, std::string_view indent) {
  std::string lines;
  size_t used = 0;
  while (!text.empty()) {
    const size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (used > 0 && used + 1 + Width(word) > width) {
      lines += '\n';
      lines += indent;
      used = 0;
    } else if (used > 0) {
      lines += ' ';
      ++used;
    }
    lines += word;
    used += Width(word);
  }
  return lines;
}

std::string ToPeople(const Value& value, Unit unit, std::string_view none) {
  if (const auto* text = std::get_if<std::string>(&value)) {
    return text->empty() ? "\"\"" : Escape(*text);
  }
  if (const auto* count = std::get_if<uint64_t>(&value)) {
    if (unit == Unit::kCount) return WithCommas(std::to_string(*count));
    if (unit == Unit::kText || unit == Unit::kNumber) return std::to_string(*count);
    return Number(static_cast<double>(*count), unit);
  }
  const auto* number = std::get_if<double>(&value);
  return number == nullptr || std::isnan(*number) ? std::string(none) : Number(*number, unit);
}

std::string_view UnitName(Unit unit) {
  constexpr std::array<std::string_view, 7> kNames = {"text",  "count",  "bytes",      "share",
                                                      "ratio", "number", "probability"};
  return kNames[static_cast<size_t>(unit)];
}

double AsNumber(const Value& value) {
  if (const auto* count = std::get_if<uint64_t>(&value)) return static_cast<double>(*count);
  return IsNumber(value) ? std::get<double>(value) : 0;
}

bool IsNumber(const Value& value) {
  const auto* number = std::get_if<double>(&value);
  return std::holds_alternative<uint64_t>(value) || (number != nullptr && !std::isnan(*number));
}

}  // namespace keyway::sim

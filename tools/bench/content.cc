#include "tools/bench/content.h"

#include <cstring>

namespace keyway::bench {
namespace {

constexpr std::string_view kPrefix = "key";
constexpr size_t kNumberDigits = 5;
constexpr size_t kSizeDigits = 7;
static_assert(kPrefix.size() + kNumberDigits + 1 + kSizeDigits == kKeyBytes);

// Every number of five digits, one behind the other: writing keys digit by digit takes a
// sixth of the load generator's time.
constexpr size_t kQuickDigits = 5;
constexpr uint32_t kQuickNumbers = 100'000;

std::string MakeNumbers() {
  std::string numbers;
  numbers.reserve(kQuickNumbers * kQuickDigits);
  for (uint32_t number = 0; number < kQuickNumbers; ++number) {
    std::string digits = std::to_string(number);
    numbers.append(kQuickDigits - digits.size(), '0').append(digits);
  }
  return numbers;
}

inline void WriteQuickDigits(uint32_t number, char* out) {
  static const std::string numbers = MakeNumbers();
  std::memcpy(out, numbers.data() + number * kQuickDigits, kQuickDigits);
}

std::optional<uint32_t> ReadDigits(std::string_view digits) {
  uint32_t number = 0;
  for (const char digit : digits) {
    if (digit < '0' || digit > '9') return std::nullopt;
    number = number * 10 + static_cast<uint32_t>(digit - '0');
  }
  return number;
}

// All values are stretches of this text, each item's beginning at its own place. The text
// has no pattern, so no two stretches are alike.
std::string MakeText() {
  constexpr std::string_view kLetters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string text;
  text.reserve(kMaxItems + kMaxValueBytes);
  for (uint64_t counter = 0; text.size() < kMaxItems + kMaxValueBytes; ++counter) {
    text.push_back(kLetters[Scatter(counter) % kLetters.size()]);
  }
  return text;
}

}  // namespace

uint64_t Scatter(uint64_t counter) {
  uint64_t bits = (counter + 1) * 0x9e3779b97f4a7c15;
  bits = (bits ^ (bits >> 30)) * 0xbf58476d1ce4e5b9;
  bits = (bits ^ (bits >> 27)) * 0x94d049bb133111eb;
  return bits ^ (bits >> 31);
}

void AppendKey(Item item, std::string& out) {
  char key[kKeyBytes];
  std::memcpy(key, kPrefix.data(), kPrefix.size());
  char* at = key + kPrefix.size();
  static_assert(kNumberDigits == kQuickDigits && kMaxItems <= kQuickNumbers);
  WriteQuickDigits(item.number, at);
  at += kNumberDigits;
  *at++ = ':';
  static_assert(kSizeDigits == 2 + kQuickDigits);
  const uint32_t high = item.value_bytes / kQuickNumbers;
  *at++ = static_cast<char>('0' + high / 10);
  *at++ = static_cast<char>('0' + high % 10);
  WriteQuickDigits(item.value_bytes % kQuickNumbers, at);
  out.append(key, kKeyBytes);
}

std::optional<Item> ReadKey(std::string_view key) {
  if (key.size() != kKeyBytes || !key.starts_with(kPrefix)) return std::nullopt;
  key.remove_prefix(kPrefix.size());
  if (key[kNumberDigits] != ':') return std::nullopt;
  const auto number = ReadDigits(key.substr(0, kNumberDigits));
  const auto value_bytes = ReadDigits(key.substr(kNumberDigits + 1));
  if (!number || *number >= kMaxItems) return std::nullopt;
  if (!value_bytes || *value_bytes > kMaxValueBytes) return std::nullopt;
  return Item{.number = *number, .value_bytes = *value_bytes};
}

std::string_view ValueOf(Item item) {
  static const std::string text = MakeText();
  return std::string_view(text).substr(item.number, item.value_bytes);
}

}  // namespace keyway::bench

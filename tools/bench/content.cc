#include "tools/bench/content.h"

#include <cstring>

namespace keyway::bench {
namespace {

constexpr std::optional<uint32_t> ReadMarked(uint64_t word, uint64_t mask, uint64_t mark) {
  if ((word & mask) != mark) return std::nullopt;
  return NumberOf((word & ~mask) | (kZeroDigits & mask));
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
  out.append(kKeyBytes, '\0');
  WriteKey(item, out.data() + out.size() - kKeyBytes);
}

std::optional<Item> ReadKey(std::string_view key) {
  if (key.size() != kKeyBytes) return std::nullopt;
  uint64_t number_word;
  uint64_t size_word;
  std::memcpy(&number_word, key.data(), sizeof number_word);
  std::memcpy(&size_word, key.data() + sizeof number_word, sizeof size_word);
  const auto number = ReadMarked(number_word, kNumberMask, kNumberMark);
  const auto value_bytes = ReadMarked(size_word, kSizeMask, kSizeMark);
  if (!number || *number >= kMaxItems) return std::nullopt;
  if (!value_bytes || *value_bytes > kMaxValueBytes) return std::nullopt;
  return Item{.number = *number, .value_bytes = *value_bytes};
}

const std::string& AllValues() {
  static const std::string text = MakeText();
  return text;
}

}  // namespace keyway::bench

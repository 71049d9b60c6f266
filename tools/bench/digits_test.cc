#include "tools/bench/digits.h"

#include <string>

#include "gtest/gtest.h"

namespace keyway::bench {
namespace {

uint64_t Word(const std::string& bytes) {
  uint64_t word = 0;
  std::memcpy(&word, bytes.data(), sizeof word);
  return word;
}

TEST(Digits, OfEveryNumberAndBack) {
  for (uint32_t number = 0; number < 100'000'000; number += number < 200'000 ? 1 : 9'973) {
    const std::string text = std::to_string(number);
    const uint64_t digits = Word(std::string(kEightDigits - text.size(), '0') + text);
    ASSERT_EQ(DigitsOf(number), digits) << number;
    ASSERT_EQ(NumberOf(digits), number);
    char written[kEightDigits];
    ASSERT_EQ(std::string(written, WriteNumber(number, written)), text);
  }
}

TEST(Digits, OtherBytesAreNone) {
  for (int at = 0; at < kEightDigits; ++at) {
    for (int byte = 0; byte < 256; ++byte) {
      std::string text = "12345678";
      text[static_cast<size_t>(at)] = static_cast<char>(byte);
      EXPECT_EQ(NumberOf(Word(text)).has_value(), byte >= '0' && byte <= '9') << at << " " << byte;
    }
  }
}

}  // namespace
}  // namespace keyway::bench

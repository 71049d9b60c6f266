#include "proxy/stats/utf8.h"

#include <cstddef>
#include <cstdint>

namespace keyway {
namespace {

// A row of the syntax: first bytes, the bounds of the second byte, and the length. The
// bounds leave out overlong forms, surrogates and what is beyond U+10FFFF.
struct Form {
  uint8_t first_least;
  uint8_t first_most;
  uint8_t second_least;
  uint8_t second_most;
  size_t size;
};
constexpr Form kForms[] = {
    {0x00, 0x7f, 0, 0, 1},       {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
    {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
    {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
};

bool Fits(const Form& form, std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(text[i]); };
  if (byte(0) < form.first_least || byte(0) > form.first_most || text.size() < form.size) {
    return false;
  }
  if (form.size > 1 && (byte(1) < form.second_least || byte(1) > form.second_most)) return false;
  for (size_t i = 2; i < form.size; ++i) {
    if (byte(i) < 0x80 || byte(i) > 0xbf) return false;
  }
  return true;
}

// Length of the sequence that `text` begins with; 0 if it is none.
size_t SequenceSize(std::string_view text) {
  for (const Form& form : kForms) {
    if (Fits(form, text)) return form.size;
  }
  return 0;
}

}  // namespace

std::string ValidUtf8(std::string_view text) {
  std::string valid;
  while (!text.empty()) {
    const size_t size = SequenceSize(text);
    if (size == 0) {
      valid += "\xef\xbf\xbd";
      text.remove_prefix(1);
    } else {
      valid.append(text.substr(0, size));
      text.remove_prefix(size);
    }
  }
  return valid;
}

}  // namespace keyway

#include "proxy/testing/flat_json.h"

#include <algorithm>
#include <utility>

namespace keyway {
namespace {

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  std::optional<FlatJson> Read() {
    if (!ReadObject("")) return std::nullopt;
    SkipSpace();
    if (!text_.empty()) return std::nullopt;
    return std::move(members_);
  }

 private:
  // Takes `size` bytes, or what there is.
  std::string_view Take(size_t size) {
    const std::string_view taken = text_.substr(0, size);
    text_.remove_prefix(taken.size());
    return taken;
  }
  void SkipSpace() { Take(text_.find_first_not_of(" \t\r\n")); }

  bool TakeMark(char mark) {
    SkipSpace();
    if (!text_.starts_with(mark)) return false;
    Take(1);
    return true;
  }

  bool ReadObject(const std::string& path) {
    if (!TakeMark('{')) return false;
    if (TakeMark('}')) return true;
    do {
      std::string name;
      SkipSpace();
      if (!ReadText(name) || !TakeMark(':') || !ReadValue(path + name)) return false;
    } while (TakeMark(','));
    return TakeMark('}');
  }

  bool ReadValue(const std::string& path) {
    SkipSpace();
    if (text_.starts_with('{')) return ReadObject(path + "/");
    std::string value;
    const bool read = text_.starts_with('"') ? ReadText(value) : ReadNumber(value);
    return read && members_.emplace(path, value).second;
  }

  bool ReadNumber(std::string& number) {
    if (text_.starts_with('-')) number = Take(1);
    const std::string_view digits = Take(text_.find_first_not_of("0123456789"));
    number += digits;
    return !digits.empty() && (digits == "0" || !digits.starts_with('0'));
  }

  bool ReadText(std::string& text) {
    if (Take(1) != "\"") return false;
    while (!text_.starts_with('"')) {
      const std::string_view next = Take(1);
      if (next.empty() || static_cast<unsigned char>(next[0]) < ' ') return false;
      if (next != "\\") {
        text += next;
      } else if (!ReadEscape(text)) {
        return false;
      }
    }
    Take(1);
    return true;
  }

  // Of \u only what a byte can be.
  bool ReadEscape(std::string& text) {
    const std::string_view kind = Take(1);
    if (kind == "\"" || kind == "\\") {
      text += kind;
      return true;
    }
    const std::string_view digits = Take(4);
    constexpr std::string_view kDigits = "0123456789abcdef";
    if (kind != "u" || digits.size() != 4 || !digits.starts_with("00")) return false;
    const size_t high = kDigits.find(digits[2]), low = kDigits.find(digits[3]);
    if (high == kDigits.npos || low == kDigits.npos) return false;
    text += static_cast<char>(16 * high + low);
    return true;
  }

  std::string_view text_;
  FlatJson members_;
};

}  // namespace

std::optional<FlatJson> ReadFlatJson(std::string_view text) { return Reader(text).Read(); }

}  // namespace keyway

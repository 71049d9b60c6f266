#include "proxy/testing/flat_json.h"

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
  void SkipSpace() {
    text_.remove_prefix(std::min(text_.find_first_not_of(" \t\r\n"), text_.size()));
  }

  bool Take(char c) {
    SkipSpace();
    if (!text_.starts_with(c)) return false;
    text_.remove_prefix(1);
    return true;
  }

  bool ReadObject(const std::string& path) {
    if (!Take('{')) return false;
    if (Take('}')) return true;
    do {
      std::string name;
      if (!ReadText(name) || !Take(':') || !ReadValue(path + name)) return false;
    } while (Take(','));
    return Take('}');
  }

  bool ReadValue(const std::string& path) {
    SkipSpace();
    if (text_.starts_with('{')) return ReadObject(path + "/");
    std::string value;
    const bool read = text_.starts_with('"') ? ReadText(value) : ReadNumber(value);
    return read && members_.emplace(path, value).second;
  }

  bool ReadNumber(std::string& number) {
    const size_t size = std::min(text_.find_first_not_of("-0123456789"), text_.size());
    number = text_.substr(0, size);
    text_.remove_prefix(size);
    const std::string_view digits =
        std::string_view(number).substr(number.starts_with('-') ? 1 : 0);
    return !digits.empty() && digits.find('-') == digits.npos &&
           (digits == "0" || !digits.starts_with('0'));
  }

  bool ReadText(std::string& text) {
    if (!Take('"')) return false;
    while (!text_.empty() && text_.front() != '"') {
      if (static_cast<unsigned char>(text_.front()) < 0x20) return false;
      if (text_.front() == '\\' && !ReadEscape(text))
        return false;
      else if (text_.front() != '"') {
        text += text_.front();
        text_.remove_prefix(1);
      }
    }
    return Take('"');
  }

  std::string_view text_;
  FlatJson members_;
};

}  // namespace
}  // namespace keyway

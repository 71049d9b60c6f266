#include "sim/source/format/escapes.h"

#include <algorithm>
#include <cstdint>
#include <span>

#include "sim/source/format/lines.h"

namespace keyway::sim {
namespace {

// The value of a character of base 64, or -1.
int Base64Digit(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  return c == '+' ? 62 : c == '/' ? 63 : -1;
}

// The byte that an escape stands for, of which `rest` is what follows the backslash; or
// -1. Sets how many bytes the escape has, the backslash included.
int EscapedByte(std::string_view rest, size_t& size) {
  size = 2;
  if (rest.empty()) return -1;
  switch (rest[0]) {
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    case 'a':
      return '\a';
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case '"':
    case '\\':
    case '/':
      return rest[0];
    case 'x':
      size = 4;
      return HexByte(rest.substr(1));
    case 'u':
      size = 6;
      return rest.substr(1, 2) == "00" ? HexByte(rest.substr(3)) : -1;
    default:
      return -1;
  }
}

bool IsPrintable(int byte) { return byte >= 0x20 && byte <= 0x7e; }

// Writes what there is to write and counts it.
class Writer {
 public:
  explicit Writer(std::span<char> room) : room_(room) {}
  void Write(std::string_view text) {
    text.copy(room_.data() + size_, text.size());
    size_ += text.size();
  }
  void Write(int byte) { room_[size_++] = static_cast<char>(byte); }
  std::string_view written() const { return {room_.data(), size_}; }

 private:
  const std::span<char> room_;
  size_t size_ = 0;
};

}  // namespace

std::optional<std::string_view> FromHex(std::string_view text, RecordSink& sink) {
  if (text.size() % 2 != 0) return std::nullopt;
  Writer key(sink.Room(text.size() / 2));
  for (size_t i = 0; i < text.size(); i += 2) {
    const int byte = HexByte(text.substr(i));
    if (byte < 0) return std::nullopt;
    key.Write(byte);
  }
  return key.written();
}

std::optional<std::string_view> FromPercent(std::string_view text, RecordSink& sink) {
  size_t escape = text.find('%');
  if (escape == std::string_view::npos) return text;
  Writer key(sink.Room(text.size()));
  for (; escape != std::string_view::npos; escape = text.find('%')) {
    const int byte = HexByte(text.substr(escape + 1));
    if (byte < 0) return std::nullopt;
    key.Write(text.substr(0, escape));
    key.Write(byte);
    text.remove_prefix(escape + 3);
  }
  key.Write(text);
  return key.written();
}

std::optional<std::string_view> FromBase64(std::string_view text, RecordSink& sink) {
  if (text.size() % 4 != 0) return std::nullopt;
  const size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  text.remove_suffix(padding);
  Writer key(sink.Room(text.size()));
  uint32_t bits = 0;
  int count = 0;  // of the bits that no byte has used
  for (const char c : text) {
    const int digit = Base64Digit(c);
    if (digit < 0) return std::nullopt;
    bits = bits << 6 | static_cast<uint32_t>(digit);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    key.Write(static_cast<int>(bits >> count & 0xff));
  }
  return key.written();
}

std::optional<std::string_view> FromQuoted(std::string_view text, RecordSink& sink) {
  size_t escape = text.find('\\');
  if (escape == std::string_view::npos) return text;
  Writer key(sink.Room(text.size()));
  for (; escape != std::string_view::npos; escape = text.find('\\')) {
    size_t size;
    const int byte = EscapedByte(text.substr(escape + 1), size);
    if (byte < 0) return std::nullopt;
    key.Write(text.substr(0, escape));
    key.Write(byte);
    text.remove_prefix(escape + size);
  }
  key.Write(text);
  return key.written();
}

size_t QuotedSize(std::string_view text) {
  size_t total = 0;
  for (size_t escape; (escape = text.find('\\')) != std::string_view::npos;) {
    size_t size;
    EscapedByte(text.substr(escape + 1), size);
    total += escape + 1;
    text.remove_prefix(std::min(escape + size, text.size()));
  }
  return total + text.size();
}

std::string_view FromUnprintable(std::string_view text, RecordSink& sink) {
  size_t escape = text.find("\\x");
  if (escape == std::string_view::npos) return text;
  Writer key(sink.Room(text.size()));
  for (; escape != std::string_view::npos; escape = text.find("\\x")) {
    const int byte = HexByte(text.substr(escape + 2));
    const bool escaped = byte >= 0 && !IsPrintable(byte);
    key.Write(text.substr(0, escaped ? escape : escape + 2));
    if (escaped) key.Write(byte);
    text.remove_prefix(escape + (escaped ? 4 : 2));
  }
  key.Write(text);
  return key.written();
}

}  // namespace keyway::sim

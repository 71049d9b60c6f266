#include "proxy/protocol/redis/inline_command.h"

#include <charconv>
#include <cstddef>

namespace keyway::redis {
namespace {

bool IsSpace(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

// Reads the two digits of \xHH.
bool ReadHex(std::string_view digits, char& byte) {
  if (digits.size() < 2) return false;
  unsigned value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + 2, value, 16);
  if (error != std::errc() || end != digits.data() + 2) return false;
  byte = static_cast<char>(value);
  return true;
}

char Unescaped(char c) {
  switch (c) {
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    case 'b':
      return '\b';
    case 'a':
      return '\a';
    default:
      return c;
  }
}

// Reads up to the closing `quote`, which a space or the end must follow.
bool ReadQuoted(std::string_view line, char quote, size_t& at, std::string& word) {
  while (at < line.size() && line[at] != quote) {
    if (line[at] != '\\' || at + 1 == line.size()) {
      word += line[at++];
    } else if (quote == '\'') {
      if (line[at + 1] == '\'') ++at;
      word += line[at++];
    } else if (char byte; line[at + 1] == 'x' && ReadHex(line.substr(at + 2), byte)) {
      word += byte;
      at += 4;
    } else {
      word += Unescaped(line[at + 1]);
      at += 2;
    }
  }
  if (at == line.size()) return false;
  ++at;
  return at == line.size() || IsSpace(line[at]);
}

}  // namespace

bool SplitInline(std::string_view line, std::vector<std::string>& words) {
  words.clear();
  for (size_t at = 0;;) {
    while (at < line.size() && IsSpace(line[at])) ++at;
    if (at == line.size()) return true;
    std::string& word = words.emplace_back();
    while (at < line.size() && !IsSpace(line[at])) {
      const char c = line[at++];
      if (c != '"' && c != '\'') {
        word += c;
      } else if (!ReadQuoted(line, c, at, word)) {
        return false;
      }
    }
  }
}

void AppendArray(const std::vector<std::string>& words, std::string& out) {
  out += "*" + std::to_string(words.size()) + "\r\n";
  for (const std::string& word : words) {
    out += "$" + std::to_string(word.size()) + "\r\n";
    out += word;
    out += "\r\n";
  }
}

}  // namespace keyway::redis

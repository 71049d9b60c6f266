#include "proxy/config/source_text.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "absl/strings/str_format.h"

namespace keyway {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

// Longest first where one starts with another.
constexpr std::array<std::string_view, 4> kLineBreaks = {"\r\n", "\r", "\n", "\xc2\x85"};

std::string_view LineBreakAt(std::string_view text) {
  for (std::string_view line_break : kLineBreaks) {
    if (text.starts_with(line_break)) return line_break;
  }
  return {};
}

struct Character {
  size_t size = 0;  // bytes; 0: not UTF-8
  uint32_t code = 0;
};

// The first character of `text`, which is not empty. Overlong forms and surrogates are
// not UTF-8 (RFC 3629).
Character DecodeUtf8(std::string_view text) {
  struct Form {
    uint8_t mask, lead;
    uint32_t least;
  };
  constexpr std::array<Form, 4> kForms = {
      {{0x80, 0x00, 0}, {0xe0, 0xc0, 0x80}, {0xf0, 0xe0, 0x800}, {0xf8, 0xf0, 0x10000}}};
  const uint8_t first = static_cast<uint8_t>(text[0]);
  for (size_t size = 1; size <= kForms.size() && size <= text.size(); ++size) {
    const Form& form = kForms[size - 1];
    if ((first & form.mask) != form.lead) continue;
    uint32_t code = first & static_cast<uint8_t>(~form.mask);
    for (char c : text.substr(1, size - 1)) {
      if ((static_cast<uint8_t>(c) & 0xc0) != 0x80) return {};
      code = code << 6 | (static_cast<uint8_t>(c) & 0x3f);
    }
    if (code < form.least || (code >= 0xd800 && code < 0xe000) || code > 0x10ffff) return {};
    return {.size = size, .code = code};
  }
  return {};
}

// As YAML 1.1, section 5.1, has it, but without what cannot be seen and would change the
// text: byte order marks and Unicode's two separators.
bool Printable(uint32_t code) {
  if (code == 0xfeff || code == 0x2028 || code == 0x2029) return false;
  return code == '\t' || code == '\n' || (code >= 0x20 && code <= 0x7e) || code == 0x85 ||
         (code >= 0xa0 && code <= 0xfffd) || code >= 0x10000;
}

// One past the quote that closes the scalar at `begin`; npos if none does.
size_t EndOfQuoted(std::string_view text, size_t begin) {
  const char quote = text[begin];
  for (size_t i = begin + 1; i < text.size(); ++i) {
    if (quote == '"' && text[i] == '\\') {
      ++i;
    } else if (text[i] == quote) {
      const bool doubled = quote == '\'' && i + 1 < text.size() && text[i + 1] == quote;
      if (!doubled) return i + 1;
      ++i;
    }
  }
  return std::string_view::npos;
}

bool HasComment(std::string_view text) {
  for (size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '#' && (text[i - 1] == ' ' || text[i - 1] == '\t' || text[i - 1] == '\n')) {
      return true;
    }
  }
  return false;
}

// Whether the lines of a block scalar, header included, are blank but for the header.
bool BlockIsEmpty(std::string_view block) {
  const size_t header_end = std::min(block.find('\n'), block.size());
  return block.find_first_not_of(" \t\n", header_end) == std::string_view::npos;
}

// The first tab of a line that stands before its content: in its indentation, or behind
// the indicator of an item or of an explicit key or value. npos if there is none.
size_t TabBeforeContent(std::string_view line) {
  constexpr std::string_view kIndicators = "-?:";
  const size_t start = line.find_first_not_of(' ');
  if (start == std::string_view::npos || line[start] == '\t') return start;
  if (kIndicators.find(line[start]) == std::string_view::npos) return std::string_view::npos;
  const size_t next = line.find_first_not_of(' ', start + 1);
  return next != std::string_view::npos && line[next] == '\t' ? next : std::string_view::npos;
}

}  // namespace

SourceText::SourceText(std::string_view bytes) {
  if (bytes.starts_with(kByteOrderMark)) bytes.remove_prefix(kByteOrderMark.size());
  text_.reserve(bytes.size());
  lines_.push_back(0);
  while (!bytes.empty()) {
    const std::string_view line_break = LineBreakAt(bytes);
    if (line_break.empty()) {
      text_ += bytes[0];
      bytes.remove_prefix(1);
    } else {
      text_ += '\n';
      bytes.remove_prefix(line_break.size());
      lines_.push_back(text_.size());
    }
  }
}

Location SourceText::LocationOf(size_t offset) const {
  const auto line = std::upper_bound(lines_.begin(), lines_.end(), offset) - 1;
  return {.line = static_cast<int>(line - lines_.begin()) + 1,
          .column = static_cast<int>(offset - *line) + 1};
}

Problem SourceText::At(size_t offset, std::string message) const {
  return {.location = LocationOf(offset), .message = std::move(message)};
}

Problems SourceText::CheckCharacters() const {
  if (text_.starts_with("\xff\xfe") || text_.starts_with("\xfe\xff")) {
    return {At(0, "the file is UTF-16; save it as UTF-8")};
  }
  Problems problems;
  size_t offset = 0;
  while (offset < text_.size()) {
    const Character character = DecodeUtf8(std::string_view(text_).substr(offset));
    if (character.size > 0 && Printable(character.code)) {
      offset += character.size;
      continue;
    }
    problems.push_back(
        character.size == 0
            ? At(offset, absl::StrFormat("byte 0x%02x is not UTF-8; save the file as UTF-8",
                                         static_cast<uint8_t>(text_[offset])))
            : At(offset,
                 absl::StrFormat("character U+%04X cannot be seen; remove it, or write it as "
                                 "an escape in double quotes",
                                 character.code)));
    offset = std::min(text_.find('\n', offset), text_.size());
  }
  return problems;
}

Problems SourceText::CheckMarkers() const {
  Problems problems;
  for (size_t begin : lines_) {
    const std::string_view line = std::string_view(text_).substr(begin);
    if (!line.starts_with("---") && !line.starts_with("...")) continue;
    if (line.size() > 3 && line[3] != ' ' && line[3] != '\t' && line[3] != '\n') continue;
    problems.push_back(
        At(begin, absl::StrFormat("document marker '%s'; the file is one document, remove the "
                                  "marker",
                                  line.substr(0, 3))));
  }
  return problems;
}

// libyaml takes a tab for white space inside a scalar only, and there only where the line
// is indented as the scalar demands. A line feed and blanks after a plain scalar belong
// to it until a comment or a less indented line ends it; a block scalar's first line sets
// its indentation.
bool SourceText::TabAllowed(size_t offset, const ScalarSpan* before) const {
  if (before == nullptr) return false;
  const char style = text_[before->begin];
  if (style == '"' || style == '\'') return offset < EndOfQuoted(text_, before->begin);
  if (before->key) return false;
  const bool block = style == '|' || style == '>';
  const std::string_view between =
      std::string_view(text_).substr(before->begin, offset - before->begin);
  return static_cast<size_t>(LocationOf(offset).column) > before->indent &&
         !(block ? BlockIsEmpty(between) : HasComment(between));
}

Problems SourceText::CheckLines(std::span<const ScalarSpan> scalars, size_t end) const {
  Problems problems;
  for (const ScalarSpan& scalar : scalars) {
    const bool quoted = text_[scalar.begin] == '"' || text_[scalar.begin] == '\'';
    if (quoted && EndOfQuoted(text_, scalar.begin) == std::string::npos) {
      problems.push_back(At(scalar.begin, "the quote is never closed"));
    }
  }
  const ScalarSpan* before = nullptr;
  auto next = scalars.begin();
  for (size_t begin : lines_) {
    if (begin >= end) break;
    while (next != scalars.end() && next->begin < begin) before = &*next++;

    const size_t size = std::min(text_.find('\n', begin), text_.size()) - begin;
    const std::string_view line = std::string_view(text_).substr(begin, size);
    const size_t start = begin + std::min(line.find_first_not_of(' '), size);
    if (line.starts_with('%')) {
      if (!TabAllowed(begin, before)) {
        problems.push_back(At(begin, "a line cannot start with '%'; there are no directives here"));
      }
    } else if (const size_t tab = TabBeforeContent(line);
               tab != std::string_view::npos && !TabAllowed(start, before)) {
      problems.push_back(At(begin + tab, "a tab cannot indent; use spaces"));
    }
  }
  return problems;
}

}  // namespace keyway

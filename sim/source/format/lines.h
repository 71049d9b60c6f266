// Small steps that the formats share. What they make of a line is a view of it, or lies in
// the sink's room; nothing is allocated.
#ifndef KEYWAY_SIM_SOURCE_FORMAT_LINES_H_
#define KEYWAY_SIM_SOURCE_FORMAT_LINES_H_

#include <bit>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "sim/source/format/line_ends.h"
#include "sim/source/source.h"

namespace keyway::sim {

// Calls take(line, number) for every line, numbers from 0, without the line feed; the last
// line may lack it. Returns how many there are.
template <class Take>
uint64_t ForEachLine(std::string_view bytes, Take&& take) {
  const char* begin = bytes.data();  // of the line
  const char* const end = begin + bytes.size();
  uint64_t number = 0;
  const auto give = [&](const char* stop) {
    take(std::string_view(begin, static_cast<size_t>(stop - begin)), number++);
    begin = stop + 1;
  };
  const char* at = begin;
  for (; end - at >= 64; at += 64) {
    for (uint64_t ends = LineEnds(at); ends != 0; ends &= ends - 1) {
      give(at + std::countr_zero(ends));
    }
  }
  for (; at != end; ++at) {
    if (*at == '\n') give(at);
  }
  if (begin < end) give(end);
  return number;
}

inline std::string_view WithoutCarriageReturn(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

// Hands each line, without what ends it, to parse(line), which returns why it is no line of
// the format, or nothing. As Format::Parse.
template <class ParseLine>
uint64_t ParseLines(std::string_view bytes, RecordSink& sink, ParseLine&& parse) {
  return ForEachLine(bytes, [&](std::string_view line, uint64_t number) {
    const std::string_view wrong = parse(WithoutCarriageReturn(line));
    if (!wrong.empty()) sink.Bad(number, line, wrong);
  });
}

// The first line of `head`, which may end before the line does.
inline std::string_view FirstLine(std::string_view head) {
  return WithoutCarriageReturn(head.substr(0, head.find('\n')));
}

// The same, behind the OK with which servers begin some answers.
inline std::string_view FirstLineBehindOk(std::string_view head) {
  const size_t size = head.find('\n');
  const bool ok = size != std::string_view::npos && FirstLine(head) == "OK";
  return FirstLine(ok ? head.substr(size + 1) : head);
}

// Whether the whole of `text` is a decimal number, which `value` is then.
template <class Number>
bool ParseNumber(std::string_view text, Number& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size();
}

// Takes what stands before the next `separator` off the front of `rest`, and that too.
inline std::string_view TakeField(std::string_view& rest, char separator) {
  const size_t size = rest.find(separator);
  const std::string_view field = rest.substr(0, size);
  rest.remove_prefix(size == std::string_view::npos ? rest.size() : size + 1);
  return field;
}

// The same from behind: what stands after the last `separator`.
inline std::string_view TakeLastField(std::string_view& rest, char separator) {
  const size_t at = rest.rfind(separator);
  const std::string_view field = rest.substr(at + 1);
  rest.remove_suffix(at == std::string_view::npos ? rest.size() : rest.size() - at);
  return field;
}

// The value of a hexadecimal digit, or -1.
inline int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// The byte that the first two hexadecimal digits of `digits` stand for, or -1.
inline int HexByte(std::string_view digits) {
  if (digits.size() < 2) return -1;
  const int high = HexDigit(digits[0]), low = HexDigit(digits[1]);
  return high < 0 || low < 0 ? -1 : high << 4 | low;
}

}  // namespace keyway::sim

#endif  // KEYWAY_SIM_SOURCE_FORMAT_LINES_H_

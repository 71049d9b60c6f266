// Small steps that the formats share. What they make of a line is a view of it, or lies in
// the sink's room; nothing is allocated.
#ifndef KEYWAY_SIM_SOURCE_FORMAT_LINES_H_
#define KEYWAY_SIM_SOURCE_FORMAT_LINES_H_

#include <charconv>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace keyway::sim {

// Calls take(line, number) for every line, numbers from 0, without the line feed; the last
// line may lack it. Returns how many there are.
template <class Take>
uint64_t ForEachLine(std::string_view bytes, Take&& take) {
  const char* at = bytes.data();
  const char* const end = at + bytes.size();
  uint64_t number = 0;
  while (at != end) {
    const void* const found = std::memchr(at, '\n', static_cast<size_t>(end - at));
    const char* const stop = found != nullptr ? static_cast<const char*>(found) : end;
    take(std::string_view(at, static_cast<size_t>(stop - at)), number++);
    at = found != nullptr ? stop + 1 : end;
  }
  return number;
}

inline std::string_view WithoutCarriageReturn(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

// The first line of `head`; empty where it does not end there.
inline std::string_view FirstLine(std::string_view head) {
  const size_t size = head.find('\n');
  return size == std::string_view::npos ? std::string_view()
                                        : WithoutCarriageReturn(head.substr(0, size));
}

// The same, behind the OK with which servers begin some answers.
inline std::string_view FirstLineBehindOk(std::string_view head) {
  if (FirstLine(head) == "OK") head.remove_prefix(head.find('\n') + 1);
  return FirstLine(head);
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

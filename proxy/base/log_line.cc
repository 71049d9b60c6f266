#include "proxy/base/log_line.h"

#include <algorithm>
#include <array>
#include <ctime>
#include <string>
#include <string_view>

#include "absl/strings/str_format.h"
#include "proxy/base/limits.h"

namespace keyway {
namespace {

constexpr std::array<std::string_view, 12> kLevelNames = {"emerg", "alert",  "crit",   "err",
                                                          "warn",  "notice", "info",   "debug",
                                                          "verb",  "vverb",  "vvverb", "pverb"};

// What most lines need, so that they are one allocation.
constexpr size_t kUsualBytes = 256;

// The local time as strftime says, with milliseconds behind `seconds`.
std::string TimeText(std::chrono::system_clock::time_point time, const char* seconds,
                     const char* zone) {
  const auto since = time.time_since_epoch();
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(since).count();
  const std::time_t whole = ms / 1000;
  std::tm local;
  ::localtime_r(&whole, &local);
  char before[32];
  char after[32];
  std::string text(before, std::strftime(before, sizeof(before), seconds, &local));
  absl::StrAppendFormat(&text, ".%03d", ms % 1000);
  return text.append(after, std::strftime(after, sizeof(after), zone, &local));
}

std::string_view BaseName(std::string_view path) { return path.substr(path.find_last_of('/') + 1); }

bool Prints(char c) { return c >= ' ' && c != '\x7f'; }

// Bytes from 0x80 on pass: they are UTF-8 where names are, and end no line.
void AppendEscaped(std::string_view text, std::string& line) {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) >= 0x80 || Prints(c)) {
      line += c;
    } else {
      absl::StrAppendFormat(&line, "\\x%02x", static_cast<unsigned char>(c));
    }
  }
}

bool IsPlainWord(std::string_view text) {
  if (text.empty()) return false;
  for (const char c : text) {
    if (c == ' ' || c == '"' || c == '\\' || c == '=') return false;
  }
  return true;
}

void AppendQuoted(std::string_view text, std::string& line) {
  line += '"';
  size_t begin = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '"' && text[i] != '\\') continue;
    AppendEscaped(text.substr(begin, i - begin), line);
    line += '\\';
    begin = i;
  }
  AppendEscaped(text.substr(begin), line);
  line += '"';
}

std::string WriteText(const LogLine& event) {
  std::string line;
  line.reserve(kUsualBytes);
  line += TimeText(event.time, "[%Y-%m-%d %H:%M:%S", "] ");
  absl::StrAppendFormat(&line, "%s %s:%d ", LevelName(event.level), BaseName(event.place.file),
                        event.place.line);
  AppendEscaped(event.text, line);
  for (const LogField& field : event.fields) {
    absl::StrAppendFormat(&line, " %s=", field.key);
    if (const auto* number = std::get_if<int64_t>(&field.value)) {
      absl::StrAppendFormat(&line, "%d", *number);
      continue;
    }
    const auto value = std::get<std::string_view>(field.value);
    IsPlainWord(value) ? AppendEscaped(value, line) : AppendQuoted(value, line);
  }
  if (line.size() >= kMaxLogLineBytes) line.resize(kMaxLogLineBytes - 1);
  line += '\n';
  return line;
}

// The bytes of the UTF-8 character that the text begins with; 0 if it begins with none.
// The Unicode Standard, table 3-7.
size_t CharacterSize(std::string_view text) {
  const auto is_within = [&](size_t index, unsigned char least, unsigned char most) {
    if (index >= text.size()) return false;
    const auto byte = static_cast<unsigned char>(text[index]);
    return least <= byte && byte <= most;
  };
  const auto follows = [&](size_t index) { return is_within(index, 0x80, 0xbf); };
  const auto first = static_cast<unsigned char>(text[0]);
  if (first < 0x80) return 1;
  if (is_within(0, 0xc2, 0xdf)) return follows(1) ? 2 : 0;
  if (is_within(0, 0xe0, 0xef)) {
    const bool second = is_within(1, first == 0xe0 ? 0xa0 : 0x80, first == 0xed ? 0x9f : 0xbf);
    return second && follows(2) ? 3 : 0;
  }
  if (is_within(0, 0xf0, 0xf4)) {
    const bool second = is_within(1, first == 0xf0 ? 0x90 : 0x80, first == 0xf4 ? 0x8f : 0xbf);
    return second && follows(2) && follows(3) ? 4 : 0;
  }
  return 0;
}

// Where a JSON line must come to its end: room for an escape, a quote, a brace and the
// line feed.
constexpr size_t kJsonEnd = kMaxLogLineBytes - 9;

void AppendJsonText(std::string_view text, std::string& line) {
  line += '"';
  while (!text.empty() && line.size() < kJsonEnd) {
    const size_t size = CharacterSize(text);
    if (size == 0) {
      // As in a text line: a backslash, an x and two digits.
      absl::StrAppendFormat(&line, "\\\\x%02x", static_cast<unsigned char>(text[0]));
    } else if (!Prints(text[0]) && size == 1) {
      absl::StrAppendFormat(&line, "\\u%04x", static_cast<unsigned>(text[0]));
    } else {
      if (text[0] == '"' || text[0] == '\\') line += '\\';
      line += text.substr(0, size);
    }
    text.remove_prefix(std::max(size, size_t{1}));
  }
  line += '"';
}

std::string WriteJson(const LogLine& event) {
  std::string line;
  line.reserve(kUsualBytes);
  absl::StrAppendFormat(&line, "{\"time\":\"%s\",\"level\":\"%s\",\"place\":\"%s:%d\",\"text\":",
                        TimeText(event.time, "%Y-%m-%dT%H:%M:%S", "%z"), LevelName(event.level),
                        BaseName(event.place.file), event.place.line);
  AppendJsonText(event.text, line);
  for (const LogField& field : event.fields) {
    const auto* number = std::get_if<int64_t>(&field.value);
    constexpr size_t kPunctuation = 4;
    constexpr size_t kMostDigits = 20;
    if (line.size() + field.key.size() + kPunctuation + kMostDigits > kJsonEnd) break;
    absl::StrAppendFormat(&line, ",\"%s\":", field.key);
    if (number != nullptr) {
      absl::StrAppendFormat(&line, "%d", *number);
    } else {
      AppendJsonText(std::get<std::string_view>(field.value), line);
    }
  }
  line += "}\n";
  return line;
}

constexpr LogFormat kFormats[] = {
    {.name = "text", .write = WriteText},
    {.name = "json", .write = WriteJson},
};

}  // namespace

std::string_view LevelName(LogLevel level) { return kLevelNames[static_cast<size_t>(level)]; }

std::span<const LogFormat> LogFormats() { return kFormats; }

const LogFormat* FindLogFormat(std::string_view name) {
  const auto* const found = std::find_if(std::begin(kFormats), std::end(kFormats),
                                         [&](const LogFormat& row) { return row.name == name; });
  return found == std::end(kFormats) ? nullptr : found;
}

}  // namespace keyway

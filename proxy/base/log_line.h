// What a log line says, and the formats to write it in.
#ifndef KEYWAY_PROXY_BASE_LOG_LINE_H_
#define KEYWAY_PROXY_BASE_LOG_LINE_H_

#include <chrono>
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <variant>

namespace keyway {

// The numbers are those of nutcracker's -v.
enum class LogLevel : uint8_t {
  kEmerg,
  kAlert,
  kCrit,
  kErr,
  kWarn,
  kNotice,
  kInfo,
  kDebug,
  kVerb,
  kVverb,
  kVvverb,
  kPverb,
};

// "emerg" … "pverb".
std::string_view LevelName(LogLevel level);

// `key=value` at the end of a line. Holds views only: build it within the call. The
// keys time, level, place and text are taken.
struct LogField {
  LogField(std::string_view field_key, std::string_view text) : key(field_key), value(text) {}
  LogField(std::string_view field_key, const char* text)
      : LogField(field_key, std::string_view(text)) {}
  LogField(std::string_view field_key, const std::string& text)
      : LogField(field_key, std::string_view(text)) {}
  LogField(std::string_view field_key, std::integral auto number)
      : key(field_key), value(static_cast<int64_t>(number)) {}

  std::string_view key;
  std::variant<std::string_view, int64_t> value;
};
using LogFields = std::initializer_list<LogField>;

// The place of a call, where it is the default value of a parameter. Clang 14, which
// the fuzz targets are built with, lacks std::source_location.
struct SourceLocation {
  static constexpr SourceLocation Current(const char* file = __builtin_FILE(),
                                          int line = __builtin_LINE()) {
    return {.file = file, .line = line};
  }

  const char* file;
  int line;
};

struct LogLine {
  std::chrono::system_clock::time_point time;
  LogLevel level;
  std::string_view text;
  LogFields fields;
  SourceLocation place;
};

// Both formats show local time, end each line with a line feed within kMaxLogLineBytes,
// and escape what does not print, so that no peer can forge a line.
struct LogFormat {
  std::string_view name;
  std::string (*write)(const LogLine& line);
};

// "text", the default, for people:
//   [2024-05-01 12:34:56.789] warn control.cc:71 server ejected pool=alpha failures=2
// Values that are not one plain word are quoted.
//
// "json", one object a line, in UTF-8 whatever peers sent:
//   {"time":"2024-05-01T12:34:56.789+0200","level":"warn","place":"control.cc:71",
//    "text":"server ejected","pool":"alpha","failures":2}
std::span<const LogFormat> LogFormats();

// Null: there is none of that name.
const LogFormat* FindLogFormat(std::string_view name);

}  // namespace keyway

#endif  // KEYWAY_PROXY_BASE_LOG_LINE_H_

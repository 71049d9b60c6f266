// Log lines: leveled, one line per event, written with one system call each.
//
// A Logger is handed to whoever logs. The one exception to "nothing global" is
// KEYWAY_CHECK, which must be able to speak from anywhere: main names the logger
// for it.
#ifndef KEYWAY_PROXY_BASE_LOG_H_
#define KEYWAY_PROXY_BASE_LOG_H_

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"
#include "proxy/base/log_line.h"

namespace keyway {

// Writes the lines to a file or to stderr; if that is systemd's journal, with the level in
// front, as sd-daemon(3) has it. All methods may be called from any thread.
class Logger {
 public:
  // Appends to the file, which is created with mode 0644 if need be; with an empty
  // path, to the standard error output.
  static absl::StatusOr<std::unique_ptr<Logger>> Open(
      const std::string& path, LogLevel level, const LogFormat& format = LogFormats().front());

  Logger(const Logger&) = delete;
  Logger& operator=(const Logger&) = delete;
  ~Logger();

  // For what is dear to compute; Write asks by itself.
  bool Enabled(LogLevel level) const { return level <= this->level(); }

  // Does nothing above the logger's level. Longer lines end at kMaxLogLineBytes.
  void Write(LogLevel level, std::string_view text, LogFields fields = {},
             SourceLocation place = SourceLocation::Current());
  // The same at every level of the logger: for what an operator has just done, and the
  // beginning and end of the process.
  void Tell(LogLevel level, std::string_view text, LogFields fields = {},
            SourceLocation place = SourceLocation::Current());

  LogLevel level() const { return level_.load(std::memory_order_relaxed); }
  void SetLevel(LogLevel level) { level_.store(level, std::memory_order_relaxed); }

  // Opens the path again, after the file was renamed. When that fails, lines go on
  // to the old file.
  absl::Status Reopen();

  // Whether lines go to a file of their own.
  bool to_file() const { return !path_.empty(); }
  // Where lines go, for a handler of fatal signals; the same number at all times.
  int fd() const { return fd_; }
  const LogFormat& format() const { return format_; }
  // Whether lines begin with their level as "<4>", which the journal reads.
  bool to_journal() const { return to_journal_; }

  // Lines that could not be written, in whole or in part.
  int64_t lost_lines() const { return lost_lines_.load(std::memory_order_relaxed); }

 private:
  Logger(std::string path, int fd, LogLevel level, const LogFormat& format);

  const std::string path_;
  const int fd_;  // Reopen puts another file behind the same number
  const bool to_journal_;
  const LogFormat& format_;
  std::atomic<LogLevel> level_;
  std::atomic<int64_t> lost_lines_ = 0;
};

// Lines about one cause: passes the first few of each period on and counts the rest,
// which the first line of a later period tells. The period is a second, and doubles up to
// kLongestPeriod while each has too many: a server that stays dead does not fill the disk.
// Used by one thread.
class RateLimited {
 public:
  using Time = std::chrono::steady_clock::time_point;
  static constexpr std::chrono::seconds kFirstPeriod{1};
  static constexpr std::chrono::seconds kLongestPeriod{64};

  explicit RateLimited(Logger& logger, int lines = kLines) : logger_(logger), lines_(lines) {}

  void Write(Time now, LogLevel level, std::string_view text, LogFields fields = {},
             SourceLocation place = SourceLocation::Current());

 private:
  static constexpr int kLines = 5;

  void BeginPeriod(Time now, LogLevel level, SourceLocation place);

  Logger& logger_;
  const int lines_;  // of a period
  std::chrono::seconds period_ = kFirstPeriod;
  Time begin_ = {};
  int written_ = 0;
  int64_t left_out_ = 0;
};

// The logger that failed checks are written to; null, as at first, for the
// standard error output. It stays valid until the next call.
void SetCheckLogger(Logger* logger);

[[noreturn]] void CheckFailed(std::string_view condition,
                              SourceLocation place = SourceLocation::Current());

// Ends the program when the condition, which no peer or user can make false, does
// not hold. In all builds.
#define KEYWAY_CHECK(condition) \
  ((condition) ? static_cast<void>(0) : ::keyway::CheckFailed(#condition))

}  // namespace keyway

#endif  // KEYWAY_PROXY_BASE_LOG_H_

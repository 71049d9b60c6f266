#include "proxy/base/log.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <ctime>
#include <system_error>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_format.h"
#include "proxy/base/limits.h"

namespace keyway {
namespace {

constexpr std::array<std::string_view, 12> kLevelNames = {"emerg", "alert",  "crit",   "err",
                                                          "warn",  "notice", "info",   "debug",
                                                          "verb",  "vverb",  "vvverb", "pverb"};

std::atomic<Logger*> check_logger = nullptr;

absl::StatusOr<int> OpenFile(const std::string& path) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
  if (fd < 0) {
    return absl::ErrnoToStatus(errno, absl::StrFormat("cannot open log file %s", path));
  }
  return fd;
}

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

void AppendTime(std::string& line) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
  const std::time_t seconds = ms / 1000;
  std::tm local;
  ::localtime_r(&seconds, &local);
  absl::StrAppendFormat(&line, "[%04d-%02d-%02d %02d:%02d:%02d.%03d]", local.tm_year + 1900,
                        local.tm_mon + 1, local.tm_mday, local.tm_hour, local.tm_min, local.tm_sec,
                        ms % 1000);
}

std::string_view BaseName(std::string_view path) { return path.substr(path.find_last_of('/') + 1); }

std::string FormatLine(LogLevel level, std::string_view text, LogFields fields,
                       SourceLocation place) {
  std::string line;
  line.reserve(256);
  AppendTime(line);
  absl::StrAppendFormat(&line, " %s %s:%d ", LevelName(level), BaseName(place.file), place.line);
  AppendEscaped(text, line);
  for (const LogField& field : fields) {
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

}  // namespace

std::string_view LevelName(LogLevel level) { return kLevelNames[static_cast<size_t>(level)]; }

absl::StatusOr<std::unique_ptr<Logger>> Logger::Open(const std::string& path, LogLevel level) {
  if (path.empty()) return std::unique_ptr<Logger>(new Logger(path, STDERR_FILENO, level));
  const auto fd = OpenFile(path);
  if (!fd.ok()) return fd.status();
  return std::unique_ptr<Logger>(new Logger(path, *fd, level));
}

Logger::~Logger() {
  if (!path_.empty()) ::close(fd_);
}

void Logger::Write(LogLevel level, std::string_view text, LogFields fields, SourceLocation place) {
  if (!Enabled(level)) return;
  const std::string line = FormatLine(level, text, fields, place);
  // One write for a line: O_APPEND then keeps lines of several threads apart.
  if (::write(fd_, line.data(), line.size()) != static_cast<ssize_t>(line.size())) {
    lost_lines_.fetch_add(1, std::memory_order_relaxed);
  }
}

absl::Status Logger::Reopen() {
  if (path_.empty()) return absl::OkStatus();
  const auto fd = OpenFile(path_);
  if (!fd.ok()) return fd.status();
  // Replaces the file behind fd_ atomically, so writers need no lock.
  const int moved = ::dup3(*fd, fd_, O_CLOEXEC);
  const int error = errno;
  ::close(*fd);
  if (moved < 0) return absl::ErrnoToStatus(error, "cannot replace the log file");
  return absl::OkStatus();
}

void RateLimited::Write(Time now, LogLevel level, std::string_view text, LogFields fields,
                        SourceLocation place) {
  if (now - second_begin_ >= std::chrono::seconds(1)) {
    if (left_out_ > 0) {
      logger_.Write(level, absl::StrFormat("… %d more within that second", left_out_), {}, place);
    }
    second_begin_ = now;
    written_ = 0;
    left_out_ = 0;
  }
  if (written_ == lines_per_second_) {
    ++left_out_;
    return;
  }
  ++written_;
  logger_.Write(level, text, fields, place);
}

void SetCheckLogger(Logger* logger) { check_logger.store(logger); }

void CheckFailed(std::string_view condition, SourceLocation place) {
  Logger* const logger = check_logger.load();
  if (logger != nullptr) {
    logger->Write(LogLevel::kEmerg, "check failed", {{"condition", condition}}, place);
  } else {
    const std::string line =
        FormatLine(LogLevel::kEmerg, "check failed", {{"condition", condition}}, place);
    if (::write(STDERR_FILENO, line.data(), line.size()) < 0) std::abort();
  }
  std::abort();
}

}  // namespace keyway

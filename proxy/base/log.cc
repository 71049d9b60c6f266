#include "proxy/base/log.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>

#include "absl/status/status.h"
#include "absl/strings/str_format.h"

namespace keyway {
namespace {

std::atomic<Logger*> check_logger = nullptr;

absl::StatusOr<int> OpenFile(const std::string& path) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
  if (fd < 0) {
    return absl::ErrnoToStatus(errno, absl::StrFormat("cannot open log file %s", path));
  }
  return fd;
}

// One write for a line: O_APPEND then keeps lines of several threads apart.
bool WriteLine(int fd, const std::string& line) {
  return ::write(fd, line.data(), line.size()) == static_cast<ssize_t>(line.size());
}

// $JOURNAL_STREAM is what the journal connected to a stream, which may be another one by
// now: systemd.exec(5).
bool IsJournal(int fd) {
  const char* const stream = ::getenv("JOURNAL_STREAM");
  struct stat status = {};
  if (stream == nullptr || ::fstat(fd, &status) != 0) return false;
  return stream == absl::StrFormat("%d:%d", status.st_dev, status.st_ino);
}

// The levels of syslog are ours up to debug.
std::string JournalMark(LogLevel level) {
  return absl::StrFormat("<%d>", static_cast<int>(std::min(level, LogLevel::kDebug)));
}

}  // namespace

Logger::Logger(std::string path, int fd, LogLevel level, const LogFormat& format)
    : path_(std::move(path)),
      fd_(fd),
      to_journal_(path_.empty() && IsJournal(fd)),
      format_(format),
      level_(level) {}

absl::StatusOr<std::unique_ptr<Logger>> Logger::Open(const std::string& path, LogLevel level,
                                                     const LogFormat& format) {
  if (path.empty()) return std::unique_ptr<Logger>(new Logger(path, STDERR_FILENO, level, format));
  const auto fd = OpenFile(path);
  if (!fd.ok()) return fd.status();
  return std::unique_ptr<Logger>(new Logger(path, *fd, level, format));
}

Logger::~Logger() {
  if (!path_.empty()) ::close(fd_);
}

void Logger::Write(LogLevel level, std::string_view text, LogFields fields, SourceLocation place) {
  if (Enabled(level)) Tell(level, text, fields, place);
}

void Logger::Tell(LogLevel level, std::string_view text, LogFields fields, SourceLocation place) {
  const auto now = std::chrono::system_clock::now();
  const LogLine line = {
      .time = now, .level = level, .text = text, .fields = fields, .place = place};
  const std::string mark = to_journal_ ? JournalMark(level) : "";
  if (!WriteLine(fd_, mark + format_.write(line)))
    lost_lines_.fetch_add(1, std::memory_order_relaxed);
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
  if (now - begin_ >= period_) BeginPeriod(now, level, place);
  if (written_ == lines_) {
    ++left_out_;
    return;
  }
  ++written_;
  logger_.Write(level, text, fields, place);
}

void RateLimited::BeginPeriod(Time now, LogLevel level, SourceLocation place) {
  const bool goes_on = left_out_ > 0 && now - begin_ < 2 * period_;
  if (left_out_ > 0) {
    logger_.Write(level, absl::StrFormat("… %d more within %d s", left_out_, period_.count()), {},
                  place);
  }
  period_ = goes_on ? std::min(2 * period_, kLongestPeriod) : kFirstPeriod;
  begin_ = now;
  written_ = 0;
  left_out_ = 0;
}

void SetCheckLogger(Logger* logger) { check_logger.store(logger); }

void CheckFailed(std::string_view condition, SourceLocation place) {
  const auto to_stderr = Logger::Open("", LogLevel::kEmerg);
  Logger* const named = check_logger.load();
  Logger& logger = named != nullptr ? *named : **to_stderr;
  logger.Tell(LogLevel::kEmerg, "check failed", {{"condition", condition}}, place);
  std::abort();
}

}  // namespace keyway

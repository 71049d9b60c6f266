#include "proxy/process/pid_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "absl/strings/str_format.h"

namespace keyway {
namespace {

absl::Status Failed(const std::string& path) {
  return absl::UnavailableError(
      absl::StrFormat("cannot write the pid file %s: %s", path, strerror(errno)));
}

// Devices are written to, for the sake of `-p /dev/null`, and else left alone.
bool IsFile(int fd) {
  struct stat status = {};
  return fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
}

// Whether the path leads to this very file, and not to one put there since.
bool IsAt(const std::string& path, int fd) {
  struct stat here = {};
  struct stat there = {};
  return fstat(fd, &here) == 0 && stat(path.c_str(), &there) == 0 && here.st_dev == there.st_dev &&
         here.st_ino == there.st_ino;
}

bool IsEmpty(int fd) {
  struct stat status = {};
  return fstat(fd, &status) == 0 && status.st_size == 0;
}

absl::Status HeldByAnother(const std::string& path, int fd) {
  char digits[16] = "";
  const ssize_t size = pread(fd, digits, sizeof(digits) - 1, 0);
  const std::string who =
      size > 0 ? absl::StrFormat("process %s", digits) : "a process that starts";
  return absl::AlreadyExistsError(
      absl::StrFormat("already running: %s holds the pid file %s", who, path));
}

}  // namespace

absl::StatusOr<std::unique_ptr<PidFile>> PidFile::Take(const std::string& path) {
  while (true) {
    const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (fd < 0) return Failed(path);
    auto file = std::unique_ptr<PidFile>(new PidFile(path, fd));
    if (!IsFile(fd)) return file;
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
      return errno == EWOULDBLOCK ? HeldByAnother(path, fd) : Failed(path);
    }
    // Else another process removed the file between our open and our lock.
    if (IsAt(path, fd)) {
      file->locked_ = true;
      return file;
    }
  }
}

PidFile::~PidFile() {
  if (locked_ && (written_ || IsEmpty(fd_)) && IsAt(path_, fd_)) unlink(path_.c_str());
  close(fd_);
}

absl::Status PidFile::Write() {
  const std::string digits = std::to_string(getpid());
  if (locked_ && ftruncate(fd_, 0) != 0) return Failed(path_);
  written_ = true;
  if (pwrite(fd_, digits.data(), digits.size(), 0) != static_cast<ssize_t>(digits.size())) {
    return Failed(path_);
  }
  return absl::OkStatus();
}

}  // namespace keyway

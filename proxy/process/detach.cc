#include "proxy/process/detach.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <initializer_list>
#include <utility>

#include "absl/status/status.h"

namespace keyway {
namespace {

// What goes through the pipe; a process that crashes sends neither.
constexpr char kReady = 'r';
constexpr char kFailed = 'f';

void Send(int pipe, char word) {
  // A command that was interrupted no longer reads.
  if (write(pipe, &word, 1) != 1) return;
}

[[noreturn]] void AwaitReport(int pipe) {
  char word = 0;
  ssize_t size;
  do {
    size = read(pipe, &word, 1);
  } while (size < 0 && errno == EINTR);
  if (size == 1) _exit(word == kReady ? 0 : 1);
  fputs("nutcracker: the daemon ended before it was ready\n", stderr);
  _exit(1);
}

void PointToNull(std::initializer_list<int> streams) {
  const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  if (null < 0) return;
  for (const int stream : streams) dup2(null, stream);
  if (null > STDERR_FILENO) close(null);
}

}  // namespace

void OpenStandardStreams() {
  // open takes the lowest number that is free.
  int null;
  do {
    null = open("/dev/null", O_RDWR);
  } while (null >= 0 && null <= STDERR_FILENO);
  if (null >= 0) close(null);
}

StartReport::~StartReport() {
  if (pipe_ < 0) return;
  Send(pipe_, kFailed);
  close(pipe_);
}

void StartReport::Ready() {
  if (pipe_ < 0) return;
  PointToNull({STDOUT_FILENO, STDERR_FILENO});
  Send(pipe_, kReady);
  close(std::exchange(pipe_, -1));
}

absl::StatusOr<StartReport> Detach() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return absl::ErrnoToStatus(errno, "cannot go to the background");
  fflush(nullptr);
  const pid_t child = fork();
  if (child < 0) return absl::ErrnoToStatus(errno, "cannot go to the background");
  if (child > 0) {
    close(ends[1]);
    AwaitReport(ends[0]);
  }
  close(ends[0]);
  StartReport report(ends[1]);
  setsid();
  // The leader of a session could get a terminal again, its child cannot.
  const pid_t grandchild = fork();
  if (grandchild < 0) return absl::ErrnoToStatus(errno, "cannot go to the background");
  if (grandchild > 0) _exit(0);
  umask(0);
  PointToNull({STDIN_FILENO});
  return report;
}

}  // namespace keyway

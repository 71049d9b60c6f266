// Into the background, with the caller waiting for how it went.
#ifndef KEYWAY_PROXY_PROCESS_DETACH_H_
#define KEYWAY_PROXY_PROCESS_DETACH_H_

#include <utility>

#include "absl/status/statusor.h"

namespace keyway {

// Opens /dev/null for each standard stream that the caller left closed, so that no file
// opened later takes its number. The first thing a program does.
void OpenStandardStreams();

// How the start goes, for the command that -d was given to. Without -d nobody asks, and
// nothing happens here.
class StartReport {
 public:
  StartReport() = default;
  StartReport(StartReport&& other) noexcept : pipe_(std::exchange(other.pipe_, -1)) {}
  StartReport& operator=(StartReport&& other) noexcept {
    std::swap(pipe_, other.pipe_);
    return *this;
  }
  // The command ends with 1, unless it has ended with 0 before.
  ~StartReport();

  // The command ends with 0. Lets go of its terminal: the standard streams are
  // /dev/null from here on.
  void Ready();

 private:
  friend absl::StatusOr<StartReport> Detach();
  explicit StartReport(int pipe) : pipe_(pipe) {}

  int pipe_ = -1;  // the command waits at its other end
};

// Returns in a new process with a session of its own, no controlling terminal and umask
// 0; the working directory stays. The calling process does not return: it waits for the
// report, and so the reasons of a failure, which the new process writes to the standard
// error output, stand before its end. To be called before there are threads.
absl::StatusOr<StartReport> Detach();

}  // namespace keyway

#endif  // KEYWAY_PROXY_PROCESS_DETACH_H_

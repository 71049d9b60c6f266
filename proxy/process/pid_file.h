// The file that says which process this is, and that there is only one.
#ifndef KEYWAY_PROXY_PROCESS_PID_FILE_H_
#define KEYWAY_PROXY_PROCESS_PID_FILE_H_

#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace keyway {

// Holds a lock (flock) on the file for as long as it lives, also when the process is
// killed: a file without a lock is stale, whatever process has its number by now.
class PidFile {
 public:
  // Takes the file, made with mode 0644 if need be. Its content stays until Write. Fails
  // if it cannot be opened, or names the process that has it.
  static absl::StatusOr<std::unique_ptr<PidFile>> Take(const std::string& path);

  PidFile(const PidFile&) = delete;
  PidFile& operator=(const PidFile&) = delete;
  // Removes the file, unless another has been put in its place. One that was never
  // written stays as it was found.
  ~PidFile();

  // This process's id, in decimal digits and, as nutcracker writes it, nothing else.
  absl::Status Write();

 private:
  PidFile(std::string path, int fd) : path_(std::move(path)), fd_(fd) {}

  const std::string path_;
  const int fd_;
  bool locked_ = false;
  bool written_ = false;
};

}  // namespace keyway

#endif  // KEYWAY_PROXY_PROCESS_PID_FILE_H_

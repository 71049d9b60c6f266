#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_format.h"
#include "sim/source/bytes/byte_stream.h"

namespace keyway::sim {
namespace {

class FileStream final : public ByteStream {
 public:
  FileStream(int descriptor, std::string name, uint64_t in_all)
      : descriptor_(descriptor), name_(std::move(name)), in_all_(in_all) {}
  FileStream(const FileStream&) = delete;
  FileStream& operator=(const FileStream&) = delete;
  ~FileStream() override { close(descriptor_); }

  absl::StatusOr<size_t> Read(std::span<char> space) override {
    ssize_t size;
    do {
      size = read(descriptor_, space.data(), space.size());
    } while (size < 0 && errno == EINTR);
    if (size < 0) {
      return absl::UnavailableError(
          absl::StrFormat("%s: cannot be read: %s", name_, strerror(errno)));
    }
    done_.fetch_add(static_cast<uint64_t>(size), std::memory_order_relaxed);
    return static_cast<size_t>(size);
  }

  const std::string& name() const override { return name_; }
  uint64_t done() const override { return done_.load(std::memory_order_relaxed); }
  uint64_t in_all() const override { return in_all_; }

 private:
  const int descriptor_;
  const std::string name_;
  const uint64_t in_all_;
  std::atomic<uint64_t> done_ = 0;
};

}  // namespace

absl::StatusOr<std::unique_ptr<ByteStream>> OpenFile(const std::string& path, std::string name) {
  const int descriptor = path == "-" ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)
                                     : open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) {
    return absl::NotFoundError(absl::StrFormat("%s: cannot be opened: %s", name, strerror(errno)));
  }
  struct stat file = {};
  uint64_t in_all = 0;
  if (fstat(descriptor, &file) == 0 && S_ISREG(file.st_mode)) {
    in_all = static_cast<uint64_t>(file.st_size);
  }
  return std::make_unique<FileStream>(descriptor, std::move(name), in_all);
}

}  // namespace keyway::sim

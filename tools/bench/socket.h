// Sockets of this machine. Apart from the proxy's own, so that a fault in those cannot hide.
#ifndef KEYWAY_TOOLS_BENCH_SOCKET_H_
#define KEYWAY_TOOLS_BENCH_SOCKET_H_

#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace keyway::bench {

// Owns a file descriptor.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Descriptor();

  int get() const { return fd_; }

 private:
  int fd_ = -1;
};

// Connects to a port of 127.0.0.1, given as "22121", or to a unix socket, given as its path.
// The socket does not block afterwards.
absl::StatusOr<Descriptor> Connect(const std::string& endpoint);

struct Listener {
  Descriptor socket;
  std::string endpoint;  // as Connect takes it
};
// Listens on a free port of 127.0.0.1, or on a unix socket at `path`. The socket does not
// block.
absl::StatusOr<Listener> ListenOnFreePort();
absl::StatusOr<Listener> ListenAt(const std::string& path);

// The next client of a listening socket, or one below 0 if there is none now.
Descriptor Accept(const Listener& listener);

// Bytes to be sent. What has gone is skipped, and forgotten when all has.
struct Output {
  std::string bytes;
  size_t sent = 0;

  bool empty() const { return bytes.empty(); }
};

// Sends what goes without waiting. False if the connection is gone.
bool SendSome(int fd, Output& output);

// What ReceiveSome found.
enum class Received { kBytes, kNothing, kEnd };
// Reads what is there, up to `capacity`, and says how much in `size`.
Received ReceiveSome(int fd, char* buffer, size_t capacity, size_t& size);

// Lets the process open as many files as it may.
void RaiseFileLimit();

}  // namespace keyway::bench

#endif  // KEYWAY_TOOLS_BENCH_SOCKET_H_

#include "proxy/process/supervisor.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <string>

namespace keyway {

Supervisor Supervisor::FromEnvironment() {
  const char* address = getenv("NOTIFY_SOCKET");
  return Supervisor(address == nullptr ? "" : address);
}

absl::Status Supervisor::Tell(std::string_view state) const {
  if (address_.empty()) return absl::OkStatus();
  sockaddr_un to = {};
  to.sun_family = AF_UNIX;
  if (address_.size() >= sizeof(to.sun_path)) {
    return absl::InvalidArgumentError("the address in NOTIFY_SOCKET is too long");
  }
  std::memcpy(to.sun_path, address_.data(), address_.size());
  if (address_.front() == '@') to.sun_path[0] = '\0';
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address_.size());

  const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return absl::ErrnoToStatus(errno, "cannot tell the service manager");
  const ssize_t sent = sendto(fd, state.data(), state.size(), MSG_NOSIGNAL | MSG_DONTWAIT,
                              reinterpret_cast<const sockaddr*>(&to), size);
  const int error = errno;
  close(fd);
  if (sent < 0) return absl::ErrnoToStatus(error, "cannot tell the service manager");
  return absl::OkStatus();
}

}  // namespace keyway

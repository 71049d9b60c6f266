#include "proxy/process/supervisor.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <utility>

#include "absl/strings/numbers.h"

namespace keyway {
namespace {

std::string Variable(const char* name) {
  const char* value = getenv(name);
  return value == nullptr ? "" : value;
}

std::optional<Supervisor::Microseconds> WatchdogOfEnvironment() {
  const std::string process = Variable("WATCHDOG_PID");
  if (!process.empty() && process != std::to_string(getpid())) return std::nullopt;
  int64_t time = 0;
  if (!absl::SimpleAtoi(Variable("WATCHDOG_USEC"), &time) || time <= 0) return std::nullopt;
  return Supervisor::Microseconds(time);
}

}  // namespace

Supervisor Supervisor::FromEnvironment() {
  return Supervisor(Variable("NOTIFY_SOCKET"), WatchdogOfEnvironment());
}

Supervisor::Supervisor(std::string address, std::optional<Microseconds> watchdog)
    : address_(std::move(address)),
      watchdog_(address_.empty() ? std::nullopt : watchdog),
      socket_(address_.empty() ? -1 : socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {}

Supervisor::~Supervisor() {
  if (socket_ >= 0) close(socket_);
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
  const ssize_t sent = sendto(socket_, state.data(), state.size(), MSG_NOSIGNAL | MSG_DONTWAIT,
                              reinterpret_cast<const sockaddr*>(&to), size);
  if (sent < 0) return absl::ErrnoToStatus(errno, "cannot tell the service manager");
  return absl::OkStatus();
}

}  // namespace keyway

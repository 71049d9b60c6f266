#include "tools/bench/socket.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>

#include "absl/strings/str_format.h"

namespace keyway::bench {
namespace {

absl::Status SystemError(const std::string& what) {
  return absl::UnavailableError(absl::StrFormat("%s: %s", what, strerror(errno)));
}

// Small messages leave at once. Fails on unix sockets, which do so anyway.
void SendAtOnce(int fd) {
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

sockaddr_in Loopback(uint16_t port) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

sockaddr_un UnixAddress(const std::string& path) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  return address;
}

bool ConnectUnix(int fd, const std::string& path) {
  const sockaddr_un address = UnixAddress(path);
  return ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

bool ConnectTcp(int fd, const std::string& port) {
  uint16_t number = 0;
  std::from_chars(port.data(), port.data() + port.size(), number);
  const sockaddr_in address = Loopback(number);
  return ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

}  // namespace

Descriptor::~Descriptor() {
  if (fd_ >= 0) close(fd_);
}

absl::StatusOr<Descriptor> Connect(const std::string& endpoint) {
  const bool is_path = endpoint.find('/') != std::string::npos;
  Descriptor socket(::socket(is_path ? AF_UNIX : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (socket.get() < 0) return SystemError("socket");
  const bool connected =
      is_path ? ConnectUnix(socket.get(), endpoint) : ConnectTcp(socket.get(), endpoint);
  if (!connected) return SystemError("connect to " + endpoint);
  SendAtOnce(socket.get());
  fcntl(socket.get(), F_SETFL, O_NONBLOCK);
  return socket;
}

absl::StatusOr<Listener> ListenOnFreePort() {
  Listener listener;
  listener.socket = Descriptor(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const int fd = listener.socket.get();
  if (fd < 0) return SystemError("socket");
  sockaddr_in address = Loopback(0);
  socklen_t size = sizeof address;
  if (::bind(fd, reinterpret_cast<const sockaddr*>(&address), size) != 0 ||
      ::listen(fd, SOMAXCONN) != 0 ||
      getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    return SystemError("listen");
  }
  listener.endpoint = std::to_string(ntohs(address.sin_port));
  return listener;
}

absl::StatusOr<Listener> ListenAt(const std::string& path) {
  Listener listener;
  listener.endpoint = path;
  listener.socket = Descriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const int fd = listener.socket.get();
  if (fd < 0) return SystemError("socket");
  const sockaddr_un address = UnixAddress(path);
  if (::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(fd, SOMAXCONN) != 0) {
    return SystemError("listen at " + path);
  }
  return listener;
}

Descriptor Accept(const Listener& listener) {
  Descriptor client(
      ::accept4(listener.socket.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (client.get() >= 0) SendAtOnce(client.get());
  return client;
}

bool SendSome(int fd, Output& output) {
  const std::string_view rest = std::string_view(output.bytes).substr(output.sent);
  const ssize_t sent = ::send(fd, rest.data(), rest.size(), MSG_NOSIGNAL);
  if (sent < 0) return errno == EAGAIN || errno == EINTR;
  output.sent += static_cast<size_t>(sent);
  if (output.sent == output.bytes.size()) {
    output.bytes.clear();
    output.sent = 0;
  }
  return true;
}

Received ReceiveSome(int fd, char* buffer, size_t capacity, size_t& size) {
  const ssize_t received = ::recv(fd, buffer, capacity, 0);
  size = received > 0 ? static_cast<size_t>(received) : 0;
  if (received > 0) return Received::kBytes;
  const bool later = received < 0 && (errno == EAGAIN || errno == EINTR);
  return later ? Received::kNothing : Received::kEnd;
}

void RaiseFileLimit() {
  rlimit limit = {};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace keyway::bench

#include "proxy/net/tcp_listener.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_format.h"
#include "proxy/net/tcp_stream.h"

namespace keyway {
namespace {

// Connections accepted in one turn, so that a storm of them leaves time for others.
constexpr int kAcceptsPerTurn = 64;

// How long to leave connections in the backlog when there is no room for them, or no file
// descriptor: the socket stays readable, and asking at once would spin.
constexpr Duration kAcceptPause = std::chrono::milliseconds(100);

void SetOption(int fd, int level, int name) {
  const int on = 1;
  setsockopt(fd, level, name, &on, sizeof(on));
}

class TcpIncoming : public Incoming {
 public:
  explicit TcpIncoming(int fd) : fd_(fd) {}
  ~TcpIncoming() override {
    if (fd_ >= 0) close(fd_);
  }
  std::unique_ptr<Stream> Open(EventLoop& loop, StreamHandler& handler) override {
    return OpenTcp(static_cast<Poller&>(loop), std::exchange(fd_, -1), handler);
  }

 private:
  int fd_;
};

// The file of a unix socket; without a path for TCP.
struct UnixFile {
  std::string path;
  struct stat made = {};  // what the listener made there

  // Leaves alone what somebody else has put in its place.
  void Remove() const {
    struct stat there = {};
    if (path.empty() || lstat(path.c_str(), &there) != 0) return;
    if (there.st_dev == made.st_dev && there.st_ino == made.st_ino) unlink(path.c_str());
  }
};

class TcpListener : public Listener, private Pollable {
 public:
  TcpListener(Poller& poller, int fd, UnixFile unix_file, bool keepalive, AcceptHandler& handler)
      : poller_(poller),
        fd_(fd),
        unix_file_(std::move(unix_file)),
        keepalive_(keepalive),
        handler_(handler) {
    poller_.Watch(fd_, EPOLLIN, *this);
  }
  ~TcpListener() override {
    if (destroyed_ != nullptr) *destroyed_ = true;
    poller_.Unwatch(fd_, *this);
    close(fd_);
    unix_file_.Remove();
  }

 private:
  void OnEvents(uint32_t) override {
    bool destroyed = false;
    destroyed_ = &destroyed;
    for (int i = 0; i < kAcceptsPerTurn; ++i) {
      if (!handler_.HasRoom()) {
        Pause();
        TellWaiting(Backlog());
        break;
      }
      const int fd = accept4(fd_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (fd < 0) {
        if (errno == EINTR || errno == ECONNABORTED) continue;
        const bool full = errno != EAGAIN;
        if (full) Pause();
        TellWaiting(full ? Backlog() : 0);
        break;
      }
      if (unix_file_.path.empty()) SetOption(fd, IPPROTO_TCP, TCP_NODELAY);
      if (unix_file_.path.empty() && keepalive_) SetOption(fd, SOL_SOCKET, SO_KEEPALIVE);
      handler_.OnAccept(std::make_unique<TcpIncoming>(fd));
      if (destroyed) return;
    }
    destroyed_ = nullptr;
  }

  void Pause() {
    poller_.Rewatch(fd_, 0, *this);
    resume_ = poller_.After(kAcceptPause, [this] { poller_.Rewatch(fd_, EPOLLIN, *this); });
  }

  size_t Backlog() const {
    tcp_info info = {};
    socklen_t size = sizeof(info);
    if (getsockopt(fd_, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return 1;
    return info.tcpi_unacked;  // what that means of a socket that listens
  }

  void TellWaiting(size_t connections) {
    if (connections == 0 && waiting_ == 0) return;
    waiting_ = connections;
    handler_.OnWaiting(connections);
  }

  Poller& poller_;
  const int fd_;
  const UnixFile unix_file_;
  const bool keepalive_;
  AcceptHandler& handler_;
  Timer resume_;
  size_t waiting_ = 0;         // as told last
  bool* destroyed_ = nullptr;  // set while a handler runs
};

// Removes the file of a unix socket that nobody listens on any more. Other files stay:
// a mistaken path must not cost anybody's data.
void RemoveStale(const Address& address) {
  struct stat there = {};
  if (stat(ToString(address).c_str(), &there) != 0 || !S_ISSOCK(there.st_mode)) return;
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return;
  const bool refused = connect(fd, address.get(), address.size) != 0 && errno == ECONNREFUSED;
  close(fd);
  if (refused) unlink(ToString(address).c_str());
}

absl::Status ErrnoStatus(const Address& address, const char* what) {
  return absl::UnavailableError(
      absl::StrFormat("cannot %s %s: %s", what, ToString(address), strerror(errno)));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Listener>> ListenTcp(Poller& poller, const Address& address,
                                                    const ListenOptions& options,
                                                    AcceptHandler& handler) {
  const int fd = socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return ErrnoStatus(address, "make a socket for");
  if (address.is_unix()) {
    RemoveStale(address);
  } else {
    SetOption(fd, SOL_SOCKET, SO_REUSEADDR);
    if (options.share_port) SetOption(fd, SOL_SOCKET, SO_REUSEPORT);
  }
  if (bind(fd, address.get(), address.size) != 0) {
    absl::Status status = ErrnoStatus(address, "bind to");
    close(fd);
    return status;
  }
  UnixFile unix_file;
  if (address.is_unix()) {
    unix_file.path = ToString(address);
    lstat(unix_file.path.c_str(), &unix_file.made);
    if (options.unix_mode != 0) {
      chmod(unix_file.path.c_str(), static_cast<mode_t>(options.unix_mode));
    }
  }
  const bool listening = listen(fd, options.backlog) == 0;
  absl::Status status = listening ? absl::OkStatus() : ErrnoStatus(address, "listen on");
  auto listener =
      std::make_unique<TcpListener>(poller, fd, std::move(unix_file), options.keepalive, handler);
  if (!listening) return status;
  return listener;
}

}  // namespace keyway

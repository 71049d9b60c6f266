#include "proxy/testing/client.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "gtest/gtest.h"
#include "proxy/testing/process.h"

namespace keyway {
namespace {

using std::chrono::steady_clock;

bool AwaitEvent(int socket, short events, steady_clock::time_point deadline) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - steady_clock::now());
  pollfd poll = {.fd = socket, .events = events, .revents = 0};
  return ::poll(&poll, 1, std::max(0, static_cast<int>(left.count()))) > 0;
}

}  // namespace

Client::Client(uint16_t port) : Client(*Resolve({.host = "127.0.0.1", .port = port, .path = ""})) {}

Client::Client(const std::string& path) : Client(*Resolve({.host = "", .port = 0, .path = path})) {}

Client::Client(const Address& address)
    : socket_(::socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  EXPECT_EQ(0, ::connect(socket_, address.get(), address.size))
      << ToString(address) << ": " << ::strerror(errno);
  if (address.is_unix()) return;
  const int on = 1;
  ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

void Client::Send(std::string_view bytes) {
  const auto deadline = steady_clock::now() + kTestDeadline;
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0) {
      bytes.remove_prefix(static_cast<size_t>(sent));
    } else if (errno != EAGAIN || !AwaitEvent(socket_, POLLOUT, deadline)) {
      ADD_FAILURE() << bytes.size() << " bytes could not be sent: " << ::strerror(errno);
      return;
    }
  }
}

void Client::SendEnd() { ::shutdown(socket_, SHUT_WR); }

void Client::Close() {
  if (socket_ >= 0) ::close(std::exchange(socket_, -1));
}

void Client::ReadUntil(const std::function<bool()>& done, std::string_view what) {
  const auto deadline = steady_clock::now() + kTestDeadline;
  while (!done() && !closed_) {
    if (!AwaitEvent(socket_, POLLIN, deadline)) {
      ADD_FAILURE() << "no " << what << " in time, only: " << received_.substr(0, 1000);
      return;
    }
    char bytes[65536];
    const ssize_t count = ::recv(socket_, bytes, sizeof(bytes), 0);
    if (count > 0) {
      received_.append(bytes, static_cast<size_t>(count));
    } else {
      closed_ = true;
    }
  }
}

void Client::Reset() {
  const linger at_once = {.l_onoff = 1, .l_linger = 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
  Close();
}

std::string Client::Take(size_t count) {
  std::string taken = received_.substr(0, count);
  received_.erase(0, count);
  return taken;
}

std::string Client::ReadBytes(size_t count) {
  ReadUntil([&] { return received_.size() >= count; }, "bytes");
  EXPECT_LE(count, received_.size()) << "the connection was closed";
  return Take(count);
}

std::string Client::ReadUntilClosed() {
  ReadUntil([] { return false; }, "end");
  return Take(received_.size());
}

std::vector<std::string> Client::ReadReplies(Protocol protocol, size_t count) {
  std::vector<std::string> replies;
  size_t taken = 0;
  while (replies.size() < count) {
    size_t size = 0;
    const auto next_is_there = [&] {
      size = ReplySize(protocol, std::string_view(received_).substr(taken));
      return size != 0;
    };
    ReadUntil(next_is_there, "reply");
    if (size == 0) {
      ADD_FAILURE() << "closed or late after " << replies.size() << " replies of " << count;
      break;
    }
    replies.push_back(received_.substr(taken, size));
    taken += size;
  }
  received_.erase(0, taken);
  return replies;
}

std::string Client::Ask(std::initializer_list<std::string> words) {
  Send(Resp(words));
  std::vector<std::string> replies = ReadReplies(Protocol::kRedis, 1);
  return replies.empty() ? std::string() : std::move(replies[0]);
}

}  // namespace keyway

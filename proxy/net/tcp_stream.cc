#include "proxy/net/tcp_stream.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <string>
#include <utility>

namespace keyway {
namespace {

void SetOption(int fd, int level, int name) {
  const int on = 1;
  setsockopt(fd, level, name, &on, sizeof(on));
}

class TcpStream : public Stream, private Pollable {
 public:
  enum class State : uint8_t { kConnecting, kOpen, kFailed };
  enum class FlushDue : uint8_t { kNo, kPatiently, kNow };

  TcpStream(Poller& poller, int fd, State state, bool patient, StreamHandler& handler)
      : Stream(output_),
        poller_(poller),
        fd_(fd),
        state_(state),
        patient_(patient),
        handler_(handler),
        input_(poller.blocks()),
        output_(poller.blocks()) {
    watched_ = Interest();
    poller_.Watch(fd_, watched_, *this);
  }
  ~TcpStream() override {
    if (destroyed_ != nullptr) *destroyed_ = true;
    poller_.Unwatch(fd_, *this);
    close(fd_);
  }

  void Flush() override {
    if (flush_ == FlushDue::kNow || state_ == State::kFailed) return;
    if (!patient_ || output_.size() >= kPatientBytes) {
      flush_ = FlushDue::kNow;
      poller_.FlushLater(*this);
    } else if (flush_ == FlushDue::kNo) {
      flush_ = FlushDue::kPatiently;
      poller_.FlushPatiently(*this);
    }
  }
  void TellWhenSent() override {
    tell_when_sent_ = true;
    if (output_.empty()) CallLater();
  }
  void SendEnd() override {
    end_wanted_ = true;
    Flush();
  }
  void SetReading(bool reading) override {
    if (reading_ == reading) return;
    reading_ = reading;
    if (reading && (!input_.empty() || end_due_)) CallLater();
    UpdateInterest();
  }
  std::string peer() const override {
    Address address;
    address.size = sizeof(address.storage);
    if (getpeername(fd_, reinterpret_cast<sockaddr*>(&address.storage), &address.size) != 0) {
      return "unknown";
    }
    return ToString(address);
  }

  // Reports the end of the attempt to connect, or of the stream, in the next turn.
  void FailLater(int error) {
    state_ = State::kFailed;
    error_ = error;
    CallLater();
  }
  void ConnectedLater() {
    connected_ = true;
    CallLater();
  }

 private:
  void OnEvents(uint32_t events) override;
  void OnLater() override;
  void OnFlush() override;

  void FinishConnect();
  void Read();
  void EndRead(ssize_t got, int error);
  bool Present();
  void PresentRest();
  void CallLater() {
    if (later_) return;
    later_ = true;
    poller_.CallLater(*this);
  }
  uint32_t Interest() const {
    if (state_ == State::kConnecting) return EPOLLOUT;
    return (reading_ && !ended_ ? static_cast<uint32_t>(EPOLLIN) : 0u) |
           (blocked_ ? static_cast<uint32_t>(EPOLLOUT) : 0u);
  }
  void UpdateInterest() {
    const uint32_t interest = Interest();
    if (interest == watched_ || state_ == State::kFailed) return;
    watched_ = interest;
    poller_.Rewatch(fd_, interest, *this);
  }
  // Runs `call`; false if it destroyed this.
  template <class Call>
  bool Survives(Call call) {
    bool destroyed = false;
    destroyed_ = &destroyed;
    call();
    if (destroyed) return false;
    destroyed_ = nullptr;
    return true;
  }

  Poller& poller_;
  const int fd_;
  State state_;
  const bool patient_;
  StreamHandler& handler_;
  InputBuffer input_;
  OutputBuffer output_;
  uint32_t watched_ = 0;
  int error_ = 0;
  bool reading_ = true;
  bool ended_ = false;    // the peer sends no more
  bool end_due_ = false;  // OnEnd is due
  bool blocked_ = false;  // the socket takes no more
  FlushDue flush_ = FlushDue::kNo;
  bool later_ = false;
  bool connected_ = false;  // OnConnected is due
  bool tell_when_sent_ = false;
  bool end_wanted_ = false;    // SendEnd was called
  bool* destroyed_ = nullptr;  // set while a handler runs
};

void TcpStream::OnEvents(uint32_t events) {
  if (state_ == State::kFailed) return;
  if (state_ == State::kConnecting) {
    FinishConnect();
    return;
  }
  if ((events & EPOLLOUT) != 0 && blocked_) {
    blocked_ = false;
    UpdateInterest();
    Flush();
  }
  if (reading_ && !ended_ && (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) {
    Read();
  } else if ((events & (EPOLLERR | EPOLLHUP)) != 0) {
    int error = 0;
    socklen_t size = sizeof(error);
    getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &size);
    state_ = State::kFailed;
    handler_.OnFailed(error != 0 ? error : EPIPE);
  }
}

void TcpStream::FinishConnect() {
  int error = 0;
  socklen_t size = sizeof(error);
  getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) {
    state_ = State::kFailed;
    handler_.OnFailed(error);
    return;
  }
  state_ = State::kOpen;
  UpdateInterest();
  if (!output_.empty()) Flush();
  handler_.OnConnected();
}

void TcpStream::Read() {
  for (int reads = 0; reads < kReadsPerTurn && reading_; ++reads) {
    if (reads != 0 && !poller_.MayReadMore()) return;
    const auto [room, size] = input_.Room(poller_.receive_block());
    const ssize_t got = recv(fd_, room, size, 0);
    if (got <= 0) {
      EndRead(got, errno);
      return;
    }
    input_.Filled(static_cast<size_t>(got));
    if (!Present()) return;
    const BlockRef& block = poller_.receive_block();
    const bool linked = block && block->shared();
    if (static_cast<size_t>(got) < size || !linked) return;
  }
}

// There is nothing, or will never be.
void TcpStream::EndRead(ssize_t got, int error) {
  input_.Retire(poller_.receive_block());
  if (got == 0) {
    ended_ = true;
    end_due_ = true;
    UpdateInterest();
    PresentRest();
  } else if (error != EAGAIN && error != EINTR) {
    state_ = State::kFailed;
    handler_.OnFailed(error);
  }
}

bool TcpStream::Present() {
  if (!Survives([this] { handler_.OnData(input_); })) return false;
  input_.Retire(poller_.receive_block());
  return true;
}

// What was left while reading was stopped, and the end if it is due after that.
void TcpStream::PresentRest() {
  if (reading_ && !input_.empty() && !Present()) return;
  if (!reading_ || !end_due_) return;
  end_due_ = false;
  handler_.OnEnd();
}

void TcpStream::OnLater() {
  later_ = false;
  if (state_ == State::kFailed) {
    if (error_ != 0) handler_.OnFailed(std::exchange(error_, 0));
    return;
  }
  if (connected_) {
    connected_ = false;
    if (!Survives([this] { handler_.OnConnected(); })) return;
  }
  if (tell_when_sent_ && output_.empty() && state_ == State::kOpen) {
    tell_when_sent_ = false;
    if (!Survives([this] { handler_.OnSent(); })) return;
  }
  if (state_ == State::kOpen) PresentRest();
}

void TcpStream::OnFlush() {
  flush_ = FlushDue::kNo;
  if (state_ != State::kOpen || blocked_) return;
  while (!output_.empty()) {
    iovec pieces[kGatherSegments];
    msghdr message = {};
    message.msg_iov = pieces;
    message.msg_iovlen = static_cast<size_t>(output_.Gather(pieces));
    const ssize_t sent = sendmsg(fd_, &message, MSG_NOSIGNAL);
    if (sent < 0) {
      if (errno == EINTR) continue;
      if (errno != EAGAIN) {
        // What the peer sent before it went away may still be read, and tells more.
        if (ended_ || !reading_) FailLater(errno);
        output_.Clear();
        return;
      }
      blocked_ = true;
      output_.Compact();
      UpdateInterest();
      return;
    }
    output_.Consume(static_cast<size_t>(sent));
    handler_.OnWritten(static_cast<size_t>(sent));
  }
  if (end_wanted_) shutdown(fd_, SHUT_WR);
  if (tell_when_sent_) CallLater();
}

}  // namespace

std::unique_ptr<Stream> OpenTcp(Poller& poller, int fd, StreamHandler& handler) {
  return std::make_unique<TcpStream>(poller, fd, TcpStream::State::kOpen, /*patient=*/false,
                                     handler);
}

std::unique_ptr<Stream> ConnectTcp(Poller& poller, const Address& address,
                                   const StreamOptions& options, StreamHandler& handler) {
  const int fd = socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) {
    // A stream without a socket keeps the promise that failures come in a later turn.
    const int error = errno;
    auto failed = std::make_unique<TcpStream>(poller, -1, TcpStream::State::kFailed,
                                              options.patient, handler);
    failed->FailLater(error);
    return failed;
  }
  if (!address.is_unix()) SetOption(fd, IPPROTO_TCP, TCP_NODELAY);
  if (options.keepalive && !address.is_unix()) SetOption(fd, SOL_SOCKET, SO_KEEPALIVE);
  const int result = connect(fd, address.get(), address.size);
  const int error = result == 0 ? 0 : errno;
  const bool now = result == 0;
  auto stream = std::make_unique<TcpStream>(
      poller, fd, now ? TcpStream::State::kOpen : TcpStream::State::kConnecting, options.patient,
      handler);
  if (now) {
    stream->ConnectedLater();
  } else if (error != EINPROGRESS) {
    stream->FailLater(error);
  }
  return stream;
}

}  // namespace keyway

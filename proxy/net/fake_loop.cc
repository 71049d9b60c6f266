#include "proxy/net/fake_loop.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "absl/status/status.h"

namespace keyway {
namespace {

// What no test needs; more turns mean that two handlers keep each other busy.
constexpr int kMaxTurns = 10'000'000;

// How long connections for which there is no room wait until that is asked again.
constexpr Duration kAcceptPause = std::chrono::milliseconds(100);

std::string KeyOf(const Address& address) {
  return std::string(reinterpret_cast<const char*>(&address.storage), address.size);
}

}  // namespace

// One end of a connection. Held by the loop and by whoever owns the end, so that a
// handler can destroy its stream while the loop is still busy with it.
class FakeLoop::Socket {
 public:
  Socket(BlockPool& blocks, std::string peer_name)
      : input(blocks), output(blocks), name(std::move(peer_name)) {}

  void Close() {
    handler = nullptr;
    closed = true;
    output.Clear();
    if (std::shared_ptr<Socket> other = peer.lock()) {
      // As TCP does: closing with unread bytes resets the connection.
      if (received.empty()) {
        other->end_received = true;
      } else {
        other->error = ECONNRESET;
      }
    }
  }

  void Reset() {
    if (std::shared_ptr<Socket> other = peer.lock()) {
      other->received.clear();
      other->error = ECONNRESET;
    }
    received.clear();
    peer.reset();
    Close();
  }

  // Moves output to the peer as far as it has room.
  bool Transmit(size_t capacity);

  InputBuffer input;
  OutputBuffer output;
  const std::string name;            // of the other end
  std::string connecting_to;         // not empty: still unconnected
  std::weak_ptr<Socket> peer;        // null for ever once the other end is gone
  StreamHandler* handler = nullptr;  // null: not opened yet, failed, or closed
  std::string received;              // sent by the peer and not yet read
  int error = 0;
  bool end_received = false;
  bool end_told = false;
  bool reading = true;
  bool present_again = false;  // reading was resumed with bytes left in `input`
  bool flushed = false;
  bool tell_when_sent = false;
  bool end_wanted = false;  // SendEnd
  bool end_sent = false;
  bool closed = false;
};

bool FakeLoop::Socket::Transmit(size_t capacity) {
  if (!flushed || !connecting_to.empty()) return false;
  const std::shared_ptr<Socket> other = peer.lock();
  if (other == nullptr || other->closed || (end_sent && !output.empty())) {
    error = end_sent ? EPIPE : ECONNRESET;
    flushed = false;
    output.Clear();
    return true;
  }
  size_t room = capacity - std::min(capacity, other->received.size());
  size_t moved = 0;
  while (room != 0 && !output.empty()) {
    iovec piece[kGatherSegments];
    output.Gather(piece);
    const size_t count = std::min(room, piece[0].iov_len);
    other->received.append(static_cast<const char*>(piece[0].iov_base), count);
    output.Consume(count);
    room -= count;
    moved += count;
  }
  if (moved != 0 && handler != nullptr) handler->OnWritten(moved);
  if (!output.empty()) return moved != 0;
  flushed = false;
  if (end_wanted) end_sent = other->end_received = true;
  return true;
}

class FakeLoop::SocketStream final : public FakeStream {
 public:
  explicit SocketStream(const std::shared_ptr<Socket>& socket)
      : FakeStream(socket->output), socket_(socket) {}
  ~SocketStream() override {
    if (!socket_->closed) socket_->Close();
  }

  void Flush() override { socket_->flushed = true; }
  void TellWhenSent() override { socket_->tell_when_sent = true; }
  void SetReading(bool reading) override {
    if (reading && !socket_->reading && !socket_->input.empty()) socket_->present_again = true;
    socket_->reading = reading;
  }
  std::string peer() const override { return socket_->name; }
  void SendEnd() override { socket_->end_wanted = socket_->flushed = true; }
  void Reset() override { socket_->Reset(); }

 private:
  const std::shared_ptr<Socket> socket_;
};

// An accepted end that nobody has opened yet.
class FakeLoop::PendingSocket final : public Incoming {
 public:
  explicit PendingSocket(std::shared_ptr<Socket> socket) : socket_(std::move(socket)) {}
  ~PendingSocket() override {
    if (socket_ != nullptr) socket_->Close();
  }

  std::unique_ptr<Stream> Open(EventLoop&, StreamHandler& handler) override {
    socket_->handler = &handler;
    return std::make_unique<SocketStream>(std::exchange(socket_, nullptr));
  }

 private:
  std::shared_ptr<Socket> socket_;
};

class FakeLoop::ListenSocket final : public Listener {
 public:
  ListenSocket(FakeLoop& loop, std::string address, bool shared, AcceptHandler& accept_handler)
      : key(std::move(address)), share_port(shared), handler(accept_handler), loop_(loop) {
    loop_.listeners_.push_back(this);
  }
  ~ListenSocket() override { std::erase(loop_.listeners_, this); }

  const std::string key;
  const bool share_port;
  AcceptHandler& handler;
  std::deque<std::unique_ptr<Incoming>> backlog;
  Timer pause;  // armed while there is no room for more

  void TellWaiting(size_t connections) {
    if (connections == 0 && waiting_ == 0) return;
    waiting_ = connections;
    handler.OnWaiting(connections);
  }

 private:
  FakeLoop& loop_;
  size_t waiting_ = 0;  // as told last
};

FakeLoop::FakeLoop(const Options& options)
    : EventLoop(Time(std::chrono::hours(1))), options_(options), random_(options.seed) {}

FakeLoop::~FakeLoop() { DropTasks(); }

void FakeLoop::DropTasks() {
  posted_.clear();
  end_of_turn_.clear();
}

WallTime FakeLoop::WallNow() const {
  constexpr auto kStart = std::chrono::sys_days(std::chrono::year(2020) / 1 / 1);
  return kStart + std::chrono::duration_cast<WallTime::duration>(now_.time_since_epoch());
}

Timer FakeLoop::After(Duration delay, Task task) {
  const TimerKey key = {now_ + std::max(delay, Duration::zero()), ++timers_made_};
  timers_.emplace(key, std::move(task));
  return Timer([this, key] { timers_.erase(key); });
}

absl::StatusOr<std::unique_ptr<Listener>> FakeLoop::Listen(const Address& address,
                                                           const ListenOptions& options,
                                                           AcceptHandler& handler) {
  std::string key = KeyOf(address);
  for (const ListenSocket* listener : listeners_) {
    if (listener->key == key && !(listener->share_port && options.share_port)) {
      return absl::ErrnoToStatus(EADDRINUSE, "bind");
    }
  }
  return std::make_unique<ListenSocket>(*this, std::move(key), options.share_port, handler);
}

std::unique_ptr<Stream> FakeLoop::Connect(const Address& address, const StreamOptions&,
                                          StreamHandler& handler) {
  auto socket = std::make_shared<Socket>(blocks_, ToString(address));
  socket->connecting_to = KeyOf(address);
  socket->handler = &handler;
  sockets_.push_back(socket);
  return std::make_unique<SocketStream>(std::move(socket));
}

void FakeLoop::SetSilent(const Address& address, bool silent) {
  if (silent) {
    silent_.insert(KeyOf(address));
  } else {
    silent_.erase(KeyOf(address));
  }
}

void FakeLoop::Run() {
  while (!stopped_) {
    if (RunTurn()) continue;
    if (timers_.empty()) break;
    now_ = timers_.begin()->first.first;
  }
  stopped_ = false;
}

void FakeLoop::RunUntilIdle() {
  for (int turns = 0; RunTurn(); ++turns) {
    if (turns == kMaxTurns) std::abort();
  }
}

void FakeLoop::Advance(Duration duration) {
  const Time end = now_ + duration;
  RunUntilIdle();
  while (!timers_.empty() && timers_.begin()->first.first <= end) {
    now_ = timers_.begin()->first.first;
    RunUntilIdle();
  }
  now_ = end;
}

std::optional<Time> FakeLoop::NextTimer() const {
  if (timers_.empty()) return std::nullopt;
  return timers_.begin()->first.first;
}

bool FakeLoop::RunTurn() {
  bool busy = RunTasks(std::exchange(posted_, {}));
  busy |= RunTimers();
  busy |= ServeSockets();
  busy |= Accept();
  while (!end_of_turn_.empty()) busy |= RunTasks(std::exchange(end_of_turn_, {}));
  busy |= Send();
  EndTurn();
  return busy;
}

bool FakeLoop::RunTasks(std::deque<Task> tasks) {
  for (Task& task : tasks) task();
  return !tasks.empty();
}

// Timers that a timer sets wait for the next turn, even those without a delay.
bool FakeLoop::RunTimers() {
  const uint64_t newest = timers_made_;
  bool busy = false;
  for (auto next = timers_.begin(); next != timers_.end() && next->first.first <= now_;) {
    if (next->first.second > newest) {
      ++next;
      continue;
    }
    const TimerKey key = next->first;
    Task task = std::move(next->second);
    timers_.erase(next);
    task();
    busy = true;
    next = timers_.upper_bound(key);
  }
  return busy;
}

bool FakeLoop::ServeSockets() {
  std::vector<std::shared_ptr<Socket>> turn = sockets_;
  if (options_.shuffle) std::shuffle(turn.begin(), turn.end(), random_);
  bool busy = false;
  for (const std::shared_ptr<Socket>& socket : turn) {
    if (socket->handler != nullptr) busy |= Serve(socket);
  }
  return busy;
}

bool FakeLoop::Serve(const std::shared_ptr<Socket>& socket) {
  if (!socket->connecting_to.empty()) return FinishConnect(socket);
  if (socket->reading && (socket->present_again || !socket->received.empty())) {
    receivers_.push_back(socket);
    Receive(*socket);
    return true;
  }
  if (socket->error != 0) {
    std::exchange(socket->handler, nullptr)->OnFailed(socket->error);
    return true;
  }
  if (socket->reading && socket->end_received && !socket->end_told) {
    socket->end_told = true;
    socket->handler->OnEnd();
    return true;
  }
  return false;
}

bool FakeLoop::FinishConnect(const std::shared_ptr<Socket>& socket) {
  if (silent_.contains(socket->connecting_to)) return false;
  ListenSocket* listener = FindListener(socket->connecting_to);
  if (listener == nullptr) {
    std::exchange(socket->handler, nullptr)->OnFailed(ECONNREFUSED);
    return true;
  }
  auto accepted = std::make_shared<Socket>(blocks_, "client:" + std::to_string(++sockets_made_));
  accepted->peer = socket;
  socket->peer = accepted;
  socket->connecting_to.clear();
  sockets_.push_back(accepted);
  listener->backlog.push_back(std::make_unique<PendingSocket>(std::move(accepted)));
  socket->handler->OnConnected();
  return true;
}

// Of several listeners that share a port, the one that was served longest ago.
FakeLoop::ListenSocket* FakeLoop::FindListener(const std::string& address) {
  for (auto place = listeners_.begin(); place != listeners_.end(); ++place) {
    ListenSocket* listener = *place;
    if (listener->key != address) continue;
    std::rotate(place, place + 1, listeners_.end());
    return listener;
  }
  return nullptr;
}

void FakeLoop::Receive(Socket& socket) {
  if (std::exchange(socket.present_again, false) && socket.received.empty()) {
    socket.handler->OnData(socket.input);
    return;
  }
  auto [room, size] = socket.input.Room(receive_block_);
  size_t count = std::min(size, socket.received.size());
  if (options_.max_read_bytes != 0) {
    count = std::min<size_t>(count, 1 + random_() % options_.max_read_bytes);
  }
  std::memcpy(room, socket.received.data(), count);
  socket.received.erase(0, count);
  socket.input.Filled(count);
  socket.handler->OnData(socket.input);
}

bool FakeLoop::Accept() {
  bool busy = false;
  const std::vector<ListenSocket*> turn = listeners_;
  for (ListenSocket* listener : turn) {
    while (std::find(listeners_.begin(), listeners_.end(), listener) != listeners_.end() &&
           !listener->backlog.empty() && !listener->pause.armed()) {
      if (!listener->handler.HasRoom()) {
        listener->pause = After(kAcceptPause, [listener] { listener->pause = Timer(); });
        listener->TellWaiting(listener->backlog.size());
        break;
      }
      std::unique_ptr<Incoming> incoming = std::move(listener->backlog.front());
      listener->backlog.pop_front();
      if (listener->backlog.empty()) listener->TellWaiting(0);
      listener->handler.OnAccept(std::move(incoming));
      busy = true;
    }
  }
  return busy;
}

bool FakeLoop::Send() {
  bool busy = false;
  const std::vector<std::shared_ptr<Socket>> turn = sockets_;
  for (const std::shared_ptr<Socket>& socket : turn) {
    if (socket->closed) continue;
    busy |= socket->Transmit(options_.socket_bytes);
    const bool sent = socket->output.empty() && socket->connecting_to.empty();
    if (socket->tell_when_sent && sent && socket->error == 0 && socket->handler != nullptr) {
      socket->tell_when_sent = false;
      socket->handler->OnSent();
      busy = true;
    }
  }
  return busy;
}

void FakeLoop::EndTurn() {
  for (const std::shared_ptr<Socket>& socket : std::exchange(receivers_, {})) {
    if (!socket->closed) socket->input.Retire(receive_block_);
  }
  receive_block_ = BlockRef();
  std::erase_if(sockets_, [](const std::shared_ptr<Socket>& socket) { return socket->closed; });
}

}  // namespace keyway

// An event loop in memory, for tests: sockets are queues and time is moved by hand.
#ifndef KEYWAY_PROXY_NET_FAKE_LOOP_H_
#define KEYWAY_PROXY_NET_FAKE_LOOP_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "proxy/net/event_loop.h"

namespace keyway {

// What tests can do to a stream of a FakeLoop beyond what its owner can. A peer that
// hangs is one that is told SetReading(false) and writes nothing.
class FakeStream : public Stream {
 public:
  static FakeStream& Of(Stream& stream) { return static_cast<FakeStream&>(stream); }

  // Breaks the connection. The peer fails with ECONNRESET and loses what was under
  // way; this end gets no further calls and is to be destroyed.
  virtual void Reset() = 0;

 protected:
  using Stream::Stream;
};

// Connects streams with the listeners of the same FakeLoop by address. Everything
// is done by one thread and in an order that depends on nothing but the calls and
// the seed, so one loop can stand for the loops of several threads.
class FakeLoop final : public EventLoop {
 public:
  struct Options {
    // Bytes that one direction of a connection holds before its writer must wait.
    size_t socket_bytes = 256 * 1024;
    // A read delivers from one to this many bytes. 0: all that is there.
    size_t max_read_bytes = 0;
    // Streams are served in an order that changes from turn to turn.
    bool shuffle = false;
    // For the sizes of reads and the order of streams.
    uint64_t seed = 1;
  };

  FakeLoop() : FakeLoop(Options()) {}
  explicit FakeLoop(const Options& options);
  ~FakeLoop() override;

  WallTime WallNow() const override;
  Timer After(Duration delay, Task task) override;
  void AtEndOfTurn(Task task) override { end_of_turn_.push_back(std::move(task)); }
  void Post(Task task) override { posted_.push_back(std::move(task)); }
  absl::StatusOr<std::unique_ptr<Listener>> Listen(const Address& address,
                                                   const ListenOptions& options,
                                                   AcceptHandler& handler) override;
  std::unique_ptr<Stream> Connect(const Address& address, const StreamOptions& options,
                                  StreamHandler& handler) override;
  BlockPool& blocks() override { return blocks_; }
  // Moves the time to the next timer whenever nothing else is left to do, and also
  // returns when no timer is left.
  void Run() override;
  void Stop() override { stopped_ = true; }

  // Runs one turn without moving the time. False if there was nothing to do.
  bool RunTurn();
  // Runs turns until there is nothing to do at this time.
  void RunUntilIdle();
  // Moves the time, running all timers up to then in their order, each at its time.
  void Advance(Duration duration);
  std::optional<Time> NextTimer() const;

  // Forgets the tasks that have not run yet, as the end of a loop does. For when what
  // they belong to is gone and the loop is to go on.
  void DropTasks();

  // From now on connects to `address` are neither accepted nor refused, as behind a
  // firewall that drops packets; later, they are again.
  void SetSilent(const Address& address, bool silent);

  // Connections not destroyed at either end.
  size_t open_sockets() const { return sockets_.size(); }

 private:
  class Socket;
  class SocketStream;
  class PendingSocket;
  class ListenSocket;
  using TimerKey = std::pair<Time, uint64_t>;

  bool RunTasks(std::deque<Task> tasks);
  bool RunTimers();
  bool ServeSockets();
  bool Serve(const std::shared_ptr<Socket>& socket);
  bool FinishConnect(const std::shared_ptr<Socket>& socket);
  void Receive(Socket& socket);
  bool Accept();
  bool Send();
  void EndTurn();
  ListenSocket* FindListener(const std::string& address);

  const Options options_;
  std::mt19937_64 random_;
  BlockPool blocks_;
  BlockRef receive_block_;
  bool stopped_ = false;

  std::deque<Task> posted_;
  std::deque<Task> end_of_turn_;
  std::map<TimerKey, Task> timers_;
  uint64_t timers_made_ = 0;

  std::vector<std::shared_ptr<Socket>> sockets_;    // in the order of their making
  std::vector<std::shared_ptr<Socket>> receivers_;  // in this turn
  std::vector<ListenSocket*> listeners_;
  std::set<std::string> silent_;
  uint64_t sockets_made_ = 0;
};

}  // namespace keyway

#endif  // KEYWAY_PROXY_NET_FAKE_LOOP_H_

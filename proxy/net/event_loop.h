// The outside world of a thread: time, sockets, and tasks from other threads.
#ifndef KEYWAY_PROXY_NET_EVENT_LOOP_H_
#define KEYWAY_PROXY_NET_EVENT_LOOP_H_

#include <chrono>
#include <memory>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "proxy/base/buffer.h"
#include "proxy/net/address.h"
#include "proxy/net/stream.h"

namespace keyway {

using Duration = std::chrono::steady_clock::duration;
using Time = std::chrono::steady_clock::time_point;
using WallTime = std::chrono::system_clock::time_point;
using Task = absl::AnyInvocable<void()>;

// A task to come. Destroying it, or assigning to it, cancels the task.
class Timer {
 public:
  Timer() = default;
  explicit Timer(Task cancel) : cancel_(std::move(cancel)) {}
  Timer(Timer&& other) noexcept : cancel_(std::exchange(other.cancel_, nullptr)) {}
  Timer& operator=(Timer&& other) noexcept {
    if (cancel_) cancel_();
    cancel_ = std::exchange(other.cancel_, nullptr);
    return *this;
  }
  ~Timer() {
    if (cancel_) cancel_();
  }
  // Whether it was set and not assigned to since; it may have run.
  bool armed() const { return static_cast<bool>(cancel_); }

 private:
  Task cancel_;  // harmless once the task has run
};

struct ListenOptions {
  int backlog = 512;
  bool share_port = false;  // SO_REUSEPORT: several loops listen on one address
  int unix_mode = 0;        // permissions of a unix socket; 0 leaves them to the umask
  bool keepalive = false;   // of the accepted connections
};

struct StreamOptions {
  bool keepalive = false;
  // Flushed output may wait for the end of a later turn (see kPatience), so that what
  // is ready by then goes out with it. Never longer than there is something to do.
  bool patient = false;
};

// One thread's loop. Works in turns: waits for events, runs the handlers of all
// that are ready, runs the tasks of AtEndOfTurn, then sends each flushed stream's
// output with one call, unless it is patient. All but Post belongs to the loop's thread; timers,
// streams and listeners are destroyed before it.
class EventLoop {
 public:
  virtual ~EventLoop() = default;

  // Fixed during one turn.
  Time Now() const { return now_; }
  virtual WallTime WallNow() const = 0;

  virtual Timer After(Duration delay, Task task) = 0;
  virtual void AtEndOfTurn(Task task) = 0;
  // Any thread; the task runs in a later turn. After Stop it may be dropped.
  virtual void Post(Task task) = 0;

  virtual absl::StatusOr<std::unique_ptr<Listener>> Listen(const Address& address,
                                                           const ListenOptions& options,
                                                           AcceptHandler& handler) = 0;
  // Failures, too, come to the handler, in a later turn.
  virtual std::unique_ptr<Stream> Connect(const Address& address, const StreamOptions& options,
                                          StreamHandler& handler) = 0;

  // Where this thread's buffers come from.
  virtual BlockPool& blocks() = 0;

  // Runs turns until Stop. May be called again.
  virtual void Run() = 0;
  // Any thread.
  virtual void Stop() = 0;

 protected:
  explicit EventLoop(Time now) : now_(now) {}

  Time now_;
};

}  // namespace keyway

#endif  // KEYWAY_PROXY_NET_EVENT_LOOP_H_

// What tcp_stream and tcp_listener need of the epoll loop.
#ifndef KEYWAY_PROXY_NET_POLLER_H_
#define KEYWAY_PROXY_NET_POLLER_H_

#include <cstdint>

#include "proxy/net/event_loop.h"

namespace keyway {

// A file descriptor's owner, told of its events.
class Pollable {
 public:
  virtual ~Pollable() = default;
  // `events` are EPOLLIN and so on. The object may be destroyed by what it calls.
  virtual void OnEvents(uint32_t events) = 0;
  // Called once in the next turn after Poller::CallLater.
  virtual void OnLater() {}
  // Called at the end of the turn after Poller::FlushLater, or FlushPatiently. Must not
  // call handlers.
  virtual void OnFlush() {}
};

// An event loop that watches file descriptors.
class Poller : public EventLoop {
 public:
  virtual void Watch(int fd, uint32_t events, Pollable& owner) = 0;
  virtual void Rewatch(int fd, uint32_t events, Pollable& owner) = 0;
  // Ends watching; no call to `owner` follows, not even one that is already due.
  virtual void Unwatch(int fd, Pollable& owner) = 0;
  // At most once until the call has come.
  virtual void CallLater(Pollable& owner) = 0;
  virtual void FlushLater(Pollable& owner) = 0;
  // The same, but the end of a later turn will do: see StreamOptions::patient.
  virtual void FlushPatiently(Pollable& owner) = 0;
  // Whether a stream may read once more in this turn; counts it.
  virtual bool MayReadMore() = 0;
  // The block that all streams read into.
  virtual BlockRef& receive_block() = 0;

 protected:
  using EventLoop::EventLoop;
};

}  // namespace keyway

#endif  // KEYWAY_PROXY_NET_POLLER_H_

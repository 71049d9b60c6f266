// Which sockets are ready.
#ifndef KEYWAY_TOOLS_BENCH_POLL_H_
#define KEYWAY_TOOLS_BENCH_POLL_H_

#include <sys/epoll.h>

#include <array>
#include <chrono>
#include <span>

#include "tools/bench/socket.h"

namespace keyway::bench {

// epoll, level-triggered. Knows sockets by a pointer of the caller's.
class Poll {
 public:
  Poll();

  // Reports when there is something to read, until the socket is closed.
  void Add(int fd, void* owner);
  // Also when it can be written, or no longer.
  void WantWritable(int fd, void* owner, bool wanted);
  // Sockets that are ready, after at most `longest`. Valid until the next call.
  std::span<const epoll_event> Wait(std::chrono::nanoseconds longest);

 private:
  Descriptor epoll_;
  std::array<epoll_event, 512> ready_;
};

}  // namespace keyway::bench

#endif  // KEYWAY_TOOLS_BENCH_POLL_H_

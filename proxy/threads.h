// The event loops, and the threads that run them.
#ifndef KEYWAY_PROXY_THREADS_H_
#define KEYWAY_PROXY_THREADS_H_

#include <memory>
#include <thread>
#include <vector>

#include "proxy/net/event_loop.h"

namespace keyway {

// A loop for control and one for each worker. Whoever starts the threads joins them.
class Threads {
 public:
  explicit Threads(int workers);

  EventLoop& control() { return *control_; }
  std::vector<EventLoop*> workers() const;

  void Start();
  // Any thread: the loops end after this turn.
  void Stop();
  void Join();

 private:
  const std::unique_ptr<EventLoop> control_;
  std::vector<std::unique_ptr<EventLoop>> workers_;
  std::vector<std::thread> threads_;
};

}  // namespace keyway

#endif  // KEYWAY_PROXY_THREADS_H_

// Whether all threads of the process make progress.
#ifndef KEYWAY_PROXY_WATCHDOG_H_
#define KEYWAY_PROXY_WATCHDOG_H_

#include <cstddef>
#include <vector>

#include "proxy/base/log.h"
#include "proxy/net/event_loop.h"

namespace keyway {

// Once in `interval` asks every worker's loop for an answer, and says `alive` when all
// have given theirs. A worker that hangs holds that back until it goes on, and the log
// names it; the control thread, which asks, holds it back by itself. Made before the
// loops run, destroyed when they run no more.
class Watchdog {
 public:
  // `alive` is called on the thread of `control`.
  Watchdog(EventLoop& control, std::vector<EventLoop*> workers, Duration interval, Logger& logger,
           Task alive);
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

 private:
  void Ask();
  void Complain();
  void OnAnswer(size_t worker);

  EventLoop& control_;
  const std::vector<EventLoop*> workers_;
  const Duration interval_;
  Logger& logger_;
  Task alive_;
  Timer next_;
  Time asked_ = {};
  std::vector<bool> silent_;  // the workers whose answer is missing
  size_t missing_ = 0;        // how many those are
  bool complained_ = false;   // since all were heard of last
};

}  // namespace keyway

#endif  // KEYWAY_PROXY_WATCHDOG_H_

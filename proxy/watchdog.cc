#include "proxy/watchdog.h"

#include <chrono>
#include <utility>

namespace keyway {

Watchdog::Watchdog(EventLoop& control, std::vector<EventLoop*> workers, Duration interval,
                   Logger& logger, Task alive)
    : control_(control),
      workers_(std::move(workers)),
      interval_(interval),
      logger_(logger),
      alive_(std::move(alive)) {
  Ask();
}

// One round at a time: answers to an old question would say nothing about now.
void Watchdog::Ask() {
  next_ = control_.After(interval_, [this] { Ask(); });
  if (missing_ != 0) {
    Complain();
    return;
  }
  asked_ = control_.Now();
  missing_ = workers_.size();
  silent_.assign(missing_, true);
  for (size_t i = 0; i < workers_.size(); ++i) {
    workers_[i]->Post([this, i] { control_.Post([this, i] { OnAnswer(i); }); });
  }
}

void Watchdog::Complain() {
  complained_ = true;
  const auto waited = control_.Now() - asked_;
  for (size_t i = 0; i < silent_.size(); ++i) {
    if (!silent_[i]) continue;
    logger_.Write(
        LogLevel::kAlert, "a worker makes no progress",
        {{"worker", i},
         {"waited_ms", std::chrono::duration_cast<std::chrono::milliseconds>(waited).count()}});
  }
}

void Watchdog::OnAnswer(size_t worker) {
  silent_[worker] = false;
  if (--missing_ != 0) return;
  if (std::exchange(complained_, false)) {
    logger_.Write(LogLevel::kNotice, "all workers make progress again");
  }
  alive_();
}

}  // namespace keyway

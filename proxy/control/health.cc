#include "proxy/control/health.h"

#include <algorithm>

#include "proxy/base/limits.h"
#include "proxy/base/log.h"

namespace keyway {

bool Health::OnFailed(size_t worker, Time now, WallTime wall_now) {
  if (!options_.eject || state_ != State::kLive) return false;
  if (++failures_[worker] < options_.failure_limit) return false;
  std::fill(failures_.begin(), failures_.end(), 0);
  WaitForProbe(now);
  counters_.ejections.Add();
  counters_.ejected.Set(1);
  const auto since_1970 = wall_now.time_since_epoch();
  counters_.ejected_at.Set(
      std::chrono::duration_cast<std::chrono::microseconds>(since_1970).count());
  return true;
}

int Health::failures() const { return *std::max_element(failures_.begin(), failures_.end()); }

void Health::OnRecovered(size_t worker) { failures_[worker] = 0; }

void Health::OnProbeStarted() {
  KEYWAY_CHECK(state_ == State::kEjected);
  state_ = State::kProbing;
}

void Health::OnProbeSucceeded() {
  KEYWAY_CHECK(state_ == State::kProbing);
  state_ = State::kLive;
  counters_.ejected.Set(0);
}

void Health::OnProbeFailed(Time now) {
  KEYWAY_CHECK(state_ == State::kProbing);
  WaitForProbe(now);
  counters_.failed_probes.Add();
}

void Health::WaitForProbe(Time now) {
  state_ = State::kEjected;
  probe_due_ = now + std::max<Duration>(options_.retry_timeout, kMinProbeInterval);
}

}  // namespace keyway

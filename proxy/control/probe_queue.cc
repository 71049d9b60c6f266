#include "proxy/control/probe_queue.h"

#include <utility>

#include "absl/status/status.h"
#include "proxy/base/limits.h"

namespace keyway {

void ProbeQueue::Add(const ProbeTarget& target, Probe::Done done) {
  waiting_.push_back({target, std::move(done)});
  StartNext();
}

void ProbeQueue::StartNext() {
  if (waiting_.empty() || running_.size() == kMaxProbes) return;
  Waiting next = std::move(waiting_.front());
  waiting_.pop_front();
  const auto place = running_.emplace(running_.end());
  *place = std::make_unique<Probe>(
      loop_, next.target,
      [this, place, done = std::move(next.done)](const absl::Status& result) mutable {
        running_.erase(place);
        StartNext();
        done(result);
      });
}

}  // namespace keyway

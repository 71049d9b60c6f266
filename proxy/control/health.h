// Whether one server takes keys: failures in, a verdict out. Pure; time is passed in.
#ifndef KEYWAY_PROXY_CONTROL_HEALTH_H_
#define KEYWAY_PROXY_CONTROL_HEALTH_H_

#include <cstddef>
#include <vector>

#include "proxy/net/event_loop.h"
#include "proxy/stats/metrics.h"

namespace keyway {

struct HealthOptions {
  bool eject = false;           // auto_eject_hosts; without it the server is always live
  int failure_limit = 2;        // failures in a row, of one worker, that eject; 0 acts as 1
  Duration retry_timeout = {};  // from ejection to the probe, and from one to the next
};

//            failure_limit failures              retry_timeout is over
//   kLive ──────────────────────────→ kEjected ────────────────────────→ kProbing
//     ↑                                   ↑                                 │ │
//     │                                   └──────────── it failed ──────────┘ │
//     └───────────────────────────────────── it succeeded ────────────────────┘
//
// Each worker's failures count by themselves: when a server restarts, every worker
// loses a connection, and that is one failure and not as many as there are workers. A
// reply after a failure sets its worker's count back. While the server is out, what
// workers report of it is old news and is ignored: only a probe brings it back.
class Health {
 public:
  enum class State : uint8_t { kLive, kEjected, kProbing };

  // `counters` outlives this.
  Health(const HealthOptions& options, size_t workers, ServerHealth& counters)
      : options_(options), counters_(counters), failures_(workers) {}

  State state() const { return state_; }
  bool live() const { return state_ == State::kLive; }
  // In a row, as seen by the worker that has seen the most.
  int failures() const;

  // What worker number `worker` reports. True if this failure ejected the server.
  bool OnFailed(size_t worker, Time now, WallTime wall_now);
  void OnRecovered(size_t worker);

  // When kEjected: the time to probe.
  Time probe_due() const { return probe_due_; }
  // kEjected → kProbing.
  void OnProbeStarted();
  // kProbing → kLive, with a count of zero.
  void OnProbeSucceeded();
  // kProbing → kEjected.
  void OnProbeFailed(Time now);

 private:
  void WaitForProbe(Time now);

  const HealthOptions options_;
  ServerHealth& counters_;
  State state_ = State::kLive;
  std::vector<int> failures_;  // of each worker, in a row
  Time probe_due_ = {};
};

}  // namespace keyway

#endif  // KEYWAY_PROXY_CONTROL_HEALTH_H_

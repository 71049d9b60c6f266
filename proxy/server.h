// The whole proxy, wired: statistics, workers, control.
#ifndef KEYWAY_PROXY_SERVER_H_
#define KEYWAY_PROXY_SERVER_H_

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "proxy/base/endpoint.h"
#include "proxy/base/log.h"
#include "proxy/config/config.h"
#include "proxy/control/control.h"
#include "proxy/control/resolver.h"
#include "proxy/control/stats_port.h"
#include "proxy/net/event_loop.h"
#include "proxy/stats/metrics.h"
#include "proxy/worker.h"

namespace keyway {

// Builds the parts and owns them, but has no threads: whoever made it runs the loops,
// each on a thread of its own or, in tests, all on one. Made and destroyed while the
// loops do not run.
class Server {
 public:
  struct Parts {
    EventLoop& control;
    std::vector<EventLoop*> workers;  // at least one
    Resolver& resolver;
    Logger& logger;
    // Over all pools; further ones wait to be accepted.
    int64_t max_clients = std::numeric_limits<int64_t>::max();
  };

  Server(const Parts& parts, Config config);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server();

  // Listens for clients, and for readers of statistics at `stats` if given. Before the
  // loops run. Fails if an address is not to be had, with a text that names the pool.
  absl::Status Start(const std::optional<Endpoint>& stats);

  // Any thread. Accepts no more clients and ends those there are, when their requests
  // in flight are answered or after kDrainSeconds; then calls `done` on the thread of
  // the control loop.
  void Drain(Task done);

  // For those who serve operators; both live as long as this.
  Control& control() { return *control_; }
  StatsSource MakeStatsSource();

  const std::vector<std::unique_ptr<WorkerStats>>& stats() const { return stats_; }
  const ControlStats& control_stats() const { return control_->stats(); }

 private:
  absl::Status ListenFor(size_t pool);
  absl::Status ServeStats(const Endpoint& endpoint);
  void WorkerDrained();

  Parts parts_;
  const Config config_;
  std::vector<std::unique_ptr<WorkerStats>> stats_;
  std::unique_ptr<Control> control_;
  WorkerGroup group_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::unique_ptr<StatsPort> stats_port_;
  size_t draining_ = 0;  // workers that still have clients
  Timer drain_limit_;
  Task drained_;
};

}  // namespace keyway

#endif  // KEYWAY_PROXY_SERVER_H_

// The thread that decides: which servers take keys, and where they are.
#ifndef KEYWAY_PROXY_CONTROL_CONTROL_H_
#define KEYWAY_PROXY_CONTROL_CONTROL_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string_view>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "proxy/base/log.h"
#include "proxy/config/config.h"
#include "proxy/control/control_report.h"
#include "proxy/control/health.h"
#include "proxy/control/probe_queue.h"
#include "proxy/control/resolver.h"
#include "proxy/control/server_address.h"
#include "proxy/net/event_loop.h"
#include "proxy/protocol/codec.h"
#include "proxy/routing/snapshot.h"
#include "proxy/stats/metrics.h"

namespace keyway {

// Keeps each server's health and address, and publishes a snapshot to all workers
// whenever one of them changes: start, ejection, return and a name that moved are the
// same act. Lives on the thread of its loop, but for ServerEvents; ends after the loop
// has stopped.
class Control {
 public:
  Control(EventLoop& loop, const Config& config, size_t workers, Resolver& resolver,
          Logger& logger);
  Control(const Control&) = delete;
  Control& operator=(const Control&) = delete;
  ~Control();

  // Publishes the first snapshot: within this call when no server is given by name,
  // else once the names are resolved or kStartLookupTimeout is over. Fails if a pool
  // cannot be routed. A name that cannot be resolved is no failure: its server has no
  // address, and each failure reported of it tries again.
  absl::Status Start(std::vector<SnapshotSink*> sinks);

  // Where worker number `worker` reports what it sees of servers; ids are those of the
  // snapshots. Lives as long as this.
  ServerEvents& EventsOf(size_t worker) { return reporters_[worker]; }

  // For operators. Any thread; `done` is called on the thread of the loop, or never if
  // the loop stops before.
  using ReportDone = absl::AnyInvocable<void(ControlReport)>;
  void Report(ReportDone done);
  // Takes a server out of placement, whatever its health, until it is restored by hand;
  // `done` comes once the workers have been told. Fails, and says what there is, if the
  // pool or the server is unknown; and if no live server would be left in the pool,
  // unless `even_last`.
  using OrderDone = absl::AnyInvocable<void(absl::StatusOr<OrderReport>)>;
  void EjectByHand(ServerName name, bool even_last, OrderDone done);
  // Ends that. Whether the server takes keys is its health's to say again.
  void RestoreByHand(ServerName name, OrderDone done);

  // Any thread may read it; written on the thread of the loop.
  ControlStats& stats() { return stats_; }
  const ControlStats& stats() const { return stats_; }

 private:
  // Adds to each report whose it is.
  class Reporter final : public ServerEvents {
   public:
    Reporter(Control& control, size_t worker) : control_(control), worker_(worker) {}
    void OnFailed(ServerId id, std::string cause) override;
    void OnRecovered(ServerId id) override;

   private:
    Control& control_;
    const size_t worker_;
  };

  struct Server {
    Server(Control& control, const ServerConfig& server, Health server_health,
           ServerHealth& health_stats, ServerAddress::Told told);

    bool live() const { return health.live() && !ejected_by_hand; }

    const ServerConfig& config;
    ServerHealth& stats;
    Health health;
    ServerAddress address;
    Timer retry;
    bool probe_waits = false;  // for the address
    bool ejected_by_hand = false;
  };
  struct Pool {
    std::shared_ptr<const PoolConfig> config;
    const Codec* codec = nullptr;
    std::deque<Server> servers;  // whose elements never move
    std::shared_ptr<const PoolRoute> route;
    bool changed = true;  // since `route` was made
  };

  void AddPool(const PoolConfig& config);
  Server& ServerOf(ServerId id) { return pools_[id.pool].servers[id.server]; }

  void HandleFailed(size_t worker, ServerId id, std::string_view cause);
  void HandleAddress(ServerId id, const ServerAddress::Result& result);
  void LogMove(const Server& server, ServerId id, const Address& before);

  // What the statistics tell of a failure.
  void NoteError(Server& server, std::string_view error);

  absl::StatusOr<ServerId> Find(const ServerName& name) const;
  absl::Status CheckOthersLive(ServerId id) const;
  void Obey(const ServerName& name, bool ejected, bool even_last, OrderDone done);
  ServerReport ReportOn(const Server& server) const;
  PoolReport ReportOn(const Pool& pool) const;
  ControlReport MakeReport() const;

  void AwaitRetry(ServerId id);
  void BeginProbe(ServerId id);
  void SendProbe(ServerId id);
  void EndProbe(ServerId id, const absl::Status& result);

  void StartIfResolved();
  void FinishStart();
  void PublishSoon(ServerId changed);
  void Publish();
  absl::Status MakeRoute(Pool& pool);

  void Log(RateLimited& cause, LogLevel level, std::string_view text, ServerId id,
           std::string_view error = {}, SourceLocation place = SourceLocation::Current());

  EventLoop& loop_;
  Resolver& resolver_;
  const Duration lookup_interval_;
  ControlStats stats_;
  std::deque<Reporter> reporters_;  // one for each worker
  ProbeQueue probes_;
  std::deque<Pool> pools_;
  std::vector<SnapshotSink*> sinks_;

  Timer start_;           // armed until the first snapshot must be out
  bool started_ = false;  // the first snapshot is out
  bool publish_due_ = false;
  uint64_t generation_ = 0;

  Logger& logger_;
  RateLimited failures_;
  RateLimited ejections_;
  RateLimited returns_;
  RateLimited orders_;
  RateLimited moves_;
  RateLimited failed_lookups_;
  RateLimited failed_probes_;
};

}  // namespace keyway

#endif  // KEYWAY_PROXY_CONTROL_CONTROL_H_

// One pool's route as one worker goes by it.
#ifndef KEYWAY_PROXY_WORKER_ROUTE_H_
#define KEYWAY_PROXY_WORKER_ROUTE_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "proxy/net/event_loop.h"
#include "proxy/routing/snapshot.h"

namespace keyway {

// The published route, but for servers that have failed so often here that control is
// about to eject them: those are left out from the failure on that reaches the limit.
// Otherwise the requests that come before control's snapshot would fail, too, and more of
// them than server_failure_limit says. The ring is the one that control will publish.
//
// Stands between a worker's connections and control, and passes on what they report.
class WorkerRoute final : public ServerEvents {
 public:
  // Told of each route to go by, also from within OnFailed, but not from within itself.
  using Use = absl::AnyInvocable<void(std::shared_ptr<const PoolRoute>)>;

  WorkerRoute(EventLoop& loop, ServerEvents& control, Use use)
      : loop_(loop), control_(control), use_(std::move(use)) {}
  WorkerRoute(const WorkerRoute&) = delete;
  WorkerRoute& operator=(const WorkerRoute&) = delete;

  // What control has published. Before any event.
  void Adopt(std::shared_ptr<const PoolRoute> published);

  void OnFailed(ServerId server, std::string cause) override;
  void OnRecovered(ServerId server) override;

 private:
  struct Server {
    int failures = 0;      // in a row
    bool ejected = false;  // here, and not yet in the published route
  };

  void Eject(Server& server);
  void Go();

  EventLoop& loop_;
  ServerEvents& control_;
  Use use_;
  std::shared_ptr<const PoolRoute> published_;
  std::vector<Server> servers_;
  Timer gone_;        // armed for the rest of a turn in which use_ was called
  bool due_ = false;  // to be called again after that
};

}  // namespace keyway

#endif  // KEYWAY_PROXY_WORKER_ROUTE_H_

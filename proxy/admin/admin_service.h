// The admin API over gRPC: calls become questions and orders to control, and nothing
// else. The data path knows nothing of it. gRPC itself stays in the source file, since
// its headers take a second to compile.
#ifndef KEYWAY_PROXY_ADMIN_ADMIN_SERVICE_H_
#define KEYWAY_PROXY_ADMIN_ADMIN_SERVICE_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "proxy/base/limits.h"
#include "proxy/base/log.h"
#include "proxy/control/control.h"
#include "proxy/control/stats_pages.h"
#include "proxy/net/event_loop.h"

namespace keyway {

// Where to serve it: "host:port", "unix:/path" or "/path", the latter two with an octal
// mode behind a space, if it is not to be 0600. Fails if other machines could connect.
struct AdminAddress {
  Address address;
  int unix_mode = 0;
};
absl::StatusOr<AdminAddress> ParseAdminAddress(const std::string& text);

// Serves from its start to its end, on a few threads of gRPC's own. These touch nothing
// that belongs to a loop: they post to control and wait for its answer.
class AdminService {
 public:
  // All of it outlives the service.
  struct Parts {
    EventLoop& loop;  // the control loop, for Start only
    Control& control;
    Logger& logger;
    StatsSource stats;
    Duration wait = kAdminWait;  // how long for control
  };

  // `address` as above. Before the loop runs. Fails if somebody listens there already.
  static absl::StatusOr<std::unique_ptr<AdminService>> Start(Parts parts,
                                                             const std::string& address);
  AdminService(const AdminService&) = delete;
  AdminService& operator=(const AdminService&) = delete;
  // Takes no more calls and waits for those under way, which need the loop to run.
  ~AdminService();

 private:
  class Calls;
  class Listener;

  AdminService();

  std::unique_ptr<Calls> calls_;
  std::unique_ptr<Listener> listener_;
};

}  // namespace keyway

#endif  // KEYWAY_PROXY_ADMIN_ADMIN_SERVICE_H_

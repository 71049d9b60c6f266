// The process around the server: how it begins, is found, listens to signals and ends.
#ifndef KEYWAY_PROXY_DAEMON_H_
#define KEYWAY_PROXY_DAEMON_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "proxy/admin/admin_service.h"
#include "proxy/base/endpoint.h"
#include "proxy/base/log.h"
#include "proxy/config/config.h"
#include "proxy/process/detach.h"
#include "proxy/process/pid_file.h"
#include "proxy/process/signals.h"
#include "proxy/process/supervisor.h"
#include "proxy/server.h"
#include "proxy/threads.h"
#include "proxy/watchdog.h"

namespace keyway {

class Daemon {
 public:
  struct Options {
    bool detach = false;   // go to the background
    std::string pid_file;  // empty: none
    int workers = 0;       // threads; 0: as configured, or one a processor
    Endpoint stats;
    std::string admin;  // where operators may give orders; empty: nowhere
  };

  // The logger stays valid until the process ends.
  Daemon(Options options, Logger& logger);

  // Serves until a signal ends it, or fails to begin. A second signal ends the process
  // at once. Once in a process, before there are threads.
  absl::Status Run(Config config);

 private:
  absl::Status Begin();
  absl::Status Serve(Config config);
  absl::StatusOr<std::unique_ptr<AdminService>> StartAdmin(Server& server, EventLoop& control);
  std::unique_ptr<Watchdog> StartWatchdog(Threads& threads);
  absl::Status TellReady();
  void AwaitSignal(Server& server, Threads& threads, std::unique_ptr<AdminService> admin);
  void AwaitDrain();

  const Options options_;
  Logger& logger_;
  const Supervisor supervisor_;
  StartReport start_;
  std::unique_ptr<SignalQueue> signals_;  // once in the process that stays
  std::unique_ptr<PidFile> pid_file_;     // null: none
};

}  // namespace keyway

#endif  // KEYWAY_PROXY_DAEMON_H_

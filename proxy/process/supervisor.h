// What a service manager is told.
#ifndef KEYWAY_PROXY_PROCESS_SUPERVISOR_H_
#define KEYWAY_PROXY_PROCESS_SUPERVISOR_H_

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace keyway {

// systemd's notification protocol (sd_notify(3), sd_watchdog_enabled(3)), of a service
// with Type=notify. A process that was not started so has nobody to tell, and its calls
// do nothing. Keeps its socket open: what it tells must not fail because clients have
// used all files.
class Supervisor {
 public:
  // Of the address in $NOTIFY_SOCKET: a path, or a name with a leading '@' in place of
  // the zero byte; empty: nobody. And of $WATCHDOG_USEC, if $WATCHDOG_PID does not say
  // that it is for another process.
  static Supervisor FromEnvironment();
  using Microseconds = std::chrono::microseconds;
  explicit Supervisor(std::string address, std::optional<Microseconds> watchdog = std::nullopt);
  Supervisor(const Supervisor&) = delete;
  Supervisor& operator=(const Supervisor&) = delete;
  ~Supervisor();

  // "READY=1", "STOPPING=1", "WATCHDOG=1". Any thread; may be called again; never waits.
  absl::Status Tell(std::string_view state) const;

  // The process is taken for dead if so much time goes by without a "WATCHDOG=1";
  // nothing: it is not watched.
  std::optional<Microseconds> watchdog() const { return watchdog_; }

 private:
  const std::string address_;
  const std::optional<Microseconds> watchdog_;
  const int socket_;  // -1: nobody to tell
};

}  // namespace keyway

#endif  // KEYWAY_PROXY_PROCESS_SUPERVISOR_H_

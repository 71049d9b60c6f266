// What a service manager is told.
#ifndef KEYWAY_PROXY_PROCESS_SUPERVISOR_H_
#define KEYWAY_PROXY_PROCESS_SUPERVISOR_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace keyway {

// systemd's notification protocol (sd_notify(3)), of a service with Type=notify. A
// process that was not started so has nobody to tell, and its calls do nothing.
class Supervisor {
 public:
  // Of the address in $NOTIFY_SOCKET: a path, or a name with a leading '@' in place of
  // the zero byte; empty: nobody.
  static Supervisor FromEnvironment();
  explicit Supervisor(std::string address) : address_(std::move(address)) {}

  // "READY=1", "STOPPING=1". May be called again; never waits.
  absl::Status Tell(std::string_view state) const;

 private:
  std::string address_;
};

}  // namespace keyway

#endif  // KEYWAY_PROXY_PROCESS_SUPERVISOR_H_

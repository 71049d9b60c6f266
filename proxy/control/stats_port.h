// The port that tells the statistics, as nutcracker's does.
#ifndef KEYWAY_PROXY_CONTROL_STATS_PORT_H_
#define KEYWAY_PROXY_CONTROL_STATS_PORT_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "proxy/config/config.h"
#include "proxy/net/event_loop.h"
#include "proxy/stats/metrics.h"
#include "proxy/stats/totals.h"

namespace keyway {

// Pools and servers in nutcracker's order: by length, then bytes of the name.
std::vector<ShownPool> ShowInTwemproxyOrder(const Config& config);

// Where the numbers come from; all of it outlives the port.
struct StatsSource {
  std::vector<ShownPool> shown;
  std::vector<const WorkerStats*> workers;
  const ControlStats* control = nullptr;
  std::string host;     // the name of this machine
  std::string version;  // of the proxy
  WallTime started;
};

// Writes one JSON object to whoever connects, and closes; nothing needs to be asked.
// What the peer sends is read and dropped, so that closing does not reset the
// connection before it has read. Beyond kMaxStatsReaders connections are closed at
// once; each ends after kStatsReaderTimeout. Lives on the control loop.
class StatsPort : private AcceptHandler {
 public:
  StatsPort(EventLoop& loop, StatsSource source);
  StatsPort(const StatsPort&) = delete;
  StatsPort& operator=(const StatsPort&) = delete;
  ~StatsPort() override;

  absl::Status Listen(const Address& address);

 private:
  class Reader;

  void OnAccept(std::unique_ptr<Incoming> incoming) override;
  void Remove(const Reader& reader);
  std::string Report() const;

  EventLoop& loop_;
  const StatsSource source_;
  std::vector<std::unique_ptr<Reader>> readers_;
  std::unique_ptr<Listener> listener_;
};

}  // namespace keyway

#endif  // KEYWAY_PROXY_CONTROL_STATS_PORT_H_

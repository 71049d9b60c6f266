// The port that tells the statistics: to nutcracker's readers and over HTTP.
#ifndef KEYWAY_PROXY_CONTROL_STATS_PORT_H_
#define KEYWAY_PROXY_CONTROL_STATS_PORT_H_

#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "proxy/control/stats_pages.h"
#include "proxy/net/event_loop.h"

namespace keyway {

// Tells the page that an HTTP request asks for, and else nutcracker's JSON: to who
// sends nothing within kStatsAskWait, ends its direction, or sends anything else. Then
// it closes. What more the peer sends is read and dropped, so that closing does not
// reset the connection before the peer has read. A request is up to kMaxHttpHeadBytes
// long; beyond kMaxStatsReaders connections are closed at once and counted; each ends
// after kStatsReaderTimeout. Lives on the control loop.
class StatsPort : private AcceptHandler {
 public:
  StatsPort(EventLoop& loop, StatsSource source);
  StatsPort(const StatsPort&) = delete;
  StatsPort& operator=(const StatsPort&) = delete;
  ~StatsPort() override;

  absl::Status Listen(const Address& address);

  // The proxy is going to stop, and is not healthy any more.
  void SetDraining() { pages_.SetDraining(); }

 private:
  class Reader;

  void OnAccept(std::unique_ptr<Incoming> incoming) override;
  void Remove(const Reader& reader);

  EventLoop& loop_;
  StatsPages pages_;
  std::vector<std::unique_ptr<Reader>> readers_;
  std::unique_ptr<Listener> listener_;
};

}  // namespace keyway

#endif  // KEYWAY_PROXY_CONTROL_STATS_PORT_H_

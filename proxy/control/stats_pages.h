// What the statistics port tells, page by page.
#ifndef KEYWAY_PROXY_CONTROL_STATS_PAGES_H_
#define KEYWAY_PROXY_CONTROL_STATS_PAGES_H_

#include <string>
#include <vector>

#include "proxy/config/config.h"
#include "proxy/control/http.h"
#include "proxy/net/event_loop.h"
#include "proxy/stats/metrics.h"
#include "proxy/stats/totals.h"

namespace keyway {

// Pools and servers in nutcracker's order: by length, then bytes of the name.
std::vector<ShownPool> ShowInTwemproxyOrder(const Config& config);

// Where the numbers come from; all of it outlives the pages.
struct StatsSource {
  std::vector<ShownPool> shown;
  std::vector<const WorkerStats*> workers;
  ControlStats* control = nullptr;
  std::string host;     // the name of this machine
  std::string version;  // of the proxy
  WallTime started;
};

// Each page is made of the counters as they are when it is asked for. Lives on the
// control loop.
class StatsPages {
 public:
  StatsPages(EventLoop& loop, StatsSource source);

  const StatsSource& source() const { return source_; }
  // From now on the proxy is not healthy any more.
  void SetDraining() { draining_ = true; }

  // nutcracker's JSON.
  std::string Json();
  // GET /stats, /metrics and /healthz; 404 and 405 else.
  HttpResponse Answer(const HttpRequest& request);

 private:
  struct Page {
    std::string_view path;
    HttpResponse (StatsPages::*make)();
  };
  static const Page kPages[];

  HttpResponse Stats();
  HttpResponse Metrics();
  HttpResponse Health();

  // Why the proxy is not healthy; empty if it is.
  std::string Trouble() const;
  bool HasLiveServer(const ShownPool& pool) const;

  EventLoop& loop_;
  const StatsSource source_;
  LatestLatency latest_;
  bool draining_ = false;
};

}  // namespace keyway

#endif  // KEYWAY_PROXY_CONTROL_STATS_PAGES_H_

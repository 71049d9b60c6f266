// Many probes, a bounded number of them at a time.
#ifndef KEYWAY_PROXY_CONTROL_PROBE_QUEUE_H_
#define KEYWAY_PROXY_CONTROL_PROBE_QUEUE_H_

#include <list>
#include <memory>

#include "proxy/base/ring.h"
#include "proxy/control/probe.h"
#include "proxy/net/event_loop.h"

namespace keyway {

// Runs up to kMaxProbes; the others wait in order, which a rack that died with all
// its servers makes happen. Destroying it cancels all.
class ProbeQueue {
 public:
  explicit ProbeQueue(EventLoop& loop) : loop_(loop) {}
  ProbeQueue(const ProbeQueue&) = delete;
  ProbeQueue& operator=(const ProbeQueue&) = delete;

  // `done` is called once, in a later turn.
  void Add(const ProbeTarget& target, Probe::Done done);

  size_t running() const { return running_.size(); }

 private:
  struct Waiting {
    ProbeTarget target;
    Probe::Done done;
  };
  void StartNext();

  EventLoop& loop_;
  RingQueue<Waiting> waiting_;
  std::list<std::unique_ptr<Probe>> running_;
};

}  // namespace keyway

#endif  // KEYWAY_PROXY_CONTROL_PROBE_QUEUE_H_

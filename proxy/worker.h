// One thread's share of the proxy.
#ifndef KEYWAY_PROXY_WORKER_H_
#define KEYWAY_PROXY_WORKER_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "proxy/base/log.h"
#include "proxy/base/object_pool.h"
#include "proxy/client/session.h"
#include "proxy/config/config.h"
#include "proxy/dispatch/dispatcher.h"
#include "proxy/memory_return.h"
#include "proxy/net/event_loop.h"
#include "proxy/routing/snapshot.h"
#include "proxy/stats/metrics.h"
#include "proxy/worker_route.h"

namespace keyway {

class Worker;

// What the workers of a process share: who they are, and how many clients each of
// them and each pool has. Counted when a client is accepted and when it leaves.
struct WorkerGroup {
  WorkerGroup(size_t worker_count, size_t pool_count, int64_t most_clients)
      : worker_clients(worker_count), pool_clients(pool_count), max_clients(most_clients) {}

  std::vector<Worker*> workers;
  std::vector<std::atomic<int>> worker_clients;
  std::vector<std::atomic<int>> pool_clients;
  std::atomic<int64_t> clients = 0;  // all, those included that are only told to go
  const int64_t max_clients;         // further ones wait to be accepted
};

// A loop's listeners, sessions and server connections. Belongs to the thread of its
// loop, except for what says otherwise.
class Worker final : public SnapshotSink, private SessionOwner {
 public:
  struct Parts {
    EventLoop& loop;
    WorkerStats& stats;
    ServerEvents& events;
    Logger& logger;
    WorkerGroup& group;
  };

  Worker(const Parts& parts, size_t index, const Config& config);
  ~Worker() override;

  // Accepts the clients of a pool here. Before the loop runs.
  absl::Status Listen(size_t pool, const Address& address, const ListenOptions& options);

  // Any thread. Clients that came before the first snapshot wait for it.
  void Adopt(std::shared_ptr<const RoutingSnapshot> snapshot) override;
  // Any thread. A client of `pool` that was counted for this worker.
  void Take(size_t pool, std::unique_ptr<Incoming> incoming);
  // Any thread. Accepts no more, ends each session when its requests in flight are
  // answered, and calls `done` on the worker's thread once there is none.
  void Drain(Task done);

 private:
  // One pool's door: its listener, and what stands behind it.
  class PoolDoor : public AcceptHandler {
   public:
    PoolDoor(Worker& worker, size_t pool, const PoolConfig& config);
    bool HasRoom() override { return worker_.HasRoom(); }
    void OnWaiting(size_t clients) override { worker_.NoteWaiting(pool_, clients); }
    void OnAccept(std::unique_ptr<Incoming> incoming) override {
      worker_.Accept(pool_, std::move(incoming));
    }

    Worker& worker_;
    const size_t pool_;
    const Codec& codec_;
    const PoolConfig& config_;
    std::unique_ptr<Listener> listener;
    WorkerRoute route;
    std::unique_ptr<Dispatcher> dispatcher;          // from the first snapshot on
    std::optional<SessionContext> sessions;          // the same
    std::vector<std::unique_ptr<Incoming>> waiting;  // for the first snapshot

   private:
    void Go(std::shared_ptr<const PoolRoute> route);
  };

  struct Client {
    std::unique_ptr<Session> session;
    uint32_t pool = 0;
    bool counted = false;  // in the group's numbers
  };

  bool HasRoom() const;
  void NoteWaiting(size_t pool, size_t clients);
  void Accept(size_t pool, std::unique_ptr<Incoming> incoming);
  void Open(size_t pool, std::unique_ptr<Incoming> incoming, bool counted);
  void Uncount(size_t pool, bool counted);
  void Use(const RoutingSnapshot& snapshot);
  void OnSessionClosed(Session& session) override;
  void FinishDrain();

  Parts parts_;
  const size_t index_;
  ObjectPool<Exchange> exchanges_;
  ObjectPool<FanOut> fan_outs_;
  MemoryReturn memory_;
  std::vector<std::unique_ptr<PoolDoor>> doors_;
  absl::flat_hash_map<Session*, Client> clients_;
  std::vector<std::unique_ptr<Session>> closed_;  // destroyed in the next turn
  Timer free_closed_;
  uint64_t next_client_ = 0;
  RateLimited full_log_;
  bool draining_ = false;
  Task drained_;
};

}  // namespace keyway

#endif  // KEYWAY_PROXY_WORKER_H_

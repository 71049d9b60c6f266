// What tests of this folder and the next share: a pool whose servers the test plays,
// and a client that keeps what it is told. All on a FakeLoop.
#ifndef KEYWAY_PROXY_DISPATCH_POOL_TESTING_H_
#define KEYWAY_PROXY_DISPATCH_POOL_TESTING_H_

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/base/log.h"
#include "proxy/config/config.h"
#include "proxy/dispatch/dispatcher.h"
#include "proxy/dispatch/exchange.h"
#include "proxy/net/fake_loop.h"
#include "proxy/routing/snapshot.h"
#include "proxy/testing/party.h"

namespace keyway {

// A dispatcher with servers s1, s2, … that answer what the test says.
class TestPool {
 public:
  TestPool(FakeLoop& loop, PoolConfig config, size_t servers);
  ~TestPool();

  FakeLoop& loop() { return loop_; }
  Dispatcher& dispatcher() { return *dispatcher_; }
  PoolStats& stats() { return *worker_stats_.pools[0]; }
  ServerStats& stats(size_t server) { return stats().servers[server]; }
  WorkerStats& worker_stats() { return worker_stats_; }
  // Failures and recoveries that control was told of.
  size_t failures() const { return events_.failures; }
  size_t recoveries() const { return events_.recoveries; }

  // The n-th key that lives on `server`: "k1", "k7", …
  std::string KeyOn(size_t server, size_t n = 0) const;
  // Routes by the servers that are live from now on.
  void SetLive(const std::vector<bool>& live);
  void DestroyDispatcher() { dispatcher_.reset(); }

  // The test's end of the n-th connection to `server`, as it was accepted.
  Party& ServerEnd(size_t server, size_t n = 0) { return *hosts_[server]->parties()[n]; }
  size_t connections(size_t server) const { return hosts_[server]->parties().size(); }
  // Refuses connections, and ends those there are.
  void Refuse(size_t server);
  // What `server` was sent on its n-th connection since the last call. Runs the loop
  // before; Reply runs it afterwards.
  std::string Got(size_t server, size_t n = 0);
  void Reply(size_t server, std::string_view bytes, size_t n = 0);

 private:
  struct CountedEvents : ServerEvents {
    void OnFailed(ServerId, std::string) override { ++failures; }
    void OnRecovered(ServerId) override { ++recoveries; }
    size_t failures = 0;
    size_t recoveries = 0;
  };

  std::shared_ptr<const PoolRoute> MakeRoute(const std::vector<bool>& live) const;

  FakeLoop& loop_;
  std::shared_ptr<PoolConfig> config_;
  std::vector<std::optional<Address>> addresses_;
  std::vector<std::unique_ptr<Host>> hosts_;
  const std::unique_ptr<Logger> logger_;
  WorkerStats worker_stats_;
  CountedEvents events_;
  ObjectPool<Exchange> exchanges_;
  ObjectPool<FanOut> fan_outs_;
  std::shared_ptr<const PoolRoute> route_;
  std::unique_ptr<Dispatcher> dispatcher_;
};

// A Redis or memcached pool with defaults.
PoolConfig RedisPool();
PoolConfig MemcachePool();

// A client that sends one request at a time and keeps each exchange. Only the first one
// may write to the output, as for a session; nothing leaves it by itself.
class TestClient : public ClientSink {
 public:
  explicit TestClient(TestPool& pool);
  ~TestClient() override { Leave(); }

  // Parses and starts one request, which must be the whole of `bytes`.
  Exchange& Send(std::string_view bytes);
  // The whole reply to the n-th request, if it is finished.
  std::string ReplyTo(size_t n);
  bool finished(size_t n) const { return exchanges_[n]->finished(); }
  Exchange& exchange(size_t n) { return *exchanges_[n]; }
  // The client is gone.
  void Leave();

  OutputBuffer* OutputFor(const Exchange& exchange) override;
  Kept& kept() override { return kept_; }
  void OnPiece(Exchange&, ServerPool&, Connection& from) override;
  void OnFinished(Exchange&) override { ++finished_; }

  SessionState state;
  size_t pieces = 0;
  Connection* last_from = nullptr;  // of the last piece

 private:
  TestPool& pool_;
  const std::unique_ptr<RequestParser> parser_;
  Request request_;
  Kept kept_;
  OutputBuffer output_;
  std::vector<ExchangePtr> exchanges_;
  size_t finished_ = 0;
};

// What `buffer` holds.
std::string TextOf(const OutputBuffer& buffer);

}  // namespace keyway

#endif  // KEYWAY_PROXY_DISPATCH_POOL_TESTING_H_

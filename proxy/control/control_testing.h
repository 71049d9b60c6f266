// What the tests of Control share: its surroundings, all on one fake loop.
#ifndef KEYWAY_PROXY_CONTROL_CONTROL_TESTING_H_
#define KEYWAY_PROXY_CONTROL_CONTROL_TESTING_H_

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "proxy/control/control.h"
#include "proxy/net/fake_loop.h"

namespace keyway {

inline Address AddressOf(const std::string& host, uint16_t port) {
  return *Resolve({.host = host, .port = port, .path = {}});
}

// Answers when the test says so.
class FakeResolver : public Resolver {
 public:
  void Lookup(const Endpoint& endpoint, Done done) override {
    ++asked[endpoint.host];
    waiting_[endpoint.host] = std::move(done);
  }
  void Answer(const std::string& host, const absl::StatusOr<std::vector<Address>>& addresses) {
    ASSERT_TRUE(waiting_.count(host)) << "nobody asked for " << host;
    Done done = std::move(waiting_[host]);
    waiting_.erase(host);
    done(addresses);
  }
  void Answer(const std::string& host, const Address& address) {
    Answer(host, std::vector<Address>{address});
  }

  std::map<std::string, int> asked;

 private:
  std::map<std::string, Done> waiting_;
};

class NotedWorker : public SnapshotSink {
 public:
  void Adopt(std::shared_ptr<const RoutingSnapshot> snapshot) override {
    adopted.push_back(std::move(snapshot));
  }
  const RoutingSnapshot& snapshot() const { return *adopted.back(); }

  std::vector<std::shared_ptr<const RoutingSnapshot>> adopted;
};

// Two workers; pool 0 (alpha) with two Redis servers, pool 1 (beta) with one.
class ControlTest : public ::testing::Test {
 protected:
  ControlTest() {
    PoolConfig& alpha = config_.pools.emplace_back();
    alpha.name = "alpha";
    alpha.redis = true;
    alpha.auto_eject_hosts = true;
    alpha.server_failure_limit = 2;
    alpha.server_retry_timeout_ms = 2000;
    alpha.timeout_ms = 400;
    alpha.servers = {Server("127.0.0.1", 6386), Server("127.0.0.1", 6387)};
    PoolConfig& beta = config_.pools.emplace_back(alpha);
    beta.name = "beta";
    beta.servers = {Server("127.0.0.1", 6388)};
  }

  static ServerConfig Server(const std::string& host, uint16_t port) {
    ServerConfig server;
    server.endpoint = {.host = host, .port = port, .path = {}};
    server.name = host + ":" + std::to_string(port);
    return server;
  }

  absl::Status Start() {
    logger_ = *Logger::Open("/dev/null", LogLevel::kPverb);
    control_.emplace(loop_, config_, /*workers=*/2, resolver_, *logger_);
    return control_->Start({&worker_, &other_worker_});
  }
  void MustStart() { ASSERT_TRUE(Start().ok()); }

  void Fail(ServerId id, int times = 1, size_t worker = 0) {
    for (int i = 0; i < times; ++i) control_->EventsOf(worker).OnFailed(id, "Connection refused");
    loop_.RunUntilIdle();
  }
  void Recover(ServerId id, size_t worker = 0) {
    control_->EventsOf(worker).OnRecovered(id);
    loop_.RunUntilIdle();
  }

  const PoolRoute& Alpha() const { return *worker_.snapshot().pools[0]; }
  std::vector<bool> AlphaLive() const { return {Alpha().IsLive(0), Alpha().IsLive(1)}; }
  const ServerHealth& Stats(ServerId id) const {
    return control_->stats().pools[id.pool][id.server];
  }
  std::string AlphaAddress(size_t server) const {
    const auto& address = Alpha().address(server);
    return address ? ToString(*address) : "none";
  }

  static constexpr ServerId kFirst = {0, 0};
  static constexpr ServerId kSecond = {0, 1};

  FakeLoop loop_;
  Config config_;
  FakeResolver resolver_;
  std::unique_ptr<Logger> logger_;
  NotedWorker worker_;
  NotedWorker other_worker_;
  std::optional<Control> control_;
};

}  // namespace keyway

#endif  // KEYWAY_PROXY_CONTROL_CONTROL_TESTING_H_

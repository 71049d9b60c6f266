// What the tests of ServerPool share: a pool on a fake loop, its server, and all who wait.
#ifndef KEYWAY_PROXY_UPSTREAM_SERVER_POOL_TESTING_H_
#define KEYWAY_PROXY_UPSTREAM_SERVER_POOL_TESTING_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "proxy/net/fake_loop.h"
#include "proxy/protocol/codecs.h"
#include "proxy/testing/party.h"
#include "proxy/upstream/connection_testing.h"
#include "proxy/upstream/server_pool.h"

namespace keyway {

inline constexpr ServerId kServerId = {.pool = 2, .server = 5};

class NotedEvents : public ServerEvents {
 public:
  void OnFailed(ServerId id, std::string cause) override {
    EXPECT_EQ(id, kServerId);
    noted.push_back(cause);
  }
  void OnRecovered(ServerId id) override {
    EXPECT_EQ(id, kServerId);
    noted.push_back("recovered");
  }

  std::vector<std::string> noted;
};

class ServerPoolTest : public ::testing::Test {
 protected:
  ServerPoolTest() {
    config_.name = "alpha";
    config_.redis = true;
    config_.timeout_ms = 400;
    server_.name = "s1";
  }

  void Make() {
    pool_.emplace(ServerPool::Parts{.loop = loop_,
                                    .codec = *FindCodec(config_.redis ? "redis" : "memcache"),
                                    .worker_stats = worker_stats_,
                                    .stats = stats_,
                                    .events = events_,
                                    .logger = *logger_},
                  kServerId, config_, server_);
    pool_->SetAddress(address_);
  }
  void Start() {
    host_.emplace(loop_, address_, [](Party&) {});
    Make();
  }

  // A request that no other one of its client precedes.
  Waiting& Send(const std::string& request, uint64_t affinity = 0) {
    Waiting& waiting = waiting_.emplace_back();
    SendFor(waiting, request, affinity);
    return waiting;
  }
  // One of a client that has others under way.
  Waiting& SendAgain(const Waiting& before, const std::string& request, uint64_t affinity = 0) {
    Waiting& waiting = waiting_.emplace_back();
    waiting.owner = before.owner;
    waiting.oldest = false;
    SendFor(waiting, request, affinity);
    return waiting;
  }
  void SendFor(Waiting& waiting, const std::string& request, uint64_t affinity) {
    Failure failure;
    Connection* connection = pool_->ForRequest(affinity, waiting, failure);
    if (connection == nullptr) {
      waiting.OnNoReply(failure);
      return;
    }
    SendOn(*connection, request, waiting);
  }
  void SendOn(Connection& connection, const std::string& request, ReplySink& waiting) {
    connection.output().Append(request);
    connection.Sent(*FindCodec("redis")->FindCommand("get"), request.size(), waiting);
  }
  Connection& ConnectionOf(const ReplySink& waiting, uint64_t affinity = 0) {
    Failure failure;
    return *pool_->ForRequest(affinity, waiting, failure);
  }

  size_t accepted() { return host_->parties().size(); }
  Party& server(size_t i) { return *host_->parties()[i]; }
  void Reply(size_t i, std::string_view bytes) {
    loop_.RunUntilIdle();
    server(i).Send(bytes);
    loop_.RunUntilIdle();
  }
  size_t open() {
    loop_.RunUntilIdle();
    size_t count = 0;
    for (const auto& party : host_->parties()) count += party->ended() ? 0 : 1;
    return count;
  }

  FakeLoop loop_;
  const Address address_ = *Resolve({.host = "127.0.0.1", .port = 7001, .path = {}});
  PoolConfig config_;
  ServerConfig server_;
  const std::unique_ptr<Logger> logger_ = *Logger::Open("/dev/null", LogLevel::kErr);
  WorkerStats worker_stats_;
  ServerStats stats_;
  NotedEvents events_;
  std::optional<Host> host_;
  std::deque<Waiting> waiting_;
  std::optional<ServerPool> pool_;
};

}  // namespace keyway

#endif  // KEYWAY_PROXY_UPSTREAM_SERVER_POOL_TESTING_H_

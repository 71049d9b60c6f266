#include "proxy/worker.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "proxy/base/limits.h"
#include "proxy/net/fake_loop.h"
#include "proxy/testing/party.h"
#include "proxy/testing/wire.h"

namespace keyway {
namespace {

using std::chrono::seconds;
using ::testing::Each;
using ::testing::ElementsAre;

Address Port(uint16_t port) { return *Resolve({.host = "127.0.0.1", .port = port, .path = {}}); }

// Pool 0 is Redis, pool 1 memcached; both have one server.
class WorkerTest : public ::testing::Test {
 protected:
  WorkerTest() {
    for (const bool redis : {true, false}) {
      PoolConfig& pool = config_.pools.emplace_back();
      pool.name = redis ? "redis" : "memcached";
      pool.redis = redis;
      pool.servers.emplace_back().name = "s1";
    }
  }
  ~WorkerTest() override {
    clients_.clear();
    workers_.clear();
    loop_.RunUntilIdle();
    EXPECT_EQ(loop_.blocks().bytes_in_use(), 0u);
  }

  // Workers without a snapshot.
  void Make(size_t count) {
    group_.emplace(count, config_.pools.size(), 1'000'000);
    for (size_t i = 0; i < count; ++i) {
      WorkerStats& stats = *stats_.emplace_back(std::make_unique<WorkerStats>());
      for (size_t pool = 0; pool < 2; ++pool) {
        stats.pools.push_back(std::make_unique<PoolStats>(config_.pools[pool].servers.size()));
      }
      workers_.push_back(std::make_unique<Worker>(Worker::Parts{.loop = loop_,
                                                                .stats = stats,
                                                                .events = events_,
                                                                .logger = *logger_,
                                                                .group = *group_},
                                                  i, config_));
      group_->workers.push_back(workers_.back().get());
    }
  }
  // `listeners` of the workers listen.
  void Listen(size_t listeners) {
    for (size_t i = 0; i < listeners; ++i) {
      for (size_t pool = 0; pool < 2; ++pool) {
        const ListenOptions options = {.share_port = true};
        ASSERT_TRUE(workers_[i]->Listen(pool, AddressOf(pool), options).ok());
      }
    }
  }
  void Adopt() { Publish({Port(7001)}); }
  // A snapshot in which each pool has its servers at these addresses.
  void Publish(const std::vector<std::optional<Address>>& addresses) {
    auto snapshot = std::make_shared<RoutingSnapshot>();
    for (const PoolConfig& pool : config_.pools) {
      const size_t servers = pool.servers.size();
      snapshot->pools.push_back(*PoolRoute::Make(
          std::make_shared<const PoolConfig>(pool), std::vector<bool>(servers, true),
          {addresses.begin(), addresses.begin() + static_cast<long>(servers)}));
    }
    route_ = snapshot->pools[0];
    for (const auto& worker : workers_) worker->Adopt(snapshot);
    loop_.RunUntilIdle();
  }
  // A key of pool 0 that this server has.
  std::string KeyOf(size_t server) const {
    std::string key = "k";
    while (route_->ServerFor(key) != server) key += "k";
    return key;
  }
  void Start(size_t workers) {
    Make(workers);
    Listen(workers);
    Adopt();
  }

  static Address AddressOf(size_t pool) { return Port(static_cast<uint16_t>(6000 + pool)); }
  Party& Connect(size_t pool = 0) {
    clients_.push_back(std::make_unique<Party>(loop_, AddressOf(pool), [](Party&) {}));
    loop_.RunUntilIdle();
    return *clients_.back();
  }
  std::string Ask(Party& client, const std::string& request) {
    client.Take(client.received().size());
    client.Send(request);
    loop_.RunUntilIdle();
    return client.received();
  }
  bool Serves(Party& client) { return Ask(client, Resp({"PING"})) == "+PONG\r\n"; }
  void Leave(Party& client) {
    client.Close();
    loop_.RunUntilIdle();
  }

  std::vector<int> Load() {
    std::vector<int> load;
    for (const auto& clients : group_->worker_clients) load.push_back(clients.load());
    return load;
  }
  // The same from the gauges.
  std::vector<int> LoadShown() {
    std::vector<int> load;
    for (const auto& stats : stats_) {
      int sum = 0;
      for (const auto& pool : stats->pools) {
        sum += static_cast<int>(pool->client_connections.value());
      }
      load.push_back(sum);
    }
    return load;
  }
  int64_t Rejected(size_t pool = 0) {
    int64_t sum = 0;
    for (const auto& stats : stats_) sum += stats->pools[pool]->rejected.value();
    return sum;
  }

  struct NoEvents : ServerEvents {
    void OnFailed(ServerId, std::string) override {}
    void OnRecovered(ServerId) override {}
  };

  FakeLoop loop_;
  Config config_;
  NoEvents events_;
  const std::unique_ptr<Logger> logger_ = *Logger::Open("/dev/null", LogLevel::kErr);
  std::optional<WorkerGroup> group_;
  std::shared_ptr<const PoolRoute> route_;  // of pool 0
  std::vector<std::unique_ptr<WorkerStats>> stats_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::vector<std::unique_ptr<Party>> clients_;
};

// --- Balance ---------------------------------------------------------------------

TEST_F(WorkerTest, EachWorkerHasAClientFromTheFirstOnesOn) {
  Start(3);
  for (int i = 1; i <= 4; ++i) {
    for (int j = 0; j < 3; ++j) EXPECT_TRUE(Serves(Connect()));
    EXPECT_THAT(Load(), Each(i));
    EXPECT_THAT(LoadShown(), Each(i));
  }
}

TEST_F(WorkerTest, WhoeverHasFewestGetsTheNext) {
  Start(2);
  for (int i = 0; i < 8; ++i) Connect();
  for (int i = 0; i < 8; ++i) {
    // Those of one worker leave.
    if (i % 2 == 0) Leave(*clients_[i]);
  }
  const std::vector<int> before = Load();
  EXPECT_EQ(before[0] + before[1], 4);
  for (int i = 0; i < 4; ++i) Connect();
  EXPECT_THAT(Load(), ElementsAre(4, 4));
  for (int i = 8; i < 12; ++i) EXPECT_TRUE(Serves(*clients_[i]));
}

TEST_F(WorkerTest, OneListenerFeedsAllWorkers) {
  Make(4);
  Listen(1);
  Adopt();
  for (int i = 0; i < 8; ++i) EXPECT_TRUE(Serves(Connect()));
  EXPECT_THAT(Load(), Each(2));
}

TEST_F(WorkerTest, ClientsOfAllPoolsCountForTheBalance) {
  Start(2);
  for (int i = 0; i < 3; ++i) {
    Connect(0);
    EXPECT_EQ(Ask(Connect(1), "mn\r\n"), "MN\r\n");
  }
  EXPECT_THAT(Load(), Each(3));
}

TEST_F(WorkerTest, NothingIsLeftWhenAllHaveGone) {
  Start(2);
  for (int i = 0; i < 6; ++i) Connect(i % 2);
  for (const auto& client : clients_) Leave(*client);
  EXPECT_THAT(Load(), Each(0));
  EXPECT_THAT(LoadShown(), Each(0));
  EXPECT_EQ(group_->clients.load(), 0);
  for (const auto& clients : group_->pool_clients) EXPECT_EQ(clients.load(), 0);
  for (const auto& stats : stats_) {
    EXPECT_EQ(stats->curr_connections.value(), 2) << "the listeners";
  }
  EXPECT_EQ(loop_.blocks().bytes_in_use(), 0u);
}

TEST_F(WorkerTest, ClientsHaveNumbersOfTheirOwn) {
  config_.pools[0].server_connections = 2;
  Host server(loop_, Port(7001), [](Party&) {});
  Start(1);
  for (int i = 0; i < 4; ++i) Connect().Send(Resp({"GET", "a"}));
  loop_.RunUntilIdle();
  ASSERT_EQ(server.parties().size(), 2u);
  EXPECT_EQ(server.parties()[0]->received(), Resp({"GET", "a"}) + Resp({"GET", "a"}));
}

// --- client_connections ----------------------------------------------------------

TEST_F(WorkerTest, TheLimitIsOfAllWorkersTogether) {
  config_.pools[0].client_connections = 3;
  Start(2);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(Serves(Connect()));
  Party& fourth = Connect();
  EXPECT_EQ(fourth.received(), "-ERR overloaded: max number of clients reached\r\n");
  EXPECT_TRUE(fourth.ended());
  EXPECT_EQ(Rejected(), 1);
  Leave(*clients_[1]);
  EXPECT_TRUE(Serves(Connect()));
  EXPECT_EQ(Connect().received(), "-ERR overloaded: max number of clients reached\r\n");
  EXPECT_EQ(Rejected(), 2);
}

TEST_F(WorkerTest, EachPoolHasItsOwn) {
  config_.pools[1].client_connections = 1;
  Start(2);
  EXPECT_EQ(Ask(Connect(1), "mn\r\n"), "MN\r\n");
  EXPECT_EQ(Connect(1).received(), "SERVER_ERROR overloaded: max number of clients reached\r\n");
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(Serves(Connect(0)));
  EXPECT_EQ(Rejected(0), 0);
  EXPECT_EQ(Rejected(1), 1);
}

TEST_F(WorkerTest, RejectedClientsDoNotCount) {
  config_.pools[0].client_connections = 1;
  Start(2);
  Connect();
  for (int i = 0; i < 3; ++i) Connect();
  EXPECT_EQ(Load()[0] + Load()[1], 1);
  loop_.Advance(seconds(10));
  EXPECT_EQ(LoadShown()[0] + LoadShown()[1], 1) << "they are closed in the end";
  EXPECT_EQ(group_->clients.load(), 1);
  Leave(*clients_[0]);
  EXPECT_TRUE(Serves(Connect()));
}

// --- Before the first snapshot ---------------------------------------------------

TEST_F(WorkerTest, EarlyClientsWaitForTheFirstSnapshot) {
  Make(2);
  Listen(2);
  for (int i = 0; i < 4; ++i) {
    Connect().Send(Resp({"PING"}));
    loop_.RunUntilIdle();
    EXPECT_EQ(clients_.back()->received(), "");
  }
  EXPECT_THAT(Load(), Each(2));
  Adopt();
  for (const auto& client : clients_) EXPECT_EQ(client->received(), "+PONG\r\n");
}

TEST_F(WorkerTest, EarlyClientsAreLimitedToo) {
  config_.pools[0].client_connections = 1;
  Make(1);
  Listen(1);
  Connect();
  EXPECT_TRUE(Connect().ended());
  EXPECT_EQ(group_->clients.load(), 1);
  Adopt();
  EXPECT_TRUE(Serves(*clients_[0]));
}

TEST_F(WorkerTest, EarlyClientsMayLeaveEarly) {
  Make(1);
  Listen(1);
  Leave(Connect());
  Adopt();
  EXPECT_THAT(Load(), Each(0));
}

TEST_F(WorkerTest, ALaterSnapshotIsForNewRequests) {
  Host server(loop_, Port(7001), [](Party&) {});
  Start(1);
  Party& client = Connect();
  client.Send(Resp({"GET", "a"}));
  loop_.RunUntilIdle();
  Adopt();
  server.parties()[0]->Send("+A\r\n");
  loop_.RunUntilIdle();
  EXPECT_EQ(client.received(), "+A\r\n");
  EXPECT_TRUE(Serves(client));
}

// --- Drain -----------------------------------------------------------------------

class DrainTest : public WorkerTest {
 protected:
  void Drain() {
    for (const auto& worker : workers_) worker->Drain([this] { ++done_; });
    loop_.RunUntilIdle();
  }
  int done_ = 0;
};

TEST_F(DrainTest, WithoutClientsItIsDoneAtOnce) {
  Start(2);
  Drain();
  EXPECT_EQ(done_, 2);
  EXPECT_NE(Connect().error(), 0) << "nobody accepts any more";
  for (const auto& stats : stats_) EXPECT_EQ(stats->curr_connections.value(), 0);
}

TEST_F(DrainTest, IdleClientsAreClosed) {
  Start(2);
  for (int i = 0; i < 4; ++i) Connect();
  Drain();
  for (const auto& client : clients_) EXPECT_TRUE(client->ended());
  EXPECT_EQ(done_, 0) << "they may still have something to read";
  Leave(*clients_[0]);
  Leave(*clients_[2]);
  Leave(*clients_[1]);
  EXPECT_EQ(done_, 1);
  loop_.Advance(kDrainLinger);
  EXPECT_EQ(done_, 2) << "idle ones may not look for long";
}

TEST_F(DrainTest, RequestsInFlightAreFinished) {
  Host server(loop_, Port(7001), [](Party&) {});
  Start(1);
  Party& client = Connect();
  client.Send(Resp({"GET", "a"}) + Resp({"GET", "b"}));
  loop_.RunUntilIdle();
  Drain();
  loop_.Advance(seconds(60));
  EXPECT_EQ(done_, 0);
  server.parties()[0]->Send("+A\r\n+B\r\n");
  loop_.RunUntilIdle();
  EXPECT_EQ(client.received(), "+A\r\n+B\r\n");
  EXPECT_TRUE(client.ended());
  Leave(client);
  EXPECT_EQ(done_, 1);
}

TEST_F(DrainTest, ClientsThatWaitForTheFirstSnapshotAreClosed) {
  Make(2);
  Listen(2);
  for (int i = 0; i < 3; ++i) Connect();
  Drain();
  EXPECT_EQ(done_, 2);
  for (const auto& client : clients_) EXPECT_TRUE(client->ended());
  EXPECT_EQ(group_->clients.load(), 0);
  EXPECT_THAT(Load(), Each(0));
  Adopt();
  EXPECT_THAT(LoadShown(), Each(0));
}

TEST_F(DrainTest, AClientOnItsWayToAnotherWorkerIsClosed) {
  Make(2);
  Listen(1);
  Adopt();
  Connect();
  clients_.push_back(std::make_unique<Party>(loop_, AddressOf(0), [](Party&) {}));
  while (Load()[1] == 0) loop_.RunTurn();
  workers_[1]->Drain([this] { ++done_; });
  loop_.RunUntilIdle();
  EXPECT_TRUE(clients_[1]->ended());
  EXPECT_FALSE(clients_[0]->ended());
}

TEST_F(DrainTest, ItCanBeAskedForTwice) {
  Start(1);
  Connect();
  Drain();
  Drain();
  Leave(*clients_[0]);
  EXPECT_EQ(done_, 1) << "the second wish replaces the first";
}

// --- Ejection --------------------------------------------------------------------

// Control does not get to it; nutcracker's count is what clients see all the same.
TEST_F(WorkerTest, AsManyRequestsFailAsTheLimitSays) {
  for (const int limit : {1, 2, 3}) {
    PoolConfig& pool = config_.pools[0];
    pool.auto_eject_hosts = true;
    pool.server_failure_limit = limit;
    pool.servers.resize(2);
    pool.servers[1].name = "s2";
    Host survivor(loop_, Port(7002), [](Party&) {});
    Make(1);
    Listen(1);
    Publish({Port(7001), Port(7002)});
    Party& client = Connect();
    const std::string key = KeyOf(0);
    for (int i = 0; i < limit; ++i) {
      EXPECT_EQ(Ask(client, Resp({"GET", key})), "-ERR Connection refused (server s1)\r\n") << i;
    }
    for (int i = 0; i < 20; ++i) {
      EXPECT_EQ(Ask(client, Resp({"GET", key})), "");
      ASSERT_EQ(survivor.parties().size(), 1u);
      survivor.parties()[0]->Send("$-1\r\n");
      loop_.RunUntilIdle();
      EXPECT_EQ(client.received(), "$-1\r\n");
    }
    clients_.clear();
    workers_.clear();
    stats_.clear();
  }
}

// --- Destruction -----------------------------------------------------------------

TEST_F(WorkerTest, DestroyedWithAllAtWork) {
  Host server(loop_, Port(7001), [](Party&) {});
  Start(2);
  for (int i = 0; i < 4; ++i) {
    Connect().Send(Resp({"GET", "a"}) + Resp({"MGET", "a", "b"}) + Resp({"QUIT"}));
    Connect(1).Send("get a\r\nset a 0 0 2000000\r\nx");
  }
  loop_.RunUntilIdle();
  Leave(*clients_[0]);
  server.parties()[0]->Send("$10\r\n0123");
  loop_.RunTurn();
  clients_[2]->Close();
  loop_.RunTurn();
  workers_.clear();
  loop_.RunUntilIdle();
  for (const auto& client : clients_) {
    EXPECT_TRUE(client->ended() || !client->sending());
  }
}

}  // namespace
}  // namespace keyway

#include "proxy/server.h"

#include <map>
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

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;
using ::testing::StartsWith;

// A name server whose answers the test writes.
class Names : public Resolver {
 public:
  explicit Names(EventLoop& loop) : loop_(loop) {}
  void Lookup(const Endpoint& endpoint, Done done) override {
    loop_.Post([this, host = endpoint.host, done = std::move(done)]() mutable {
      ASSERT_TRUE(known.contains(host)) << "nobody has the name " << host;
      done(std::vector<Address>{known[host]});
    });
  }

  std::map<std::string, Address> known;

 private:
  EventLoop& loop_;
};

// Two workers and the control thread, all on one loop; one pool over two servers.
class ServerTest : public ::testing::Test {
 protected:
  ServerTest() {
    PoolConfig& pool = config_.pools.emplace_back();
    pool.name = "alpha";
    pool.redis = true;
    pool.timeout_ms = 400;
    pool.listen = {.host = "127.0.0.1", .port = 22121, .path = {}};
    for (uint16_t port = 7001; port <= 7002; ++port) {
      ServerConfig& server = pool.servers.emplace_back();
      server.endpoint = {.host = "127.0.0.1", .port = port, .path = {}};
      server.name = "s" + std::to_string(port - 7000);
      hosts_.push_back(std::make_unique<Host>(loop_, *Resolve(server.endpoint), [](Party&) {}));
    }
  }
  ~ServerTest() override {
    clients_.clear();
    server_.reset();
    hosts_.clear();
    loop_.RunUntilIdle();
    EXPECT_EQ(loop_.blocks().bytes_in_use(), 0u);
  }

  absl::Status Start(const std::optional<Endpoint>& stats = std::nullopt) {
    server_.emplace(Server::Parts{.control = loop_,
                                  .workers = {&loop_, &loop_},
                                  .resolver = resolver_,
                                  .logger = *logger_},
                    config_);
    absl::Status status = server_->Start(stats);
    loop_.RunUntilIdle();
    return status;
  }
  void MustStart() { ASSERT_TRUE(Start().ok()); }

  Party& Connect() {
    clients_.push_back(
        std::make_unique<Party>(loop_, *Resolve(config_.pools[0].listen), [](Party&) {}));
    loop_.RunUntilIdle();
    return *clients_.back();
  }
  std::string Ask(Party& client, const std::string& request) {
    client.Take(client.received().size());
    client.Send(request);
    loop_.RunUntilIdle();
    return client.received();
  }
  int64_t Clients(size_t worker) {
    return server_->stats()[worker]->pools[0]->client_connections.value();
  }
  void Drain() {
    server_->Drain([this] { ++done_; });
    loop_.RunUntilIdle();
  }

  static constexpr size_t kRequestBytes = 21;  // of GET and a key of two bytes

  FakeLoop loop_;
  Config config_;
  Names resolver_{loop_};
  const std::unique_ptr<Logger> logger_ = *Logger::Open("/dev/null", LogLevel::kErr);
  std::vector<std::unique_ptr<Host>> hosts_;
  std::optional<Server> server_;
  std::vector<std::unique_ptr<Party>> clients_;
  int done_ = 0;
};

// --- Start -----------------------------------------------------------------------

TEST_F(ServerTest, ServesAsSoonAsItHasStarted) {
  MustStart();
  EXPECT_EQ(Ask(Connect(), Resp({"PING"})), "+PONG\r\n");
  EXPECT_EQ(Ask(Connect(), Resp({"PING"})), "+PONG\r\n");
  EXPECT_EQ(Clients(0), 1);
  EXPECT_EQ(Clients(1), 1);
}

TEST_F(ServerTest, AnAddressThatIsTakenIsNamedWithItsPool) {
  Host other(loop_, *Resolve(config_.pools[0].listen), [](Party&) {});
  const absl::Status status = Start();
  EXPECT_THAT(std::string(status.message()), StartsWith("pool 'alpha': "));
}

TEST_F(ServerTest, ASecondProxyDoesNotShareThePort) {
  MustStart();
  Server second(
      Server::Parts{
          .control = loop_, .workers = {&loop_, &loop_}, .resolver = resolver_, .logger = *logger_},
      config_);
  EXPECT_FALSE(second.Start(std::nullopt).ok());
}

TEST_F(ServerTest, UnlessBothAreToldTo) {
  config_.pools[0].reuse_port = true;
  for (const size_t workers : {1, 2}) {
    const std::vector<EventLoop*> loops(workers, &loop_);
    const auto make = [&] {
      return std::make_unique<Server>(
          Server::Parts{
              .control = loop_, .workers = loops, .resolver = resolver_, .logger = *logger_},
          config_);
    };
    const auto first = make();
    EXPECT_TRUE(first->Start(std::nullopt).ok());
    const auto second = make();
    EXPECT_TRUE(second->Start(std::nullopt).ok());
    config_.pools[0].reuse_port = false;
    EXPECT_FALSE(make()->Start(std::nullopt).ok());
    config_.pools[0].reuse_port = true;
    loop_.RunUntilIdle();
  }
}

TEST_F(ServerTest, AUnixSocketHasOneListenerForAllWorkers) {
  config_.pools[0].listen = {.host = "", .port = 0, .path = "/run/proxy.sock"};
  MustStart();
  for (int i = 0; i < 4; ++i) EXPECT_EQ(Ask(Connect(), Resp({"PING"})), "+PONG\r\n");
  EXPECT_EQ(Clients(0), 2);
  EXPECT_EQ(Clients(1), 2);
}

TEST_F(ServerTest, TheStatisticsAreThere) {
  const Endpoint port = {.host = "127.0.0.1", .port = 22222, .path = {}};
  ASSERT_TRUE(Start(port).ok());
  Connect();
  Party reader(loop_, *Resolve(port), [](Party&) {});
  loop_.Advance(kStatsAskWait);  // a reader who says nothing
  EXPECT_THAT(reader.received(), HasSubstr("\"alpha\""));
}

TEST_F(ServerTest, AStatisticsPortThatIsTakenIsAnError) {
  const Endpoint port = {.host = "127.0.0.1", .port = 22222, .path = {}};
  Host other(loop_, *Resolve(port), [](Party&) {});
  EXPECT_THAT(std::string(Start(port).message()), StartsWith("statistics port: "));
}

// --- Ejection --------------------------------------------------------------------

// The limit is of each worker, as if each were a process of nutcracker's.
TEST_F(ServerTest, AServerIsOutWhenOneWorkerHasSeenTheLimit) {
  config_.pools[0].auto_eject_hosts = true;
  config_.pools[0].server_failure_limit = 2;
  MustStart();
  Connect();
  Connect();
  hosts_[0]->Refuse();
  std::string key;  // of the first server
  for (int i = 0; key.empty(); ++i) {
    const std::string candidate = "k" + std::to_string(i);
    const std::string got = Ask(*clients_[0], Resp({"GET", candidate}));
    if (got.empty()) {  // the other one has it
      hosts_[1]->parties().back()->Send("$-1\r\n");
      loop_.RunUntilIdle();
    } else {
      key = candidate;
    }
  }
  const ServerHealth& health = server_->control_stats().pools[0][0];
  const std::string refused = "-ERR Connection refused (server s1)\r\n";
  EXPECT_EQ(Ask(*clients_[1], Resp({"GET", key})), refused);
  EXPECT_EQ(health.ejected.value(), 0) << "one failure of each worker";
  EXPECT_EQ(Ask(*clients_[1], Resp({"GET", key})), refused);
  EXPECT_EQ(health.ejected.value(), 1);
  EXPECT_EQ(Ask(*clients_[0], Resp({"GET", key})), "") << "the other one's turn";
}

// --- Names -----------------------------------------------------------------------

// Under load: each client sends the next request as soon as it has its reply.
TEST_F(ServerTest, WhenANameMovesNoRequestIsLostAndNoKeyMoves) {
  constexpr int kRounds = 50;
  config_.pools[0].timeout_ms = 0;
  const Address before = *Resolve(config_.pools[0].servers[0].endpoint);
  const Address after = *Resolve({.host = "127.0.0.9", .port = 7001, .path = {}});
  config_.pools[0].servers[0].endpoint.host = "redis-1";
  resolver_.known["redis-1"] = before;
  Host successor(loop_, after, [](Party&) {});
  const auto answer_all = [&] {
    for (const Host* host : {hosts_[0].get(), hosts_[1].get(), &successor}) {
      const std::string reply = host == hosts_[1].get() ? "+s2\r\n" : "+s1\r\n";
      for (const auto& party : host->parties()) {
        for (size_t i = party->received().size() / kRequestBytes; i != 0; --i) party->Send(reply);
        party->Take(party->received().size());
      }
    }
    loop_.RunUntilIdle();
  };
  MustStart();
  for (int i = 0; i < 4; ++i) Connect();
  std::vector<std::string> first(4);
  for (int round = 0; round < kRounds; ++round) {
    for (int i = 0; i < 4; ++i) {
      clients_[i]->Send(Resp({"GET", "k" + std::to_string(i)}));
    }
    loop_.RunUntilIdle();
    if (round == kRounds / 2) {
      resolver_.known["redis-1"] = after;
      loop_.Advance(milliseconds(config_.process.lookup_interval_ms));
    }
    answer_all();
    for (int i = 0; i < 4; ++i) {
      if (round == 0) first[i] = clients_[i]->received();
      EXPECT_EQ(clients_[i]->received(), first[i]) << "round " << round << ", client " << i;
      clients_[i]->Take(clients_[i]->received().size());
    }
  }
  for (const auto& party : hosts_[0]->parties()) EXPECT_TRUE(party->ended());
  EXPECT_FALSE(successor.parties().empty());
  const ServerHealth& health = server_->control_stats().pools[0][0];
  EXPECT_EQ(health.address_changes.value(), 1);
  EXPECT_EQ(health.last_error_at.value(), 0);
  for (const auto& party : successor.parties()) party->Close();
}

// --- Drain -----------------------------------------------------------------------

TEST_F(ServerTest, WithoutClientsItStopsAtOnce) {
  MustStart();
  Drain();
  EXPECT_EQ(done_, 1);
  loop_.Advance(seconds(2 * kDrainSeconds));
  EXPECT_EQ(done_, 1);
}

TEST_F(ServerTest, IdleClientsDoNotHoldItUp) {
  MustStart();
  Connect();
  Connect();
  Drain();
  EXPECT_TRUE(clients_[0]->ended());
  EXPECT_TRUE(clients_[1]->ended());
  clients_.clear();
  loop_.RunUntilIdle();
  EXPECT_EQ(done_, 1);
}

// What sits in a client's pool does not look before its next request.
TEST_F(ServerTest, ClientsThatDoNotNoticeAreNotWaitedFor) {
  MustStart();
  for (int i = 0; i < 10; ++i) EXPECT_EQ(Ask(Connect(), Resp({"PING"})), "+PONG\r\n");
  Drain();
  EXPECT_EQ(done_, 0);
  loop_.Advance(kDrainLinger);
  EXPECT_EQ(done_, 1);
}

TEST_F(ServerTest, RequestsInFlightHaveTheirTime) {
  config_.pools[0].timeout_ms = 0;
  MustStart();
  Party& client = Connect();
  client.Send(Resp({"MGET", "a", "b", "c", "d", "e", "f"}));
  loop_.RunUntilIdle();
  Drain();
  loop_.Advance(seconds(kDrainSeconds) - milliseconds(1));
  EXPECT_EQ(done_, 0);
  loop_.Advance(milliseconds(1));
  EXPECT_EQ(done_, 1);
}

TEST_F(ServerTest, ItStopsAsSoonAsTheyAreAnswered) {
  MustStart();
  Party& client = Connect();
  client.Send(Resp({"GET", "a"}));
  loop_.RunUntilIdle();
  Drain();
  EXPECT_EQ(done_, 0);
  for (const auto& host : hosts_) {
    for (const auto& party : host->parties()) party->Send("+A\r\n");
  }
  loop_.RunUntilIdle();
  EXPECT_EQ(client.received(), "+A\r\n");
  client.Close();
  loop_.RunUntilIdle();
  EXPECT_EQ(done_, 1);
}

TEST_F(ServerTest, AskedTwiceItStopsOnce) {
  MustStart();
  Connect();
  Drain();
  Drain();
  clients_.clear();
  loop_.RunUntilIdle();
  loop_.Advance(seconds(2 * kDrainSeconds));
  EXPECT_EQ(done_, 1);
}

TEST_F(ServerTest, DestroyedBeforeItHasStarted) {
  server_.emplace(
      Server::Parts{
          .control = loop_, .workers = {&loop_, &loop_}, .resolver = resolver_, .logger = *logger_},
      config_);
}

}  // namespace
}  // namespace keyway

#include "proxy/control/control.h"

#include <cerrno>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "proxy/base/limits.h"
#include "proxy/control/rote_server.h"
#include "proxy/net/fake_loop.h"

namespace keyway {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

Address AddressOf(const std::string& host, uint16_t port) {
  return *Resolve({.host = host, .port = port, .path = {}});
}

// Answers when the test says so.
class FakeResolver : public Resolver {
 public:
  void Lookup(const Endpoint& endpoint, Done done) override {
    ++asked[endpoint.host];
    waiting_[endpoint.host] = std::move(done);
  }
  void Answer(const std::string& host, const absl::StatusOr<Address>& address) {
    ASSERT_TRUE(waiting_.count(host)) << "nobody asked for " << host;
    Done done = std::move(waiting_[host]);
    waiting_.erase(host);
    done(address);
  }

  std::map<std::string, int> asked;

 private:
  std::map<std::string, Done> waiting_;
};

class Worker : public SnapshotSink {
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
  Worker worker_;
  Worker other_worker_;
  std::optional<Control> control_;
};

TEST_F(ControlTest, StartPublishesAllServers) {
  MustStart();
  ASSERT_THAT(worker_.adopted, SizeIs(1));
  EXPECT_EQ(worker_.snapshot().generation, 1u);
  ASSERT_THAT(worker_.snapshot().pools, SizeIs(2));
  EXPECT_THAT(AlphaLive(), ElementsAre(true, true));
  EXPECT_EQ(AlphaAddress(0), "127.0.0.1:6386");
  EXPECT_EQ(AlphaAddress(1), "127.0.0.1:6387");
  EXPECT_THAT(resolver_.asked, IsEmpty());
}

TEST_F(ControlTest, TheLastErrorIsToldWithItsTime) {
  MustStart();
  EXPECT_EQ(Stats(kFirst).last_error.text(), "");
  EXPECT_EQ(Stats(kFirst).last_error_at.value(), 0);
  Fail(kFirst, 2);
  const auto microseconds = [this] {
    return std::chrono::duration_cast<std::chrono::microseconds>(loop_.WallNow().time_since_epoch())
        .count();
  };
  EXPECT_EQ(Stats(kFirst).last_error.text(), "Connection refused");
  EXPECT_EQ(Stats(kFirst).last_error_at.value(), microseconds());
  EXPECT_EQ(Stats(kSecond).last_error.text(), "");
  RoteServer server(loop_, AddressOf("127.0.0.1", 6386), "-LOADING wait\r\n");
  loop_.Advance(milliseconds(2000));
  EXPECT_THAT(Stats(kFirst).last_error.text(), testing::HasSubstr("-LOADING wait"));
  EXPECT_EQ(Stats(kFirst).last_error_at.value(), microseconds());
}

TEST_F(ControlTest, AllWorkersGetTheSameSnapshots) {
  MustStart();
  Fail(kFirst, 2);
  loop_.Advance(milliseconds(2000));
  EXPECT_EQ(worker_.adopted, other_worker_.adopted);
}

TEST_F(ControlTest, APoolThatCannotBeRoutedIsRefused) {
  config_.pools[1].hash = "no such hash";
  EXPECT_FALSE(Start().ok());
  EXPECT_THAT(worker_.adopted, IsEmpty());
}

TEST_F(ControlTest, EjectionTakesTheServersKeys) {
  MustStart();
  const std::shared_ptr<const PoolRoute> beta = worker_.snapshot().pools[1];
  Fail(kFirst, 2);
  ASSERT_THAT(worker_.adopted, SizeIs(2));
  EXPECT_EQ(worker_.snapshot().generation, 2u);
  EXPECT_THAT(AlphaLive(), ElementsAre(false, true));
  for (const char* key : {"a", "b", "c", "d", "e", "f"}) EXPECT_EQ(Alpha().ServerFor(key), 1u);
  EXPECT_EQ(worker_.snapshot().pools[1], beta) << "an unchanged pool was built anew";
  EXPECT_EQ(Stats(kFirst).ejected.value(), 1);
  EXPECT_EQ(control_->stats().generation.value(), 2);
}

TEST_F(ControlTest, OneWorkerMustSeeAllTheFailures) {
  MustStart();
  Fail(kFirst, 1, /*worker=*/0);
  Fail(kFirst, 1, /*worker=*/1);
  Fail(kSecond, 1, /*worker=*/1);
  EXPECT_THAT(worker_.adopted, SizeIs(1));
  Recover(kFirst, /*worker=*/0);
  Fail(kFirst, 1, /*worker=*/0);
  EXPECT_THAT(worker_.adopted, SizeIs(1));
  Fail(kFirst, 1, /*worker=*/1);
  EXPECT_THAT(AlphaLive(), ElementsAre(false, true));
}

TEST_F(ControlTest, AReplyInBetweenStartsTheCountAgain) {
  MustStart();
  Fail(kFirst);
  Recover(kFirst);
  Fail(kFirst);
  EXPECT_THAT(AlphaLive(), ElementsAre(true, true));
}

TEST_F(ControlTest, WithoutAutoEjectHostsNothingChanges) {
  config_.pools[0].auto_eject_hosts = false;
  MustStart();
  Fail(kFirst, 100);
  EXPECT_THAT(worker_.adopted, SizeIs(1));
}

TEST_F(ControlTest, OldNewsAfterTheEjectionAreIgnored) {
  RoteServer server(loop_, AddressOf("127.0.0.1", 6386), "+PONG\r\n");
  MustStart();
  Fail(kFirst, 20);
  Recover(kFirst);
  EXPECT_THAT(worker_.adopted, SizeIs(2));
  EXPECT_THAT(AlphaLive(), ElementsAre(false, true));
  loop_.Advance(milliseconds(1999));
  Fail(kFirst, 20);
  loop_.Advance(milliseconds(1));  // not later because of them
  EXPECT_THAT(AlphaLive(), ElementsAre(true, true));
  EXPECT_EQ(Stats(kFirst).ejections.value(), 1);
}

TEST_F(ControlTest, AProbeBringsTheServerBackAfterTheRetryTimeout) {
  RoteServer server(loop_, AddressOf("127.0.0.1", 6386), "+PONG\r\n");
  MustStart();
  Fail(kFirst, 2);
  loop_.Advance(milliseconds(1999));
  EXPECT_EQ(server.accepted(), 0);
  EXPECT_THAT(AlphaLive(), ElementsAre(false, true));
  loop_.Advance(milliseconds(1));
  EXPECT_EQ(server.accepted(), 1);
  ASSERT_THAT(worker_.adopted, SizeIs(3));
  EXPECT_THAT(AlphaLive(), ElementsAre(true, true));
  EXPECT_EQ(Stats(kFirst).ejected.value(), 0);
  loop_.Advance(milliseconds(60000));
  EXPECT_EQ(server.accepted(), 1) << "a server that is back was probed";
}

TEST_F(ControlTest, TheReturnedServerHasItsOldKeys) {
  RoteServer server(loop_, AddressOf("127.0.0.1", 6386), "+PONG\r\n");
  MustStart();
  const PoolRoute& before = *worker_.adopted[0]->pools[0];
  Fail(kFirst, 2);
  loop_.Advance(milliseconds(2000));
  for (int i = 0; i < 100; ++i) {
    const std::string key = "key" + std::to_string(i);
    EXPECT_EQ(Alpha().ServerFor(key), before.ServerFor(key));
  }
}

TEST_F(ControlTest, AFailedProbeIsRepeatedAfterTheRetryTimeout) {
  MustStart();
  Fail(kFirst, 2);
  loop_.Advance(milliseconds(2000));  // refused
  EXPECT_EQ(Stats(kFirst).failed_probes.value(), 1);
  RoteServer server(loop_, AddressOf("127.0.0.1", 6386), "-LOADING wait\r\n");
  loop_.Advance(milliseconds(2000));
  EXPECT_EQ(Stats(kFirst).failed_probes.value(), 2);
  server.SetAnswer("");
  loop_.Advance(milliseconds(2000));
  loop_.Advance(milliseconds(399));
  EXPECT_EQ(Stats(kFirst).failed_probes.value(), 2);
  loop_.Advance(milliseconds(1));  // the pool's timeout
  EXPECT_EQ(Stats(kFirst).failed_probes.value(), 3);
  EXPECT_THAT(worker_.adopted, SizeIs(2));
  server.SetAnswer("+PONG\r\n");
  loop_.Advance(milliseconds(1999));
  EXPECT_THAT(AlphaLive(), ElementsAre(false, true));
  loop_.Advance(milliseconds(1));
  EXPECT_THAT(AlphaLive(), ElementsAre(true, true));
}

TEST_F(ControlTest, TheProbeUsesThePoolsCredentials) {
  config_.pools[0].redis_auth = "secret";
  config_.pools[0].redis_db = 3;
  RoteServer server(loop_, AddressOf("127.0.0.1", 6386), "+OK\r\n+OK\r\n+PONG\r\n");
  MustStart();
  Fail(kFirst, 2);
  loop_.Advance(milliseconds(2000));
  EXPECT_EQ(server.received(),
            "*2\r\n$4\r\nAUTH\r\n$6\r\nsecret\r\n*2\r\n$6\r\nSELECT\r\n$1\r\n3\r\n"
            "*1\r\n$4\r\nPING\r\n");
  EXPECT_THAT(AlphaLive(), ElementsAre(true, true));
}

TEST_F(ControlTest, AFlappingServerNeedsTheFullLimitEachTime) {
  RoteServer server(loop_, AddressOf("127.0.0.1", 6386), "+PONG\r\n");
  MustStart();
  for (int round = 1; round <= 5; ++round) {
    Fail(kFirst);
    EXPECT_THAT(AlphaLive(), ElementsAre(true, true));
    Fail(kFirst);
    EXPECT_THAT(AlphaLive(), ElementsAre(false, true));
    loop_.Advance(milliseconds(2000));
    EXPECT_THAT(AlphaLive(), ElementsAre(true, true));
    EXPECT_EQ(Stats(kFirst).ejections.value(), round);
    EXPECT_EQ(worker_.snapshot().generation, 1u + 2 * round);
  }
}

TEST_F(ControlTest, WithoutALiveServerThereIsNoServer) {
  RoteServer second(loop_, AddressOf("127.0.0.1", 6387), "+PONG\r\n");
  MustStart();
  Fail(kFirst, 2);
  Fail(kSecond, 2);
  EXPECT_EQ(Alpha().ServerFor("key"), PoolRoute::kNoServer);
  loop_.Advance(milliseconds(2000));
  EXPECT_THAT(AlphaLive(), ElementsAre(false, true));
  EXPECT_EQ(Alpha().ServerFor("key"), 1u);
}

TEST_F(ControlTest, EjectionsOfOneTurnAreOneSnapshot) {
  MustStart();
  for (int i = 0; i < 2; ++i) {
    control_->EventsOf(0).OnFailed(kFirst, "Connection reset by peer");
    control_->EventsOf(0).OnFailed(kSecond, "Connection reset by peer");
  }
  loop_.RunUntilIdle();
  EXPECT_THAT(worker_.adopted, SizeIs(2));
  EXPECT_EQ(Alpha().ServerFor("key"), PoolRoute::kNoServer);
}

TEST_F(ControlTest, APathThatIsTooLongIsAServerWithoutAnAddress) {
  config_.pools[0].servers[0].endpoint = {.host = "", .port = 0, .path = std::string(200, 'x')};
  MustStart();
  EXPECT_EQ(AlphaAddress(0), "none");
  Fail(kFirst, 2);
  loop_.Advance(milliseconds(2000));
  EXPECT_EQ(Stats(kFirst).failed_probes.value(), 1);
  EXPECT_EQ(Stats(kFirst).failed_lookups.value(), 1);
}

// What operators do. Orders are posted, as from another thread.
class OrdersTest : public ControlTest {
 protected:
  absl::StatusOr<OrderReport> Eject(const std::string& pool, const std::string& server,
                                    bool even_last = false) {
    absl::StatusOr<OrderReport> result = absl::UnknownError("not done");
    control_->EjectByHand({pool, server}, even_last,
                          [&](absl::StatusOr<OrderReport> report) { result = std::move(report); });
    loop_.RunUntilIdle();
    return result;
  }
  absl::StatusOr<OrderReport> Restore(const std::string& pool, const std::string& server) {
    absl::StatusOr<OrderReport> result = absl::UnknownError("not done");
    control_->RestoreByHand(
        {pool, server}, [&](absl::StatusOr<OrderReport> report) { result = std::move(report); });
    loop_.RunUntilIdle();
    return result;
  }
  ControlReport Report() {
    ControlReport result;
    control_->Report([&](ControlReport report) { result = std::move(report); });
    loop_.RunUntilIdle();
    return result;
  }
  static std::string ErrorOf(const absl::StatusOr<OrderReport>& result) {
    return result.status().ToString();
  }
};

TEST_F(OrdersTest, EjectionByHandTakesTheKeysUntilRestored) {
  MustStart();
  const PoolRoute& before = *worker_.adopted[0]->pools[0];
  const auto ejected = Eject("alpha", "127.0.0.1:6386");
  ASSERT_TRUE(ejected.ok()) << ejected.status();
  EXPECT_TRUE(ejected->changed);
  EXPECT_EQ(ejected->generation, 2u);
  EXPECT_TRUE(ejected->pool.servers[ejected->server].ejected_by_hand);
  EXPECT_FALSE(ejected->pool.route->IsLive(ejected->server));
  EXPECT_EQ(Stats(kFirst).ejected_by_hand.value(), 1);
  EXPECT_EQ(Stats(kFirst).ejected.value(), 0);
  EXPECT_THAT(AlphaLive(), ElementsAre(false, true));
  loop_.Advance(milliseconds(3600'000));
  EXPECT_THAT(AlphaLive(), ElementsAre(false, true));

  const auto restored = Restore("alpha", "127.0.0.1:6386");
  ASSERT_TRUE(restored.ok()) << restored.status();
  EXPECT_EQ(Stats(kFirst).ejected_by_hand.value(), 0);
  EXPECT_EQ(restored->generation, 3u);
  EXPECT_THAT(AlphaLive(), ElementsAre(true, true));
  for (const char* key : {"a", "b", "c", "d", "e", "f"}) {
    EXPECT_EQ(Alpha().ServerFor(key), before.ServerFor(key));
  }
}

TEST_F(OrdersTest, TheWorkersAreToldBeforeTheOperator) {
  MustStart();
  size_t adopted = 0;
  control_->EjectByHand(
      {"alpha", "127.0.0.1:6386"}, false,
      [&](const absl::StatusOr<OrderReport>&) { adopted = worker_.adopted.size(); });
  loop_.RunUntilIdle();
  EXPECT_EQ(adopted, 2u);
}

TEST_F(OrdersTest, DoingItTwiceChangesNothing) {
  MustStart();
  EXPECT_FALSE(Restore("alpha", "127.0.0.1:6386")->changed);
  EXPECT_TRUE(Eject("alpha", "127.0.0.1:6386")->changed);
  EXPECT_FALSE(Eject("alpha", "127.0.0.1:6386")->changed);
  EXPECT_THAT(worker_.adopted, SizeIs(2));
}

TEST_F(OrdersTest, AlsoWithoutAutoEjectHosts) {
  config_.pools[0].auto_eject_hosts = false;
  MustStart();
  EXPECT_TRUE(Eject("alpha", "127.0.0.1:6387").ok());
  EXPECT_THAT(AlphaLive(), ElementsAre(true, false));
}

TEST_F(OrdersTest, HealthGoesOnByItself) {
  RoteServer server(loop_, AddressOf("127.0.0.1", 6386), "+PONG\r\n");
  MustStart();
  ASSERT_TRUE(Eject("alpha", "127.0.0.1:6386").ok());
  Fail(kFirst, 2);
  loop_.Advance(milliseconds(2000));
  EXPECT_EQ(server.accepted(), 1) << "not probed";
  EXPECT_THAT(AlphaLive(), ElementsAre(false, true)) << "a probe undid what an operator did";

  Fail(kFirst, 2);
  const auto restored = Restore("alpha", "127.0.0.1:6386");
  EXPECT_EQ(restored->pool.servers[restored->server].health, Health::State::kEjected);
  EXPECT_THAT(AlphaLive(), ElementsAre(false, true)) << "an operator undid what failures did";
  loop_.Advance(milliseconds(2000));
  EXPECT_THAT(AlphaLive(), ElementsAre(true, true));
}

TEST_F(OrdersTest, TheLastLiveServerOnlyWhenThatIsMeant) {
  MustStart();
  Fail(kSecond, 2);
  EXPECT_EQ(ErrorOf(Eject("alpha", "127.0.0.1:6386")),
            "FAILED_PRECONDITION: '127.0.0.1:6386' is the only live server of pool 'alpha': "
            "without it all requests would fail");
  EXPECT_TRUE(Eject("alpha", "127.0.0.1:6387").ok()) << "it is out already";
  EXPECT_TRUE(Eject("alpha", "127.0.0.1:6386", /*even_last=*/true).ok());
  EXPECT_EQ(Alpha().ServerFor("key"), PoolRoute::kNoServer);
}

TEST_F(OrdersTest, ErrorsSayWhatThereIs) {
  MustStart();
  EXPECT_EQ(ErrorOf(Eject("gamma", "x")),
            "NOT_FOUND: there is no pool 'gamma'; there are: alpha, beta");
  EXPECT_EQ(ErrorOf(Restore("alpha", "x")),
            "NOT_FOUND: pool 'alpha' has no server 'x'; it has: 127.0.0.1:6386, 127.0.0.1:6387");
  EXPECT_THAT(worker_.adopted, SizeIs(1));
}

TEST_F(OrdersTest, LongListsEnd) {
  config_.pools[0].servers.clear();
  for (uint16_t port = 1; port <= 300; ++port) {
    config_.pools[0].servers.push_back(Server("127.0.0.1", port));
  }
  MustStart();
  EXPECT_THAT(ErrorOf(Eject("alpha", "x")),
              testing::EndsWith("127.0.0.1:19, 127.0.0.1:20, … (300 in all)"));
}

TEST_F(OrdersTest, TheReportHasEveryServer) {
  MustStart();
  Fail(kFirst);
  Fail(kSecond, 2);
  loop_.Advance(milliseconds(500));
  ASSERT_TRUE(Eject("beta", "127.0.0.1:6388", true).ok());
  const ControlReport report = Report();
  EXPECT_EQ(report.generation, 3u);
  EXPECT_EQ(report.now, loop_.WallNow());
  ASSERT_THAT(report.pools, SizeIs(2));
  EXPECT_EQ(report.pools[0].route, worker_.snapshot().pools[0]);
  const std::vector<ServerReport>& alpha = report.pools[0].servers;
  EXPECT_EQ(alpha[0].failures, 1);
  EXPECT_EQ(alpha[0].health, Health::State::kLive);
  EXPECT_EQ(alpha[0].next_probe, std::nullopt);
  EXPECT_EQ(alpha[1].health, Health::State::kEjected);
  EXPECT_EQ(alpha[1].next_probe, milliseconds(1500));
  EXPECT_FALSE(alpha[1].ejected_by_hand);
  EXPECT_TRUE(report.pools[1].servers[0].ejected_by_hand);
}

class NamesTest : public ControlTest {
 protected:
  NamesTest() { config_.pools[0].servers[0] = Server("redis-a", 6386); }

  void StartWith(const Address& address) {
    MustStart();
    resolver_.Answer("redis-a", address);
  }

  const absl::Status unknown_ = absl::NotFoundError("no such name");
};

TEST_F(NamesTest, TheStartWaitsForThem) {
  config_.pools[1].servers[0] = Server("redis-b", 6388);
  MustStart();
  resolver_.Answer("redis-b", AddressOf("127.0.0.3", 6388));
  EXPECT_THAT(worker_.adopted, IsEmpty());
  resolver_.Answer("redis-a", AddressOf("127.0.0.2", 6386));
  ASSERT_THAT(worker_.adopted, SizeIs(1));
  EXPECT_EQ(AlphaAddress(0), "127.0.0.2:6386");
  loop_.Advance(2 * kStartLookupTimeout);
  EXPECT_THAT(worker_.adopted, SizeIs(1));
}

TEST_F(NamesTest, AnUnknownNameDoesNotHinderTheStart) {
  MustStart();
  resolver_.Answer("redis-a", unknown_);
  ASSERT_THAT(worker_.adopted, SizeIs(1));
  EXPECT_EQ(AlphaAddress(0), "none");
  EXPECT_THAT(AlphaLive(), ElementsAre(true, true));
  EXPECT_EQ(Stats(kFirst).failed_lookups.value(), 1);
}

TEST_F(NamesTest, TheStartDoesNotWaitForEver) {
  MustStart();
  loop_.Advance(kStartLookupTimeout - milliseconds(1));
  EXPECT_THAT(worker_.adopted, IsEmpty());
  loop_.Advance(milliseconds(1));
  ASSERT_THAT(worker_.adopted, SizeIs(1));
  EXPECT_EQ(AlphaAddress(0), "none");
  resolver_.Answer("redis-a", AddressOf("127.0.0.2", 6386));
  loop_.RunUntilIdle();
  ASSERT_THAT(worker_.adopted, SizeIs(2));
  EXPECT_EQ(AlphaAddress(0), "127.0.0.2:6386");
}

TEST_F(NamesTest, FailuresLookTheNameUpAtMostOnceASecond) {
  config_.pools[0].auto_eject_hosts = false;
  StartWith(AddressOf("127.0.0.2", 6386));
  loop_.Advance(kLookupInterval);
  Fail(kFirst, 10);
  EXPECT_EQ(resolver_.asked["redis-a"], 2);
  Fail(kFirst);  // while that is under way
  resolver_.Answer("redis-a", AddressOf("127.0.0.2", 6386));
  Fail(kFirst);  // within the same second
  EXPECT_EQ(resolver_.asked["redis-a"], 2);
  EXPECT_THAT(worker_.adopted, SizeIs(1)) << "the same address is no news";
  loop_.Advance(kLookupInterval);
  Fail(kFirst);
  EXPECT_EQ(resolver_.asked["redis-a"], 3);
}

TEST_F(NamesTest, ANameThatMovedIsPublished) {
  StartWith(AddressOf("127.0.0.2", 6386));
  const std::shared_ptr<const PoolRoute> beta = worker_.snapshot().pools[1];
  loop_.Advance(kLookupInterval);
  Fail(kFirst);
  resolver_.Answer("redis-a", AddressOf("127.0.0.9", 6386));
  loop_.RunUntilIdle();
  ASSERT_THAT(worker_.adopted, SizeIs(2));
  EXPECT_EQ(AlphaAddress(0), "127.0.0.9:6386");
  EXPECT_EQ(worker_.snapshot().pools[1], beta);
}

TEST_F(NamesTest, AFailedLookupKeepsTheOldAddress) {
  StartWith(AddressOf("127.0.0.2", 6386));
  loop_.Advance(kLookupInterval);
  Fail(kFirst);
  resolver_.Answer("redis-a", unknown_);
  loop_.RunUntilIdle();
  EXPECT_EQ(AlphaAddress(0), "127.0.0.2:6386");
  EXPECT_EQ(Stats(kFirst).failed_lookups.value(), 1);
}

TEST_F(NamesTest, TheProbeGoesWhereTheNamePointsByThen) {
  RoteServer successor(loop_, AddressOf("127.0.0.9", 6386), "+PONG\r\n");
  StartWith(AddressOf("127.0.0.2", 6386));
  Fail(kFirst, 2);
  loop_.Advance(milliseconds(2000));
  ASSERT_EQ(successor.accepted(), 0);
  resolver_.Answer("redis-a", AddressOf("127.0.0.9", 6386));
  loop_.RunUntilIdle();
  EXPECT_EQ(successor.accepted(), 1);
  EXPECT_THAT(AlphaLive(), ElementsAre(true, true));
  EXPECT_EQ(AlphaAddress(0), "127.0.0.9:6386");
}

TEST_F(NamesTest, AProbeWithoutAnAddressFails) {
  MustStart();
  resolver_.Answer("redis-a", unknown_);
  Fail(kFirst, 2);
  loop_.Advance(milliseconds(2000));
  resolver_.Answer("redis-a", unknown_);
  EXPECT_EQ(Stats(kFirst).failed_probes.value(), 1);
  RoteServer server(loop_, AddressOf("127.0.0.2", 6386), "+PONG\r\n");
  loop_.Advance(milliseconds(2000));
  resolver_.Answer("redis-a", AddressOf("127.0.0.2", 6386));
  loop_.RunUntilIdle();
  EXPECT_THAT(AlphaLive(), ElementsAre(true, true));
}

}  // namespace
}  // namespace keyway

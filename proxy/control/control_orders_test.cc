#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "proxy/control/control.h"
#include "proxy/control/control_testing.h"
#include "proxy/control/rote_server.h"

namespace keyway {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::SizeIs;

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

}  // namespace
}  // namespace keyway

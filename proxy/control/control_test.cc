#include "proxy/control/control.h"

#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "proxy/control/control_testing.h"
#include "proxy/control/rote_server.h"

namespace keyway {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

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

}  // namespace
}  // namespace keyway

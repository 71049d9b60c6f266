#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "proxy/base/limits.h"
#include "proxy/control/control.h"
#include "proxy/control/control_testing.h"
#include "proxy/control/rote_server.h"

namespace keyway {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

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

TEST_F(NamesTest, TheyAreLookedUpAgainFromTimeToTime) {
  config_.process.lookup_interval_ms = 5000;
  StartWith(AddressOf("127.0.0.2", 6386));
  loop_.Advance(milliseconds(4999));
  EXPECT_EQ(resolver_.asked["redis-a"], 1);
  loop_.Advance(milliseconds(1));
  EXPECT_EQ(resolver_.asked["redis-a"], 2);
  loop_.Advance(milliseconds(60000));
  EXPECT_EQ(resolver_.asked["redis-a"], 2) << "before there was an answer";
  resolver_.Answer("redis-a", AddressOf("127.0.0.9", 6386));
  loop_.RunUntilIdle();
  EXPECT_EQ(AlphaAddress(0), "127.0.0.9:6386");
  EXPECT_EQ(Stats(kFirst).address_changes.value(), 1);
  EXPECT_EQ(Stats(kFirst).last_error_at.value(), 0) << "moving is no failure";
  loop_.Advance(milliseconds(5000));
  resolver_.Answer("redis-a", AddressOf("127.0.0.9", 6386));
  loop_.RunUntilIdle();
  EXPECT_THAT(worker_.adopted, SizeIs(2)) << "the same address is no news";
  EXPECT_EQ(Stats(kFirst).address_changes.value(), 1);
}

TEST_F(NamesTest, AMoveKeepsTheKeys) {
  StartWith(AddressOf("127.0.0.2", 6386));
  const std::shared_ptr<const PoolRoute> before = worker_.snapshot().pools[0];
  loop_.Advance(milliseconds(config_.process.lookup_interval_ms));
  resolver_.Answer("redis-a", AddressOf("127.0.0.9", 6386));
  loop_.RunUntilIdle();
  ASSERT_THAT(worker_.adopted, SizeIs(2));
  for (int i = 0; i < 200; ++i) {
    const std::string key = std::to_string(i);
    EXPECT_EQ(Alpha().ServerFor(key), before->ServerFor(key));
  }
}

TEST_F(NamesTest, AFailedLookupIsRepeatedAfterTheInterval) {
  MustStart();
  resolver_.Answer("redis-a", unknown_);
  loop_.Advance(milliseconds(config_.process.lookup_interval_ms));
  resolver_.Answer("redis-a", AddressOf("127.0.0.2", 6386));
  loop_.RunUntilIdle();
  EXPECT_EQ(AlphaAddress(0), "127.0.0.2:6386");
  EXPECT_EQ(Stats(kFirst).address_changes.value(), 0) << "it is the first one";
}

TEST_F(NamesTest, WithoutAnIntervalOnlyFailuresLookThemUp) {
  config_.process.lookup_interval_ms = 0;
  StartWith(AddressOf("127.0.0.2", 6386));
  loop_.Advance(std::chrono::hours(1));
  EXPECT_EQ(resolver_.asked["redis-a"], 1);
  Fail(kFirst);
  EXPECT_EQ(resolver_.asked["redis-a"], 2);
}

// Name servers tell several addresses in a new order each time.
TEST_F(NamesTest, AnAddressThatIsStillListedIsKeptUnlessItFails) {
  config_.pools[0].auto_eject_hosts = false;
  StartWith(AddressOf("127.0.0.2", 6386));
  const std::vector<Address> other_order = {AddressOf("127.0.0.9", 6386),
                                            AddressOf("127.0.0.2", 6386)};
  loop_.Advance(milliseconds(config_.process.lookup_interval_ms));
  resolver_.Answer("redis-a", other_order);
  loop_.RunUntilIdle();
  EXPECT_EQ(AlphaAddress(0), "127.0.0.2:6386");
  loop_.Advance(kLookupInterval);
  Fail(kFirst);
  resolver_.Answer("redis-a", other_order);
  loop_.RunUntilIdle();
  EXPECT_EQ(AlphaAddress(0), "127.0.0.9:6386");
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

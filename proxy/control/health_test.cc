#include "proxy/control/health.h"

#include "gtest/gtest.h"
#include "proxy/base/limits.h"

namespace keyway {
namespace {

using std::chrono::milliseconds;
using State = Health::State;

constexpr WallTime kWallStart{std::chrono::seconds(1795345582)};

class HealthTest : public ::testing::Test {
 protected:
  bool Fail(Health& health, size_t worker = 0) {
    return health.OnFailed(worker, now_, kWallStart + now_.time_since_epoch());
  }

  // Ejects it by its own limit.
  void Eject(Health& health) {
    while (!Fail(health)) {
    }
  }

  static constexpr size_t kWorkers = 3;

  Time now_{};
  ServerHealth counters_;
  HealthOptions options_ = {.eject = true, .failure_limit = 2, .retry_timeout = milliseconds(2000)};
};

TEST_F(HealthTest, TheLimitEjects) {
  Health health(options_, kWorkers, counters_);
  EXPECT_TRUE(health.live());
  EXPECT_FALSE(Fail(health));
  EXPECT_TRUE(health.live());
  EXPECT_EQ(counters_.ejected.value(), 0);
  EXPECT_TRUE(Fail(health));
  EXPECT_EQ(health.state(), State::kEjected);
}

TEST_F(HealthTest, LimitsOfZeroAndOneEjectAtTheFirstFailure) {
  for (const int limit : {0, 1}) {
    options_.failure_limit = limit;
    Health health(options_, kWorkers, counters_);
    EXPECT_TRUE(Fail(health)) << limit;
  }
}

TEST_F(HealthTest, AReplyStartsTheCountAgain) {
  options_.failure_limit = 3;
  Health health(options_, kWorkers, counters_);
  Fail(health);
  Fail(health);
  health.OnRecovered(0);
  EXPECT_FALSE(Fail(health));
  EXPECT_FALSE(Fail(health));
  EXPECT_TRUE(health.live());
  EXPECT_TRUE(Fail(health));
}

TEST_F(HealthTest, EachWorkersFailuresCountByThemselves) {
  Health health(options_, kWorkers, counters_);
  for (size_t worker = 0; worker < kWorkers; ++worker) EXPECT_FALSE(Fail(health, worker));
  EXPECT_TRUE(health.live());
  EXPECT_TRUE(Fail(health, 1));
}

TEST_F(HealthTest, AReplyIsNoNewsOfOtherWorkers) {
  Health health(options_, kWorkers, counters_);
  Fail(health, 0);
  Fail(health, 1);
  health.OnRecovered(0);
  EXPECT_FALSE(Fail(health, 0));
  EXPECT_TRUE(Fail(health, 1));
}

TEST_F(HealthTest, TheReturnedServerHasTheFullLimitWithEachWorker) {
  Health health(options_, kWorkers, counters_);
  Fail(health, 0);
  Fail(health, 1);
  Fail(health, 1);
  health.OnProbeStarted();
  health.OnProbeSucceeded();
  for (size_t worker = 0; worker < kWorkers; ++worker) EXPECT_FALSE(Fail(health, worker));
  EXPECT_TRUE(Fail(health, 0));
}

TEST_F(HealthTest, WithoutAutoEjectHostsAServerIsAlwaysLive) {
  options_.eject = false;
  Health health(options_, kWorkers, counters_);
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(Fail(health));
  EXPECT_TRUE(health.live());
  EXPECT_EQ(counters_.ejections.value(), 0);
}

TEST_F(HealthTest, TheProbeIsDueExactlyTheRetryTimeoutAfterTheEjection) {
  Health health(options_, kWorkers, counters_);
  now_ += milliseconds(1500);
  Eject(health);
  EXPECT_EQ(health.probe_due(), Time(milliseconds(3500)));
}

TEST_F(HealthTest, AFailedProbeWaitsForTheRetryTimeoutAgain) {
  Health health(options_, kWorkers, counters_);
  Eject(health);
  now_ = health.probe_due();
  health.OnProbeStarted();
  EXPECT_EQ(health.state(), State::kProbing);
  EXPECT_FALSE(health.live());
  now_ += milliseconds(400);
  health.OnProbeFailed(now_);
  EXPECT_EQ(health.state(), State::kEjected);
  EXPECT_EQ(health.probe_due(), Time(milliseconds(2000 + 400 + 2000)));
  EXPECT_EQ(counters_.failed_probes.value(), 1);
  EXPECT_EQ(counters_.ejections.value(), 1);
}

TEST_F(HealthTest, ASuccessfulProbeBringsTheServerBackWithItsFullLimit) {
  Health health(options_, kWorkers, counters_);
  Eject(health);
  health.OnProbeStarted();
  health.OnProbeSucceeded();
  EXPECT_TRUE(health.live());
  EXPECT_EQ(counters_.ejected.value(), 0);
  EXPECT_FALSE(Fail(health));
  EXPECT_TRUE(Fail(health));
  EXPECT_EQ(counters_.ejections.value(), 2);
}

TEST_F(HealthTest, OldNewsOfAnEjectedServerChangesNothing) {
  Health health(options_, kWorkers, counters_);
  Eject(health);
  const Time due = health.probe_due();
  now_ += milliseconds(100);
  EXPECT_FALSE(Fail(health));
  health.OnRecovered(0);
  EXPECT_EQ(health.state(), State::kEjected);
  EXPECT_EQ(health.probe_due(), due);
  health.OnProbeStarted();
  for (int i = 0; i < 10; ++i) EXPECT_FALSE(Fail(health));
  EXPECT_EQ(health.state(), State::kProbing);
  health.OnProbeSucceeded();
  EXPECT_FALSE(Fail(health));
  EXPECT_TRUE(health.live());
  EXPECT_EQ(counters_.ejections.value(), 1);
}

TEST_F(HealthTest, CountersTellTheMomentOfTheLastEjection) {
  Health health(options_, kWorkers, counters_);
  EXPECT_EQ(counters_.ejected_at.value(), 0);
  now_ += milliseconds(7);
  Eject(health);
  EXPECT_EQ(counters_.ejected.value(), 1);
  EXPECT_EQ(counters_.ejected_at.value(), 1795345582007000);
  health.OnProbeStarted();
  health.OnProbeSucceeded();
  EXPECT_EQ(counters_.ejected_at.value(), 1795345582007000);
}

TEST_F(HealthTest, ARetryTimeoutOfZeroDoesNotSpin) {
  options_.retry_timeout = milliseconds(0);
  Health health(options_, kWorkers, counters_);
  Eject(health);
  EXPECT_EQ(health.probe_due(), now_ + kMinProbeInterval);
}

}  // namespace
}  // namespace keyway

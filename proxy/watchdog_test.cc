#include "proxy/watchdog.h"

#include <chrono>
#include <cstdio>
#include <fstream>
#include <memory>
#include <optional>
#include <sstream>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "proxy/net/fake_loop.h"

namespace keyway {
namespace {

using std::chrono::milliseconds;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

// Each loop has a time of its own and stands still unless it is run: a thread that hangs.
class WatchdogTest : public ::testing::Test {
 protected:
  WatchdogTest() {
    watchdog_.emplace(control_, std::vector<EventLoop*>{&first_, &second_}, kInterval, *logger_,
                      [this] { ++alive_; });
  }

  void Run(FakeLoop& worker) { worker.RunUntilIdle(); }
  // All threads, for one interval.
  void RunAll() {
    control_.RunUntilIdle();
    Run(first_);
    Run(second_);
    control_.Advance(kInterval);
  }
  std::string Log() const {
    std::ostringstream text;
    text << std::ifstream(path_).rdbuf();
    return text.str();
  }

  static constexpr milliseconds kInterval{500};

  const std::string path_ =
      ::testing::TempDir() + "/" + ::testing::UnitTest::GetInstance()->current_test_info()->name();
  const std::unique_ptr<Logger> logger_ = *Logger::Open(path_, LogLevel::kNotice);
  FakeLoop control_, first_, second_;
  int alive_ = 0;
  std::optional<Watchdog> watchdog_;
};

TEST_F(WatchdogTest, OneSignOfLifeInEachInterval) {
  for (int round = 1; round <= 5; ++round) {
    RunAll();
    EXPECT_EQ(alive_, round);
  }
  EXPECT_EQ(Log(), "");
}

TEST_F(WatchdogTest, EveryWorkerMustAnswer) {
  Run(first_);
  control_.RunUntilIdle();
  EXPECT_EQ(alive_, 0);
  Run(second_);
  control_.RunUntilIdle();
  EXPECT_EQ(alive_, 1);
}

TEST_F(WatchdogTest, AWorkerThatHangsHoldsItBackAndIsNamed) {
  RunAll();
  ASSERT_EQ(alive_, 1);
  for (int round = 1; round <= 3; ++round) {
    Run(first_);
    control_.Advance(kInterval);
  }
  EXPECT_EQ(alive_, 1);
  EXPECT_THAT(Log(), AllOf(HasSubstr("a worker makes no progress worker=1 waited_ms=1500\n"),
                           Not(HasSubstr("worker=0"))));
}

TEST_F(WatchdogTest, ItGoesOnWithTheWorker) {
  RunAll();
  control_.Advance(3 * kInterval);
  EXPECT_EQ(alive_, 1);
  Run(first_);
  Run(second_);
  control_.RunUntilIdle();
  EXPECT_EQ(alive_, 2) << "at once, and not an interval later";
  EXPECT_THAT(Log(), HasSubstr("all workers make progress again\n"));
  control_.Advance(kInterval);
  for (int round = 3; round <= 5; ++round) {
    RunAll();
    EXPECT_EQ(alive_, round);
  }
}

TEST_F(WatchdogTest, ItEndsWithTheObject) {
  RunAll();
  watchdog_.reset();
  EXPECT_EQ(control_.NextTimer(), std::nullopt);
}

}  // namespace
}  // namespace keyway

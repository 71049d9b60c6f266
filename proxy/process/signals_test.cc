#include "proxy/process/signals.h"

#include <signal.h>
#include <unistd.h>

#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace keyway {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::IsEmpty;

class SignalsTest : public ::testing::Test {
 protected:
  SignalsTest() : path_(::testing::TempDir() + "/signals.log") {
    ::unlink(path_.c_str());
    logger_ = *Logger::Open(path_, LogLevel::kNotice);
  }

  // Signals of the same number do not queue up, so one at a time.
  int Handle(int signal) {
    ::raise(signal);
    signals_.Wake();
    const int ended_by = HandleSignals(signals_, *logger_);
    // The ones that end the process come before the wake-up.
    return ended_by == 0 ? 0 : ended_by + HandleSignals(signals_, *logger_);
  }

  std::vector<std::string> Lines(const std::string& path) const {
    std::ifstream file(path);
    std::vector<std::string> lines;
    for (std::string line; std::getline(file, line);) lines.push_back(line);
    return lines;
  }

  const std::string path_;
  SignalQueue signals_;
  std::unique_ptr<Logger> logger_;
};

TEST_F(SignalsTest, HupReopensTheLog) {
  ASSERT_EQ(::rename(path_.c_str(), (path_ + ".1").c_str()), 0);
  EXPECT_EQ(Handle(SIGHUP), 0);
  EXPECT_THAT(Lines(path_ + ".1"),
              ElementsAre(EndsWith(" signal 1 (SIGHUP) received, reopening log file")));
  EXPECT_THAT(Lines(path_), ElementsAre(EndsWith(" log file reopened")));
}

TEST_F(SignalsTest, TtinAndTtouMoveTheLevelWithinItsRange) {
  EXPECT_EQ(Handle(SIGTTIN), 0);
  EXPECT_EQ(logger_->level(), LogLevel::kInfo);
  EXPECT_THAT(Lines(path_), ElementsAre(EndsWith(" signal 21 (SIGTTIN) received, up logging level"),
                                        EndsWith(" up log level to 6")));
  for (int i = 0; i < 20; ++i) Handle(SIGTTIN);
  EXPECT_EQ(logger_->level(), LogLevel::kPverb);
  for (int i = 0; i < 20; ++i) Handle(SIGTTOU);
  EXPECT_EQ(logger_->level(), LogLevel::kEmerg);
  EXPECT_THAT(Lines(path_).back(), EndsWith(" down log level to 0"));
}

TEST_F(SignalsTest, TheReservedOnesSaySo) {
  EXPECT_EQ(Handle(SIGUSR1), 0);
  EXPECT_EQ(Handle(SIGUSR2), 0);
  EXPECT_THAT(Lines(path_), ElementsAre(EndsWith(" signal 10 (SIGUSR1) received, which is "
                                                 "reserved for reload and has no effect"),
                                        EndsWith(" signal 12 (SIGUSR2) received, which is "
                                                 "reserved for upgrade and has no effect")));
}

TEST_F(SignalsTest, TheOnesThatEndTheProcessAreReturned) {
  for (const int signal : {SIGTERM, SIGINT, SIGQUIT}) EXPECT_EQ(Handle(signal), signal);
  EXPECT_THAT(Lines(path_), IsEmpty());
  EXPECT_EQ(SignalText(SIGQUIT), "3 (SIGQUIT)");
}

TEST_F(SignalsTest, PipeIsIgnored) {
  ::raise(SIGPIPE);
  EXPECT_EQ(Handle(SIGUSR1), 0);
}

TEST_F(SignalsTest, AnotherThreadWakes) {
  std::thread other([&] { signals_.Wake(); });
  EXPECT_EQ(signals_.Next(), 0);
  other.join();
}

TEST_F(SignalsTest, SignalsSentToThreadsStartedLaterComeToTheQueue) {
  std::thread other([] { ::kill(::getpid(), SIGTERM); });
  EXPECT_EQ(signals_.Next(), SIGTERM);
  other.join();
}

}  // namespace
}  // namespace keyway

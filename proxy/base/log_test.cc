#include "proxy/base/log.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace keyway {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::SizeIs;
using ::testing::StartsWith;

class LogTest : public ::testing::Test {
 protected:
  LogTest() {
    const std::string name = ::testing::UnitTest::GetInstance()->current_test_info()->name();
    path_ = ::testing::TempDir() + "/" + name + ".log";
    ::unlink(path_.c_str());
    logger_ = *Logger::Open(path_, LogLevel::kNotice);
  }

  static std::vector<std::string> Lines(const std::string& path) {
    std::ifstream file(path);
    std::vector<std::string> lines;
    for (std::string line; std::getline(file, line);) lines.push_back(line);
    return lines;
  }
  std::vector<std::string> Lines() const { return Lines(path_); }

  std::string path_;
  std::unique_ptr<Logger> logger_;
};

TEST_F(LogTest, ALineHasTimeLevelPlaceTextAndFields) {
  logger_->Write(LogLevel::kWarn, "server ejected", {{"pool", "alpha"}, {"failures", 2}});
  ASSERT_THAT(Lines(), SizeIs(1));
  EXPECT_THAT(Lines()[0],
              MatchesRegex("\\[[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}\\] "
                           "warn log_test\\.cc:[0-9]+ server ejected pool=alpha failures=2"));
}

TEST_F(LogTest, TheJournalIsToldTheLevel) {
  ::testing::internal::CaptureStderr();
  struct stat status = {};
  ASSERT_EQ(::fstat(STDERR_FILENO, &status), 0);
  const std::string stream = std::to_string(status.st_dev) + ":" + std::to_string(status.st_ino);
  ::setenv("JOURNAL_STREAM", stream.c_str(), 1);
  const auto journal = *Logger::Open("", LogLevel::kPverb);
  const auto json = *Logger::Open("", LogLevel::kPverb, *FindLogFormat("json"));
  const auto file = *Logger::Open(path_, LogLevel::kPverb);
  ::setenv("JOURNAL_STREAM", (stream + "1").c_str(), 1);
  const auto elsewhere = *Logger::Open("", LogLevel::kPverb);
  ::unsetenv("JOURNAL_STREAM");
  journal->Write(LogLevel::kErr, "an error");
  journal->Write(LogLevel::kPverb, "a detail");
  json->Write(LogLevel::kWarn, "a warning");
  file->Write(LogLevel::kErr, "an error");
  elsewhere->Write(LogLevel::kErr, "an error");
  EXPECT_THAT(::testing::internal::GetCapturedStderr(),
              MatchesRegex("<3>\\[.*\\] err [^\n]* an error\n"
                           "<7>\\[.*\\] pverb [^\n]* a detail\n"
                           "<4>\\{\"time\":[^\n]*\\}\n"
                           "\\[.*\\] err [^\n]* an error\n"));
  EXPECT_THAT(Lines()[0], StartsWith("["));
}

TEST_F(LogTest, LevelsAboveTheSetOneAreSilent) {
  EXPECT_TRUE(logger_->Enabled(LogLevel::kNotice));
  EXPECT_FALSE(logger_->Enabled(LogLevel::kInfo));
  logger_->Write(LogLevel::kInfo, "silent");
  logger_->SetLevel(LogLevel::kPverb);
  logger_->Write(LogLevel::kInfo, "heard");
  ASSERT_THAT(Lines(), SizeIs(1));
  EXPECT_THAT(Lines()[0], EndsWith(" heard"));
}

TEST_F(LogTest, WhatIsToldIsHeardAtEveryLevel) {
  logger_->SetLevel(LogLevel::kEmerg);
  logger_->Write(LogLevel::kAlert, "silent");
  logger_->Tell(LogLevel::kNotice, "told");
  ASSERT_THAT(Lines(), SizeIs(1));
  EXPECT_THAT(Lines()[0], HasSubstr(" notice log_test.cc:"));
}

TEST_F(LogTest, TheFormatIsAChoice) {
  const auto json = *Logger::Open(path_, LogLevel::kErr, *FindLogFormat("json"));
  json->Write(LogLevel::kErr, "heard");
  ASSERT_THAT(Lines(), SizeIs(1));
  EXPECT_THAT(Lines()[0], EndsWith(R"("text":"heard"})"));
}

TEST_F(LogTest, ReopenGoesOnInANewFileOfTheSameName) {
  logger_->Write(LogLevel::kErr, "first");
  ASSERT_EQ(::rename(path_.c_str(), (path_ + ".1").c_str()), 0);
  logger_->Write(LogLevel::kErr, "second");
  ASSERT_TRUE(logger_->Reopen().ok());
  logger_->Write(LogLevel::kErr, "third");
  EXPECT_THAT(Lines(path_ + ".1"), SizeIs(2));
  ASSERT_THAT(Lines(), SizeIs(1));
  EXPECT_THAT(Lines()[0], EndsWith("third"));
}

TEST_F(LogTest, AFailedReopenKeepsTheOldFile) {
  const std::string folder = ::testing::TempDir() + "/gone";
  std::filesystem::create_directory(folder);
  auto logger = *Logger::Open(folder + "/log", LogLevel::kErr);
  std::filesystem::remove_all(folder);
  EXPECT_FALSE(logger->Reopen().ok());
  logger->Write(LogLevel::kErr, "still there");
  EXPECT_EQ(logger->lost_lines(), 0);
}

TEST_F(LogTest, OpenSaysWhy) {
  const auto logger = Logger::Open("/nonexistent/log", LogLevel::kErr);
  ASSERT_FALSE(logger.ok());
  EXPECT_THAT(std::string(logger.status().message()), HasSubstr("/nonexistent/log"));
}

TEST_F(LogTest, LostLinesAreCounted) {
  auto logger = *Logger::Open("/dev/full", LogLevel::kErr);
  logger->Write(LogLevel::kErr, "x");
  EXPECT_EQ(logger->lost_lines(), 1);
}

// What logrotate does, while others write: each line is in exactly one of the files.
TEST_F(LogTest, RotationLosesNoLineAndBreaksNone) {
  constexpr int kThreads = 4;
  constexpr int kLines = 500;
  constexpr int kRotations = 20;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      for (int n = 0; n < kLines; ++n) {
        logger_->Write(LogLevel::kErr, "whole", {{"id", i * kLines + n}});
      }
    });
  }
  for (int n = 0; n < kRotations; ++n) {
    ASSERT_EQ(::rename(path_.c_str(), (path_ + "." + std::to_string(n)).c_str()), 0);
    EXPECT_TRUE(logger_->Reopen().ok());
    logger_->SetLevel(n % 2 == 0 ? LogLevel::kErr : LogLevel::kInfo);
  }
  for (std::thread& thread : threads) thread.join();

  std::vector<std::string> lines = Lines();
  for (int n = 0; n < kRotations; ++n) {
    for (std::string& line : Lines(path_ + "." + std::to_string(n))) lines.push_back(line);
  }
  std::set<int> ids;
  for (const std::string& line : lines) {
    ASSERT_THAT(line, MatchesRegex(".* err .* whole id=[0-9]+"));
    ids.insert(std::stoi(line.substr(line.rfind('=') + 1)));
  }
  EXPECT_THAT(lines, SizeIs(kThreads * kLines));
  EXPECT_THAT(ids, SizeIs(kThreads * kLines));
}

TEST_F(LogTest, ARateLimitTellsHowManyWereLeftOut) {
  RateLimited refused(*logger_, 2);
  RateLimited::Time now{};
  for (int i = 0; i < 10; ++i) refused.Write(now, LogLevel::kWarn, "refused", {{"i", i}});
  EXPECT_THAT(Lines(), SizeIs(2));
  now += std::chrono::milliseconds(999);
  refused.Write(now, LogLevel::kWarn, "refused");
  EXPECT_THAT(Lines(), SizeIs(2));
  now += std::chrono::milliseconds(1);
  refused.Write(now, LogLevel::kWarn, "refused again");
  ASSERT_THAT(Lines(), SizeIs(4));
  EXPECT_THAT(Lines()[1], EndsWith("refused i=1"));
  EXPECT_THAT(Lines()[2], HasSubstr("… 9 more within 1 s"));
  EXPECT_THAT(Lines()[3], EndsWith("refused again"));
}

// A dead server, with a hundred requests a second for it.
TEST_F(LogTest, WhatGoesOnForLongIsToldLessAndLess) {
  using std::chrono::seconds;
  RateLimited refused(*logger_, 5);
  RateLimited::Time now{};
  const auto run = [&](seconds time) {
    for (const auto end = now + time; now < end; now += std::chrono::milliseconds(10)) {
      refused.Write(now, LogLevel::kWarn, "refused");
    }
  };
  run(seconds(1));
  EXPECT_THAT(Lines(), SizeIs(5));
  run(seconds(60 * 60));
  const size_t hour = Lines().size();
  EXPECT_LE(hour, 6u * (6 + 60 * 60 / RateLimited::kLongestPeriod.count()));
  EXPECT_THAT(Lines().back(), EndsWith("refused"));
  // After a pause it is news again.
  now += 2 * RateLimited::kLongestPeriod;
  run(seconds(1));
  EXPECT_THAT(Lines(), SizeIs(hour + 6)) << "what was left out before, and five";
  run(seconds(1));
  EXPECT_THAT(Lines(), SizeIs(hour + 12));
}

TEST_F(LogTest, CausesHaveLimitsOfTheirOwn) {
  RateLimited one(*logger_, 1);
  RateLimited other(*logger_, 1);
  one.Write({}, LogLevel::kWarn, "one");
  one.Write({}, LogLevel::kWarn, "one");
  other.Write({}, LogLevel::kWarn, "other");
  ASSERT_THAT(Lines(), SizeIs(2));
  EXPECT_THAT(Lines()[1], EndsWith("other"));
}

TEST_F(LogTest, ATrueCheckDoesNothing) {
  KEYWAY_CHECK(1 + 1 == 2);
  EXPECT_THAT(Lines(), SizeIs(0));
}

TEST(CheckDeathTest, AFalseCheckSaysWhatAndWhereAndAborts) {
  EXPECT_DEATH(KEYWAY_CHECK(1 + 1 == 3),
               "emerg log_test\\.cc:[0-9]+ check failed condition=\"1 \\+ 1 == 3\"");
}

TEST_F(LogTest, AFalseCheckSpeaksThroughTheNamedLogger) {
  EXPECT_DEATH(
      {
        SetCheckLogger(logger_.get());
        KEYWAY_CHECK(false);
      },
      "");
  ASSERT_THAT(Lines(), SizeIs(1));
  EXPECT_THAT(Lines()[0], HasSubstr("check failed condition=false"));
}

}  // namespace
}  // namespace keyway

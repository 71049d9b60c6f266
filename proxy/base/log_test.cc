#include "proxy/base/log.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "proxy/base/limits.h"

namespace keyway {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::SizeIs;

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

TEST_F(LogTest, LevelsAboveTheSetOneAreSilent) {
  EXPECT_TRUE(logger_->Enabled(LogLevel::kNotice));
  EXPECT_FALSE(logger_->Enabled(LogLevel::kInfo));
  logger_->Write(LogLevel::kInfo, "silent");
  logger_->SetLevel(LogLevel::kPverb);
  logger_->Write(LogLevel::kInfo, "heard");
  ASSERT_THAT(Lines(), SizeIs(1));
  EXPECT_THAT(Lines()[0], EndsWith(" heard"));
}

TEST_F(LogTest, LevelNamesAreThoseOfNutcracker) {
  EXPECT_EQ(LevelName(LogLevel::kEmerg), "emerg");
  EXPECT_EQ(LevelName(static_cast<LogLevel>(5)), "notice");
  EXPECT_EQ(LevelName(static_cast<LogLevel>(11)), "pverb");
}

TEST_F(LogTest, ValuesThatAreNoPlainWordAreQuoted) {
  logger_->Write(LogLevel::kErr, "x",
                 {{"empty", ""}, {"space", "a b"}, {"quote", R"(a"b\c)"}, {"equals", "a=b"}});
  EXPECT_THAT(Lines().at(0), EndsWith(R"(x empty="" space="a b" quote="a\"b\\c" equals="a=b")"));
}

TEST_F(LogTest, PeersCannotForgeALine) {
  logger_->Write(LogLevel::kErr, "text\n[2024] emerg", {{"reply", "-ERR\r\nx"}, {"esc", "\x1b[m"}});
  ASSERT_THAT(Lines(), SizeIs(1));
  EXPECT_THAT(Lines()[0], EndsWith(R"(text\x0a[2024] emerg reply=-ERR\x0d\x0ax esc=\x1b[m)"));
}

TEST_F(LogTest, ALineHasALimit) {
  logger_->Write(LogLevel::kErr, std::string(10 * kMaxLogLineBytes, 'x'));
  ASSERT_THAT(Lines(), SizeIs(1));
  EXPECT_EQ(Lines()[0].size() + 1, kMaxLogLineBytes);
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

TEST_F(LogTest, LinesOfSeveralThreadsStayWhole) {
  constexpr int kThreads = 4;
  constexpr int kLines = 500;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < kLines; ++n) logger_->Write(LogLevel::kErr, "whole", {{"n", n}});
    });
  }
  for (int n = 0; n < 20; ++n) {
    EXPECT_TRUE(logger_->Reopen().ok());
    logger_->SetLevel(n % 2 == 0 ? LogLevel::kErr : LogLevel::kInfo);
  }
  for (std::thread& thread : threads) thread.join();
  const auto lines = Lines();
  EXPECT_THAT(lines, SizeIs(kThreads * kLines));
  for (const auto& line : lines) EXPECT_THAT(line, MatchesRegex(".* err .* whole n=[0-9]+"));
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
  EXPECT_THAT(Lines()[2], HasSubstr("… 9 more"));
  EXPECT_THAT(Lines()[3], EndsWith("refused again"));
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

#include "proxy/process/pid_file.h"

#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace keyway {
namespace {

using ::testing::HasSubstr;

class PidFileTest : public ::testing::Test {
 protected:
  PidFileTest() : path_(::testing::TempDir() + "/pid") { ::unlink(path_.c_str()); }

  bool IsThere() const { return std::filesystem::exists(path_); }
  std::string Content() const {
    std::ostringstream text;
    text << std::ifstream(path_).rdbuf();
    return text.str();
  }
  void Put(const std::string& content) const { std::ofstream(path_) << content; }
  std::unique_ptr<PidFile> Take() const {
    auto file = PidFile::Take(path_);
    EXPECT_TRUE(file.ok()) << file.status();
    return *std::move(file);
  }
  std::string ErrorOfTake() const {
    const auto file = PidFile::Take(path_);
    return file.ok() ? "taken" : std::string(file.status().message());
  }

  const std::string path_;
};

TEST_F(PidFileTest, HoldsTheNumberAndNothingElse) {
  const auto file = Take();
  ASSERT_TRUE(file->Write().ok());
  EXPECT_EQ(Content(), std::to_string(::getpid()));
  struct stat status = {};
  ASSERT_EQ(::stat(path_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0644u);
}

TEST_F(PidFileTest, GoesWithItsOwner) {
  Take()->Write().IgnoreError();
  EXPECT_FALSE(IsThere());
}

TEST_F(PidFileTest, ASecondOneIsRefusedAndToldByWhom) {
  const auto file = Take();
  EXPECT_EQ(ErrorOfTake(), "already running: a process that starts holds the pid file " + path_);
  ASSERT_TRUE(file->Write().ok());
  EXPECT_EQ(ErrorOfTake(), "already running: process " + std::to_string(::getpid()) +
                               " holds the pid file " + path_);
  EXPECT_EQ(Content(), std::to_string(::getpid()));
}

TEST_F(PidFileTest, AStaleOneIsReplaced) {
  Put("1");  // a live process that has no lock on it
  const auto file = Take();
  EXPECT_EQ(Content(), "1");
  ASSERT_TRUE(file->Write().ok());
  EXPECT_EQ(Content(), std::to_string(::getpid()));
}

TEST_F(PidFileTest, ALongerStaleOneLeavesNoDigitsBehind) {
  Put("99999999999999");
  const auto file = Take();
  ASSERT_TRUE(file->Write().ok());
  EXPECT_EQ(Content(), std::to_string(::getpid()));
}

TEST_F(PidFileTest, TheOneOfAKilledProcessIsStale) {
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const auto file = PidFile::Take(path_);
    const bool written = file.ok() && (*file)->Write().ok();
    if (::write(ready[1], &written, 1) == 1) ::pause();
    ::_exit(1);
  }
  char written = 0;
  ASSERT_EQ(::read(ready[0], &written, 1), 1);
  EXPECT_TRUE(written);
  EXPECT_THAT(ErrorOfTake(), HasSubstr("process " + std::to_string(child) + " holds"));
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  EXPECT_EQ(Content(), std::to_string(child));
  EXPECT_TRUE(Take()->Write().ok());
}

TEST_F(PidFileTest, AFailedStartLeavesNothingNewBehind) {
  Take();
  EXPECT_FALSE(IsThere());
  Put("1");
  Take();
  EXPECT_EQ(Content(), "1");
}

TEST_F(PidFileTest, AnotherFileInItsPlaceIsNotRemoved) {
  auto file = Take();
  ASSERT_TRUE(file->Write().ok());
  ::unlink(path_.c_str());
  Put("2");
  file.reset();
  EXPECT_EQ(Content(), "2");
}

TEST_F(PidFileTest, DevicesAreNeitherLockedNorRemoved) {
  const auto one = PidFile::Take("/dev/null");
  auto two = PidFile::Take("/dev/null");
  ASSERT_TRUE(one.ok() && two.ok());
  EXPECT_TRUE((*two)->Write().ok());
  two->reset();
  EXPECT_TRUE(std::filesystem::exists("/dev/null"));
}

TEST_F(PidFileTest, AFileThatCannotBeMadeIsNamed) {
  const auto file = PidFile::Take("/nonexistent/pid");
  ASSERT_FALSE(file.ok());
  EXPECT_EQ(file.status().message(),
            "cannot write the pid file /nonexistent/pid: No such file or directory");
}

}  // namespace
}  // namespace keyway

#include "proxy/process/crash_log.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <functional>
#include <memory>
#include <sstream>
#include <string>
#include <thread>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace keyway {

// Outside the unnamed namespace and never inlined, so that the stack shows it by name.
[[gnu::noinline]] void FallIntoAHole(int signal) {
  ::raise(signal);
  ::unlink("");  // not a tail call
}

int DigDown(int depth) {
  volatile char earth[4096] = {};
  earth[depth % 4096] = 1;
  return depth == 0 ? 0 : DigDown(depth - 1) + earth[0];
}

namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::StartsWith;

struct Death {
  int signal;
  std::string log;
};

// What a process leaves that logs to a file and then does `act`.
Death DieOf(const std::function<void()>& act, const std::string& format = "text") {
  const std::string path = ::testing::TempDir() + "/crash.log";
  ::unlink(path.c_str());
  const pid_t child = ::fork();
  if (child == 0) {
    const auto logger = *Logger::Open(path, LogLevel::kNotice, *FindLogFormat(format));
    LogCrashes(*logger);
    act();
    ::_exit(0);
  }
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  std::ostringstream log;
  log << std::ifstream(path).rdbuf();
  return {.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0, .log = log.str()};
}

TEST(CrashLogTest, FatalSignalsLeaveTheirNameAndTheStackInTheLog) {
  struct {
    int signal;
    std::string name;
  } const cases[] = {
      {SIGSEGV, "SIGSEGV"}, {SIGABRT, "SIGABRT"}, {SIGBUS, "SIGBUS"},
      {SIGFPE, "SIGFPE"},   {SIGILL, "SIGILL"},
  };
  for (const auto& row : cases) {
    const Death death = DieOf([&] { FallIntoAHole(row.signal); });
    EXPECT_EQ(death.signal, row.signal);
    EXPECT_THAT(death.log,
                AllOf(StartsWith("[.......................] signal " + std::to_string(row.signal) +
                                 " (" + row.name + ") received, core dumping\n"),
                      HasSubstr("FallIntoAHole")));
  }
}

TEST(CrashLogTest, OtherThreadsToo) {
  const Death death = DieOf([] { std::thread([] { FallIntoAHole(SIGSEGV); }).join(); });
  EXPECT_EQ(death.signal, SIGSEGV);
  EXPECT_THAT(death.log, HasSubstr("FallIntoAHole"));
}

TEST(CrashLogTest, AnOverflownStackIsToldFromASecondOne) {
  const Death death = DieOf([] {
    std::thread([] {
      const CrashStack stack;
      DigDown(1'000'000);
    }).join();
  });
  EXPECT_EQ(death.signal, SIGSEGV);
  EXPECT_THAT(death.log, AllOf(HasSubstr("(SIGSEGV) received"), HasSubstr("DigDown")));
}

TEST(CrashLogTest, AJsonLogStaysOne) {
  const Death death = DieOf([] { FallIntoAHole(SIGSEGV); }, "json");
  EXPECT_EQ(death.signal, SIGSEGV);
  const std::string begin =
      R"(\{"time":"20[0-9]{2}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-6][0-9]\.[0-9]{3})"
      R"(\+0000",)"
      R"("level":"emerg","place":"crash_log\.cc:[0-9]+","text":)";
  std::istringstream lines(death.log);
  std::string signal, stack, more;
  std::getline(lines, signal);
  std::getline(lines, stack);
  EXPECT_FALSE(std::getline(lines, more)) << more;
  EXPECT_THAT(signal, MatchesRegex(begin + R"("signal 11 \(SIGSEGV\) received, core dumping"\})"));
  EXPECT_THAT(stack,
              MatchesRegex(begin + R"("where it crashed","stack":\["[^"]+"(,"[^"]+")*\]\})"));
  EXPECT_THAT(stack, HasSubstr("FallIntoAHole"));
}

}  // namespace
}  // namespace keyway

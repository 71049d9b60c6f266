#include "proxy/process/detach.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>

#include "absl/strings/str_format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace keyway {
namespace {

using ::testing::HasSubstr;

// A command that detaches, and what it leaves to see: its exit code, what was printed
// until it ended, and what the daemon says afterwards over a pipe of the test's own.
class Command {
 public:
  // `daemon` runs in the detached process, with the pipe's end to say things to.
  explicit Command(const std::function<void(StartReport, int)>& daemon) {
    int printed[2];
    int said[2];
    EXPECT_EQ(::pipe2(printed, O_CLOEXEC), 0);
    EXPECT_EQ(::pipe2(said, O_CLOEXEC), 0);
    const pid_t command = ::fork();
    if (command == 0) {
      ::dup2(printed[1], STDOUT_FILENO);
      ::dup2(printed[1], STDERR_FILENO);
      ::close(printed[1]);
      absl::StatusOr<StartReport> report = Detach();
      if (report.ok()) daemon(*std::move(report), said[1]);
      ::_exit(3);
    }
    ::close(printed[1]);
    ::close(said[1]);
    int status = 0;
    EXPECT_EQ(::waitpid(command, &status, 0), command);
    exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    // Both end only when the daemon has let go of them.
    printed_ = ReadAll(printed[0]);
    said_ = ReadAll(said[0]);
  }

  int exit_code() const { return exit_code_; }
  const std::string& printed() const { return printed_; }
  const std::string& said() const { return said_; }

 private:
  static std::string ReadAll(int fd) {
    std::string text;
    char block[512];
    ssize_t size;
    while ((size = ::read(fd, block, sizeof(block))) > 0) {
      text.append(block, static_cast<size_t>(size));
    }
    ::close(fd);
    return text;
  }

  int exit_code_;
  std::string printed_;
  std::string said_;
};

std::string LinkTarget(int fd) {
  return std::filesystem::read_symlink(absl::StrFormat("/proc/self/fd/%d", fd));
}

void Say(int fd, const std::string& text) {
  if (::write(fd, text.data(), text.size()) < 0) ::_exit(4);
}

TEST(DetachTest, TheCommandEndsWell) {
  const Command command([](StartReport report, int) { report.Ready(); });
  EXPECT_EQ(command.exit_code(), 0);
  EXPECT_EQ(command.printed(), "");
}

TEST(DetachTest, TheCommandWaitsForTheReasonOfAFailure) {
  const Command command([](StartReport report, int) {
    std::fputs("no luck\n", stderr);
    const StartReport last = std::move(report);
  });
  EXPECT_EQ(command.exit_code(), 1);
  EXPECT_EQ(command.printed(), "no luck\n");
}

TEST(DetachTest, ADaemonThatDiesIsNoticed) {
  const Command command([](const StartReport&, int) { ::raise(SIGKILL); });
  EXPECT_EQ(command.exit_code(), 1);
  EXPECT_THAT(command.printed(), HasSubstr("ended before it was ready"));
}

TEST(DetachTest, TheDaemonStandsByItself) {
  const std::string folder = std::filesystem::current_path();
  const pid_t session = ::getsid(0);
  const Command command([&](StartReport report, int out) {
    report.Ready();
    const mode_t mask = ::umask(0);
    Say(out, absl::StrFormat("folder kept: %d, umask: %o, own session: %d, leader: %d\n",
                             folder == std::filesystem::current_path(), mask,
                             ::getsid(0) != session, ::getsid(0) == ::getpid()));
    for (int fd = 0; fd < 3; ++fd) Say(out, LinkTarget(fd) + "\n");
  });
  EXPECT_EQ(command.exit_code(), 0);
  EXPECT_EQ(command.said(),
            "folder kept: 1, umask: 0, own session: 1, leader: 0\n"
            "/dev/null\n/dev/null\n/dev/null\n");
}

TEST(DetachTest, WithoutItNothingIsReported) {
  StartReport report;
  report.Ready();
  EXPECT_NE(LinkTarget(STDERR_FILENO), "/dev/null");
}

TEST(OpenStandardStreamsTest, ClosedOnesAreOpened) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(0);
    ::close(2);
    OpenStandardStreams();
    const bool opened = LinkTarget(0) == "/dev/null" && LinkTarget(2) == "/dev/null" &&
                        LinkTarget(1) != "/dev/null";
    ::_exit(opened ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace keyway

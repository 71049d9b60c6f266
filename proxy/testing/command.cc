#include "proxy/testing/command.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>

#include "gtest/gtest.h"
#include "proxy/testing/process.h"

namespace keyway {
namespace {

[[noreturn]] void Become(const std::vector<std::string>& arguments, int out, int err) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::dup2(::open("/dev/null", O_RDONLY | O_CLOEXEC), STDIN_FILENO);
  ::dup2(out, STDOUT_FILENO);
  ::dup2(err, STDERR_FILENO);
  std::vector<char*> argv;
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  ::execv(argv[0], argv.data());
  ::_exit(127);
}

// A file in memory takes everything, so that nobody has to read meanwhile.
std::string TakeContent(int fd) {
  std::string text(static_cast<size_t>(::lseek(fd, 0, SEEK_END)), '\0');
  EXPECT_EQ(::pread(fd, text.data(), text.size(), 0), static_cast<ssize_t>(text.size()));
  ::close(fd);
  return text;
}

}  // namespace

CommandResult RunCommand(const std::vector<std::string>& arguments) {
  const int out = ::memfd_create("out", MFD_CLOEXEC);
  const int err = ::memfd_create("err", MFD_CLOEXEC);
  const pid_t pid = ::fork();
  if (pid == 0) Become(arguments, out, err);
  const int end = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
  pollfd ended = {.fd = end, .events = POLLIN, .revents = 0};
  const auto deadline = std::chrono::milliseconds(kTestDeadline).count();
  if (::poll(&ended, 1, static_cast<int>(deadline)) <= 0) {
    ADD_FAILURE() << arguments[0] << " does not end";
    ::kill(pid, SIGKILL);
  }
  ::close(end);
  int status = 0;
  ::waitpid(pid, &status, 0);
  return {.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1,
          .out = TakeContent(out),
          .err = TakeContent(err)};
}

}  // namespace keyway

#include "proxy/process/supervisor.h"

#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string>

#include "absl/strings/str_format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace keyway {
namespace {

using ::testing::HasSubstr;

// What systemd listens with.
class NotifySocket {
 public:
  // A leading '@' stands for the zero byte of a name that is no path.
  explicit NotifySocket(std::string name) {
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    if (name[0] == '@') name[0] = '\0';
    std::memcpy(address.sun_path, name.data(), name.size());
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
    EXPECT_EQ(::bind(fd_, reinterpret_cast<const sockaddr*>(&address), size), 0);
  }
  ~NotifySocket() { ::close(fd_); }

  std::string Read() {
    char text[256];
    const ssize_t size = ::recv(fd_, text, sizeof(text), MSG_DONTWAIT);
    return size < 0 ? "nothing" : std::string(text, static_cast<size_t>(size));
  }

 private:
  const int fd_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
};

TEST(SupervisorTest, IsToldAtAPath) {
  char folder[] = "/tmp/k.XXXXXX";
  ASSERT_NE(::mkdtemp(folder), nullptr);
  const std::string path = std::string(folder) + "/notify";
  NotifySocket socket(path);
  const Supervisor supervisor(path);
  EXPECT_TRUE(supervisor.Tell("READY=1").ok());
  EXPECT_TRUE(supervisor.Tell("STOPPING=1").ok());
  EXPECT_EQ(socket.Read(), "READY=1");
  EXPECT_EQ(socket.Read(), "STOPPING=1");
  ::unlink(path.c_str());
  ::rmdir(folder);
}

TEST(SupervisorTest, IsToldAtAnAbstractName) {
  const std::string name = absl::StrFormat("@keyway-test-%d", ::getpid());
  NotifySocket socket(name);
  EXPECT_TRUE(Supervisor(name).Tell("READY=1").ok());
  EXPECT_EQ(socket.Read(), "READY=1");
}

TEST(SupervisorTest, TheEnvironmentSaysWhere) {
  const std::string name = absl::StrFormat("@keyway-test-%d", ::getpid());
  NotifySocket socket(name);
  ::setenv("NOTIFY_SOCKET", name.c_str(), 1);
  EXPECT_TRUE(Supervisor::FromEnvironment().Tell("READY=1").ok());
  EXPECT_EQ(socket.Read(), "READY=1");
  ::unsetenv("NOTIFY_SOCKET");
  EXPECT_TRUE(Supervisor::FromEnvironment().Tell("READY=1").ok());
  EXPECT_EQ(socket.Read(), "nothing");
}

TEST(SupervisorTest, TheEnvironmentSaysHowOften) {
  const auto watchdog = [] { return Supervisor::FromEnvironment().watchdog(); };
  ::setenv("WATCHDOG_USEC", "30000000", 1);
  EXPECT_EQ(watchdog(), std::nullopt) << "there is nobody to tell";
  ::setenv("NOTIFY_SOCKET", "@keyway-test", 1);
  EXPECT_EQ(watchdog(), std::chrono::seconds(30));
  ::setenv("WATCHDOG_USEC", "3600000000", 1);
  EXPECT_EQ(watchdog(), std::chrono::hours(1));
  ::setenv("WATCHDOG_PID", std::to_string(::getpid()).c_str(), 1);
  EXPECT_EQ(watchdog(), std::chrono::hours(1));
  ::setenv("WATCHDOG_PID", "1", 1);
  EXPECT_EQ(watchdog(), std::nullopt) << "it is for another process";
  ::unsetenv("WATCHDOG_PID");
  for (const char* none : {"0", "-1", "soon", ""}) {
    ::setenv("WATCHDOG_USEC", none, 1);
    EXPECT_EQ(watchdog(), std::nullopt) << none;
  }
  ::unsetenv("WATCHDOG_USEC");
  ::unsetenv("NOTIFY_SOCKET");
}

// When clients have used all files, the manager must hear of us all the same.
TEST(SupervisorTest, ItNeedsNoMoreFiles) {
  const std::string name = absl::StrFormat("@keyway-test-%d", ::getpid());
  NotifySocket socket(name);
  const Supervisor supervisor(name);
  rlimit before = {};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit none = {.rlim_cur = 0, .rlim_max = before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  EXPECT_TRUE(supervisor.Tell("WATCHDOG=1").ok());
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_EQ(socket.Read(), "WATCHDOG=1");
}

TEST(SupervisorTest, OneThatIsGoneIsAnError) {
  const absl::Status gone = Supervisor("/nonexistent/notify").Tell("READY=1");
  EXPECT_THAT(std::string(gone.message()), HasSubstr("cannot tell the service manager"));
  const absl::Status too_long = Supervisor(std::string(200, 'x')).Tell("READY=1");
  EXPECT_THAT(std::string(too_long.message()), HasSubstr("too long"));
}

}  // namespace
}  // namespace keyway

// The built program, as an operator and a supervisor see it.
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "proxy/testing/client.h"
#include "proxy/testing/command.h"
#include "proxy/testing/process.h"

namespace keyway {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using ::testing::AllOf;
using ::testing::Each;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;

// For what gives no sign by itself: files, and processes that are not ours.
bool Await(const std::function<bool()>& done) {
  const auto deadline = steady_clock::now() + kTestDeadline;
  while (!done()) {
    if (steady_clock::now() > deadline) return false;
    ::poll(nullptr, 0, 1);
  }
  return true;
}

// -1: it did not exit.
int ExitCode(Process& process) {
  const std::optional<int> status = process.AwaitExit();
  return status && WIFEXITED(*status) ? WEXITSTATUS(*status) : -1;
}

// What systemd is to a service with Type=notify.
class ServiceManager {
 public:
  explicit ServiceManager(const std::string& path) : path_(path) {
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof(address.sun_path) - 1);
    EXPECT_EQ(::bind(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
  }
  ~ServiceManager() { ::close(socket_); }

  // Runs `start` with the environment of a service.
  void Watch(const std::function<void()>& start, std::optional<milliseconds> watchdog) {
    ::setenv("NOTIFY_SOCKET", path_.c_str(), 1);
    if (watchdog) {
      ::setenv("WATCHDOG_USEC", std::to_string(watchdog->count() * 1000).c_str(), 1);
    }
    start();
    ::unsetenv("NOTIFY_SOCKET");
    ::unsetenv("WATCHDOG_USEC");
  }

  // "nothing" if nothing comes within `time`.
  std::string Next(milliseconds time) {
    pollfd there = {.fd = socket_, .events = POLLIN, .revents = 0};
    char text[256];
    if (::poll(&there, 1, static_cast<int>(time.count())) <= 0) return "nothing";
    return std::string(text, static_cast<size_t>(::recv(socket_, text, sizeof(text), 0)));
  }

 private:
  const std::string path_;
  const int socket_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
};

class DaemonTest : public ::testing::Test {
 protected:
  DaemonTest() {
    char folder[] = "/tmp/k.XXXXXX";
    folder_ = ::mkdtemp(folder);
    WriteConfig("");
  }
  ~DaemonTest() override {
    if (const pid_t left = DaemonPid()) ::kill(left, SIGKILL);
    std::filesystem::remove_all(folder_);
  }

  std::string Path(const std::string& name) const { return folder_ + "/" + name; }
  std::string ReadFile(const std::string& name) const {
    std::ostringstream text;
    text << std::ifstream(Path(name)).rdbuf();
    return text.str();
  }
  std::string Log() const { return ReadFile("log"); }
  bool AwaitLog(const std::string& text) const {
    return Await([&] { return Log().find(text) != std::string::npos; });
  }
  // As the pid file says; 0: there is none.
  pid_t DaemonPid() const { return std::atoi(ReadFile("pid").c_str()); }

  // One pool with one server, and `more` lines.
  void WriteConfig(const std::string& more) const {
    std::ofstream(Path("yml")) << absl::StrFormat(
        "p:\n  listen: 127.0.0.1:%d\n  redis: true\n%s  servers:\n   - 127.0.0.1:%d:1 s\n",
        port_.number(), more, server_.number());
  }

  std::vector<std::string> CommandLine(const std::vector<std::string>& more) const {
    std::vector<std::string> arguments = {ProxyPath(),
                                          "-c",
                                          Path("yml"),
                                          "-o",
                                          Path("log"),
                                          "-p",
                                          Path("pid"),
                                          "-a",
                                          "127.0.0.1",
                                          "-s",
                                          std::to_string(stats_port_.number()),
                                          "--workers=1"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }
  CommandResult Command(const std::vector<std::string>& more) const {
    return RunCommand(CommandLine(more));
  }
  // In the foreground, and ready.
  Process& Start(const std::vector<std::string>& more = {}) {
    process_.emplace("proxy", CommandLine(more));
    process_->AwaitPort(stats_port_.number());
    process_->AwaitPort(port_.number());
    EXPECT_TRUE(Await([&] { return DaemonPid() != 0; }));
    return *process_;
  }

  std::string Ping() const { return Client(port_.number()).Ask({"PING"}); }

  std::string folder_;
  FreePort port_, stats_port_, server_;
  std::optional<Process> process_;
};

TEST_F(DaemonTest, TheCommandEndsWhenTheDaemonServes) {
  const CommandResult command = Command({"-d"});
  EXPECT_EQ(command.exit_code, 0);
  EXPECT_EQ(command.out + command.err, "");
  EXPECT_EQ(Ping(), "+PONG\r\n");
  const pid_t daemon = DaemonPid();
  EXPECT_NE(::getsid(daemon), ::getsid(0));
  EXPECT_THAT(Log(), HasSubstr(absl::StrFormat("started on pid %d\n", daemon)));
  struct stat status = {};
  ASSERT_EQ(::stat(Path("log").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0644u);

  ::kill(daemon, SIGTERM);
  EXPECT_TRUE(AwaitLog(" done\n"));
  EXPECT_TRUE(Await([&] { return !std::filesystem::exists(Path("pid")); }));
}

TEST_F(DaemonTest, TheCommandFailsWhenThePortIsTaken) {
  Process& other = Start();
  std::filesystem::rename(Path("pid"), Path("other"));
  const CommandResult command = Command({"-d", "-s", "1"});
  EXPECT_EQ(command.exit_code, 1);
  const std::string reason = absl::StrFormat(
      "pool 'p': cannot bind to 127.0.0.1:%d: Address already in use\n", port_.number());
  EXPECT_EQ(command.err, "nutcracker: " + reason);
  EXPECT_THAT(Log(), EndsWith(reason));
  EXPECT_FALSE(std::filesystem::exists(Path("pid")));
  EXPECT_EQ(Ping(), "+PONG\r\n");
  other.Signal(SIGTERM);
  EXPECT_EQ(ExitCode(other), 0);
}

TEST_F(DaemonTest, TheCommandFailsWhenTheConfigurationIsWrong) {
  WriteConfig("  hash: sha\n  timeout: soon\n");
  for (const char* background : {"-d", "-v5"}) {
    std::filesystem::remove(Path("log"));
    const CommandResult command = Command({background});
    EXPECT_EQ(command.exit_code, 1);
    const auto problems = AllOf(HasSubstr("yml:4:9: error: pool 'p': key 'hash': "),
                                HasSubstr("yml:5:12: error: pool 'p': key 'timeout': "));
    EXPECT_THAT(command.err, problems);
    EXPECT_THAT(command.err,
                EndsWith(absl::StrFormat(
                    "\nnutcracker: configuration file '%s' syntax is invalid\n", Path("yml"))));
    EXPECT_THAT(Log(), problems);
    EXPECT_FALSE(std::filesystem::exists(Path("pid")));
  }
}

TEST_F(DaemonTest, ASecondInstanceIsRefused) {
  Start();
  const pid_t first = DaemonPid();
  EXPECT_EQ(first, process_->pid());
  for (const char* background : {"-d", "-v5"}) {
    const CommandResult second = Command({background, "-s", "1"});
    EXPECT_EQ(second.exit_code, 1);
    EXPECT_EQ(second.err,
              absl::StrFormat("nutcracker: already running: process %d holds the pid file %s\n",
                              first, Path("pid")));
    EXPECT_EQ(DaemonPid(), first);
  }
  process_->Signal(SIGTERM);
  EXPECT_EQ(ExitCode(*process_), 0);
  EXPECT_FALSE(std::filesystem::exists(Path("pid")));
}

TEST_F(DaemonTest, NothingLeftByKillPreventsAStart) {
  std::ofstream(Path("yml")) << absl::StrFormat(
      "p:\n  listen: %s 0600\n  redis: true\n  servers:\n   - 127.0.0.1:%d:1 s\n", Path("socket"),
      server_.number());
  for (int start = 0; start < 3; ++start) {
    const CommandResult command = Command({"-d"});
    EXPECT_EQ(command.exit_code, 0) << command.err;
    EXPECT_EQ(Client(Path("socket")).Ask({"PING"}), "+PONG\r\n");
    const pid_t daemon = DaemonPid();
    ::kill(daemon, SIGKILL);
    EXPECT_TRUE(Await([&] { return ::kill(daemon, 0) != 0; }));
    EXPECT_TRUE(std::filesystem::exists(Path("pid")));
    EXPECT_TRUE(std::filesystem::exists(Path("socket")));
  }
}

TEST_F(DaemonTest, SignalsAreLoggedInNutcrackersWords) {
  Process& proxy = Start({"-v", "0"});
  struct {
    int signal;
    std::string text;
  } const cases[] = {
      {SIGHUP, "signal 1 (SIGHUP) received, reopening log file\n"},
      {SIGTTIN, "signal 21 (SIGTTIN) received, up logging level\n"},
      {SIGTTIN, "up log level to 2\n"},
      {SIGTTOU, "signal 22 (SIGTTOU) received, down logging level\n"},
      {SIGUSR1, "signal 10 (SIGUSR1) received, which is reserved for reload"},
      {SIGUSR2, "signal 12 (SIGUSR2) received, which is reserved for upgrade"},
  };
  for (const auto& row : cases) {
    proxy.Signal(row.signal);
    EXPECT_TRUE(AwaitLog(row.text)) << row.text << " is not in:\n" << Log();
  }
  proxy.Signal(SIGPIPE);
  EXPECT_EQ(Ping(), "+PONG\r\n");
  proxy.Signal(SIGINT);
  EXPECT_EQ(ExitCode(proxy), 0);
  EXPECT_THAT(Log(), HasSubstr("signal 2 (SIGINT) received, exiting when "));
}

TEST_F(DaemonTest, ASecondSignalEndsTheDrain) {
  RedisServer redis;
  std::ofstream(Path("yml")) << absl::StrFormat(
      "p:\n  listen: 127.0.0.1:%d\n  redis: true\n  servers:\n   - 127.0.0.1:%d:1 s\n",
      port_.number(), redis.port());
  EXPECT_EQ(Client(redis.port()).Ask({"CLIENT", "PAUSE", "60000"}), "+OK\r\n");
  Process& proxy = Start();
  Client waits(port_.number());
  waits.Send(Resp({"GET", "k"}));
  EXPECT_EQ(Ping(), "+PONG\r\n");  // and so the only worker has seen the GET

  proxy.Signal(SIGTERM);
  ASSERT_TRUE(AwaitLog("signal 15 (SIGTERM) received, exiting when "));
  proxy.Signal(SIGHUP);
  EXPECT_TRUE(AwaitLog("log file reopened"));
  proxy.Signal(SIGTERM);
  EXPECT_EQ(ExitCode(proxy), 1);
  EXPECT_THAT(Log(), EndsWith("signal 15 (SIGTERM) received again, exiting at once\n"));
  EXPECT_FALSE(std::filesystem::exists(Path("pid")));
}

// Clients of an application's pool do not look at their connections before they need one.
TEST_F(DaemonTest, IdleClientsDoNotHoldUpTheStop) {
  Process& proxy = Start({"--workers=2"});
  std::deque<Client> idle;
  for (int i = 0; i < 50; ++i)
    EXPECT_EQ(idle.emplace_back(port_.number()).Ask({"PING"}), "+PONG\r\n");
  const auto begin = steady_clock::now();
  proxy.Signal(SIGTERM);
  EXPECT_EQ(ExitCode(proxy), 0);
  // kDrainLinger, and much for a machine that is busy with other tests.
  EXPECT_LT(steady_clock::now() - begin, milliseconds(1000));
  for (Client& client : idle) EXPECT_EQ(client.ReadUntilClosed(), "");
}

TEST_F(DaemonTest, ACrashLeavesItsStackInTheLog) {
  Process& proxy = Start();
  // All threads do their work by now.
  EXPECT_EQ(Ping(), "+PONG\r\n");
  EXPECT_NE(Client(stats_port_.number()).ReadUntilClosed(), "");
  proxy.Signal(SIGSEGV);
  const std::optional<int> status = proxy.AwaitExit();
  EXPECT_TRUE(status && WIFSIGNALED(*status) && WTERMSIG(*status) == SIGSEGV);
  // The system gives the signal to any thread, and each of them runs something of ours.
  EXPECT_THAT(Log(), AllOf(HasSubstr("signal 11 (SIGSEGV) received, core dumping\n0x"),
                           HasSubstr(" keyway::")));
}

TEST_F(DaemonTest, TheServiceManagerIsTold) {
  ServiceManager manager(Path("notify"));
  manager.Watch([&] { process_.emplace("proxy", CommandLine({})); }, std::nullopt);
  EXPECT_EQ(manager.Next(kTestDeadline), "READY=1");
  EXPECT_EQ(Ping(), "+PONG\r\n");
  process_->Signal(SIGTERM);
  EXPECT_EQ(manager.Next(kTestDeadline), "STOPPING=1");
  EXPECT_EQ(ExitCode(*process_), 0);
  EXPECT_EQ(manager.Next(milliseconds(0)), "nothing");
}

// The log is a pipe that nobody empties. The line about the server that is down does not
// fit any more, and so the worker hangs in the middle of a request.
TEST_F(DaemonTest, AWorkerThatHangsEndsTheSignsOfLife) {
  constexpr milliseconds kWatchdog{400};
  ASSERT_EQ(::mkfifo(Path("pipe").c_str(), 0600), 0);
  const int pipe = ::open(Path("pipe").c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC);
  ServiceManager manager(Path("notify"));
  manager.Watch([&] { process_.emplace("proxy", CommandLine({"-o", Path("pipe")})); }, kWatchdog);
  EXPECT_EQ(manager.Next(kTestDeadline), "READY=1");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(manager.Next(kTestDeadline), "WATCHDOG=1");

  while (::write(pipe, "x", 1) == 1) {
  }
  Client client(port_.number());
  client.Send(Resp({"GET", "k"}));
  // What was on its way, and then nothing.
  while (manager.Next(2 * kWatchdog) != "nothing") {
  }
  char bytes[4096];
  while (::read(pipe, bytes, sizeof(bytes)) > 0) {
  }
  EXPECT_THAT(client.ReadReplies(Protocol::kRedis, 1), Each(HasSubstr("refused")));
  EXPECT_EQ(manager.Next(kTestDeadline), "WATCHDOG=1");
  process_->Signal(SIGTERM);
  EXPECT_EQ(ExitCode(*process_), 0);
  ::close(pipe);
}

TEST_F(DaemonTest, TheLogAsJson) {
  Process& proxy = Start({"--log-format=json"});
  EXPECT_THAT(Client(port_.number()).Ask({"GET", "k"}), HasSubstr("refused"));
  proxy.Signal(SIGTERM);
  EXPECT_EQ(ExitCode(proxy), 0);
  std::vector<std::string> lines;
  std::istringstream log(Log());
  for (std::string line; std::getline(log, line);) lines.push_back(line);
  EXPECT_GE(lines.size(), 4u);
  EXPECT_THAT(lines, Each(MatchesRegex(R"(\{"time":"[^"]+","level":"[a-z]+","place":"[^"]+",)"
                                       R"("text":"[^"]+"(,"[a-z_]+":("[^"]*"|[0-9]+))*\})")));
}

TEST_F(DaemonTest, WithoutALogFileLinesGoToStderr) {
  Process& proxy = Start({"-o", ""});
  proxy.Signal(SIGTERM);
  EXPECT_EQ(ExitCode(proxy), 0);
  EXPECT_THAT(proxy.Log(), AllOf(HasSubstr(" ready\n"), HasSubstr(" done\n")));
}

// logrotate's work, while each request to one of many dead servers leaves a line.
TEST_F(DaemonTest, RotationUnderLoadLosesNoLine) {
  constexpr int kServers = 60;
  constexpr int kRequests = 3;  // a second's worth of lines about one server
  constexpr int kRotations = 20;
  std::ofstream config(Path("yml"));
  std::vector<std::unique_ptr<FreePort>> dead, pools;
  for (int i = 0; i < kServers; ++i) {
    dead.push_back(std::make_unique<FreePort>());
    pools.push_back(std::make_unique<FreePort>());
    config << absl::StrFormat(
        "p%d:\n  listen: 127.0.0.1:%d\n  redis: true\n  servers:\n   - 127.0.0.1:%d:1 s%d\n", i,
        pools.back()->number(), dead.back()->number(), i);
  }
  config.close();
  process_.emplace("proxy", CommandLine({}));
  process_->AwaitPort(stats_port_.number());

  std::thread load([&] {
    for (int n = 0; n < kRequests; ++n) {
      for (int i = 0; i < kServers; ++i) {
        EXPECT_THAT(Client(pools[i]->number()).Ask({"GET", "k"}), HasSubstr("refused"));
      }
    }
  });
  std::vector<std::string> files = {"log"};
  for (int n = 0; n < kRotations; ++n) {
    const std::string old = "log." + std::to_string(n);
    std::filesystem::rename(Path("log"), Path(old));
    files.push_back(old);
    process_->Signal(SIGHUP);
    ASSERT_TRUE(AwaitLog("log file reopened"));
  }
  load.join();
  process_->Signal(SIGTERM);
  EXPECT_EQ(ExitCode(*process_), 0);

  std::string all;
  for (const std::string& file : files) all += ReadFile(file);
  std::istringstream lines(all);
  int failures = 0;
  for (std::string line; std::getline(lines, line);) {
    EXPECT_THAT(line, MatchesRegex(R"(\[[-0-9 :.]+\] [a-z]+ [a-z_]+\.cc:[0-9]+ .*)"));
    if (line.find(" server connection failed ") != std::string::npos) ++failures;
  }
  EXPECT_EQ(failures, kServers * kRequests);
}

}  // namespace
}  // namespace keyway

#include "proxy/testing/process.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <utility>

#include "gtest/gtest.h"
#include "proxy/testing/client.h"

namespace keyway {
namespace {

using std::chrono::steady_clock;

// Between two looks at a port, which gives no sign by itself.
constexpr std::chrono::milliseconds kPollInterval{2};

sockaddr_in Loopback(uint16_t port) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

bool SomebodyListens(uint16_t port) {
  const sockaddr_in address = Loopback(port);
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const bool listens =
      ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
  ::close(fd);
  return listens;
}

std::string Variable(const char* name) {
  const char* value = ::getenv(name);
  EXPECT_NE(nullptr, value) << name << " is not set by the BUILD rule of this test";
  return value == nullptr ? "" : value;
}

// What the child does between fork and exec.
[[noreturn]] void Become(const std::vector<std::string>& arguments, int log, pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(1);
  ::dup2(::open("/dev/null", O_RDONLY), 0);
  ::dup2(log, 1);
  ::dup2(log, 2);
  std::vector<char*> argv;
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  ::execv(argv[0], argv.data());
  ::dprintf(2, "cannot run %s: %s\n", argv[0], ::strerror(errno));
  ::_exit(127);
}

}  // namespace

FreePort::FreePort() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  // With SO_REUSEADDR at both ends the port can be listened on although it is bound
  // here, and the kernel gives it to nobody who asks for any port.
  const int on = 1;
  ::setsockopt(socket_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  sockaddr_in address = Loopback(0);
  socklen_t size = sizeof(address);
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  EXPECT_EQ(0, ::bind(socket_, generic, size)) << ::strerror(errno);
  EXPECT_EQ(0, ::getsockname(socket_, generic, &size));
  number_ = ntohs(address.sin_port);
}

FreePort::~FreePort() { ::close(socket_); }

Process::Process(std::string name, std::vector<std::string> arguments)
    : name_(std::move(name)), log_(::memfd_create("log", MFD_CLOEXEC)) {
  const pid_t parent = ::getpid();
  pid_ = ::fork();
  if (pid_ == 0) Become(arguments, log_, parent);
  end_ = static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0));
}

Process::~Process() {
  Kill();
  if (::testing::Test::HasFailure()) {
    std::fprintf(stderr, "---- %s (pid %d) printed:\n%s----\n", name_.c_str(), pid_, Log().c_str());
  }
  ::close(log_);
  ::close(end_);
}

bool Process::EndsWithin(std::chrono::milliseconds time) {
  if (status_) return true;
  pollfd end = {.fd = end_, .events = POLLIN, .revents = 0};
  if (::poll(&end, 1, static_cast<int>(time.count())) <= 0) return false;
  int status = 0;
  ::waitpid(pid_, &status, 0);
  status_ = status;
  return true;
}

bool Process::AwaitPort(uint16_t port) {
  const auto deadline = steady_clock::now() + kTestDeadline;
  while (!SomebodyListens(port)) {
    if (EndsWithin(kPollInterval) || steady_clock::now() > deadline) {
      ADD_FAILURE() << name_ << " does not listen on port " << port;
      return false;
    }
  }
  return true;
}

void Process::Signal(int signal) {
  if (!EndsWithin({})) ::kill(pid_, signal);
}

void Process::Kill() {
  Signal(SIGKILL);
  AwaitExit();
}

std::optional<int> Process::AwaitExit() {
  EndsWithin(kTestDeadline);
  return status_;
}

std::string Process::Log() const {
  std::string text;
  char bytes[4096];
  for (off_t at = 0;; at = static_cast<off_t>(text.size())) {
    const ssize_t count = ::pread(log_, bytes, sizeof(bytes), at);
    if (count <= 0) return text;
    text.append(bytes, static_cast<size_t>(count));
  }
}

std::string RedisServerPath() { return Variable("REDIS_SERVER"); }
std::string MemcachedPath() { return Variable("MEMCACHED"); }
std::string NutcrackerPath() { return Variable("NUTCRACKER"); }
std::string ProxyPath() { return Variable("PROXY"); }

RedisServer::RedisServer(std::vector<std::string> more_arguments)
    : arguments_({RedisServerPath(), "--port", std::to_string(port_.number()), "--bind",
                  "127.0.0.1", "--save", "", "--dir", Variable("TEST_TMPDIR")}) {
  arguments_.insert(arguments_.end(), more_arguments.begin(), more_arguments.end());
  Restart();
}

void RedisServer::Restart() {
  process_.reset();
  process_.emplace("redis-server", arguments_);
  process_->AwaitPort(port());
}

Memcached::Memcached() {
  // As root it wants to be told to stay that; for others -u has no effect.
  process_.emplace("memcached",
                   std::vector<std::string>{MemcachedPath(), "-l", "127.0.0.1", "-p",
                                            std::to_string(port()), "-U", "0", "-u", "root"});
  process_->AwaitPort(port());
}

ProxyProcess::ProxyProcess(const std::string& path, const std::string& config,
                           std::vector<uint16_t> ports, std::vector<std::string> more_arguments) {
  config_file_ = Variable("TEST_TMPDIR") + "/" + std::to_string(stats_port_.number()) + ".yml";
  std::ofstream(config_file_) << config;
  std::vector<std::string> arguments = {path,        "-c", config_file_,
                                        "-o",        "",   "-a",
                                        "127.0.0.1", "-s", std::to_string(stats_port_.number()),
                                        "-i",        "10"};
  arguments.insert(arguments.end(), more_arguments.begin(), more_arguments.end());
  process_.emplace(path.substr(path.rfind('/') + 1), std::move(arguments));
  ports.push_back(stats_port_.number());
  for (const uint16_t port : ports) {
    if (!process_->AwaitPort(port)) break;
  }
}

ProxyProcess::~ProxyProcess() { ::unlink(config_file_.c_str()); }

std::string ProxyProcess::Stats() const {
  Client reader(stats_port_.number());
  reader.SendEnd();  // else ours would wait for it to speak
  return reader.ReadUntilClosed();
}

}  // namespace keyway

// The sockets of the program as one sees them from outside, and beside them nutcracker's.
#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "proxy/net/address.h"
#include "proxy/testing/both_programs.h"
#include "proxy/testing/client.h"
#include "proxy/testing/command.h"
#include "proxy/testing/fake_server.h"
#include "proxy/testing/process.h"
#include "proxy/testing/stage.h"
#include "proxy/testing/wire.h"

namespace keyway {
namespace {

using ::testing::HasSubstr;

Address AddressOf(const std::string& host, uint16_t port) {
  return *Resolve({.host = host, .port = port, .path = ""});
}

// A pool "p" that listens at `listen`.
std::string Config(const std::string& listen, const std::string& settings,
                   const std::string& server) {
  return absl::StrFormat("p:\n  listen: %s\n  redis: true\n%s  servers:\n   - %s:1 s1\n", listen,
                         settings, server);
}

std::string Tcp(const std::string& host, uint16_t port) {
  return absl::StrFormat("%s:%d", host, port);
}

class SocketsTest : public BothProgramsTest {
 protected:
  SocketsTest() {
    char folder[] = "/tmp/k.XXXXXX";
    folder_ = ::mkdtemp(folder);
  }
  ~SocketsTest() override { std::filesystem::remove_all(folder_); }

  std::string Path(const std::string& name) const { return folder_ + "/" + name; }
  std::string PoolAt(const std::string& listen) const {
    return Config(listen, "", Tcp("127.0.0.1", dead_.number()));
  }
  // Listening there, which may be a unix socket.
  std::unique_ptr<ProxyProcess> StartAt(const std::string& listen) const {
    FreePort port;
    // The second pool is opened last, and over TCP one can wait for it.
    return Start(PoolAt(listen) + "pp:\n  listen: " + Tcp("127.0.0.1", port.number()) +
                     "\n  servers:\n   - 127.0.0.1:1:1\n",
                 {port.number()});
  }
  // Runs the proxy with this configuration until it ends by itself.
  CommandResult Run(const std::string& config) const {
    std::ofstream(Path("yml")) << config;
    FreePort stats;
    return RunCommand({ProxyPath(), "-c", Path("yml"), "-o", "", "-a", "127.0.0.1", "-s",
                       std::to_string(stats.number())});
  }
  mode_t ModeOf(const std::string& name) const {
    struct stat status = {};
    EXPECT_EQ(::lstat(Path(name).c_str(), &status), 0);
    return status.st_mode;
  }
  static void Stop(ProxyProcess& proxy) {
    proxy.process().Signal(SIGTERM);
    EXPECT_TRUE(proxy.process().AwaitExit().has_value());
  }

  std::string folder_;
  FreePort port_;
  FreePort dead_;
};

bool HasIpv6() {
  std::ifstream addresses("/proc/net/if_inet6");
  const std::string all(std::istreambuf_iterator<char>(addresses), {});
  return all.find("00000000000000000000000000000001 ") != all.npos;
}

TEST_P(SocketsTest, Ipv6OnBothSides) {
  if (!HasIpv6()) GTEST_SKIP() << "there is no ::1 here";
  KernelStage stage(ours() ? ProxyPath() : NutcrackerPath(), {});
  const Address listen = AddressOf("::1", stage.PortOf("p"));
  FakeServer server(stage.loop(), Protocol::kRedis, AddressOf("::1", stage.PortOf("s1")),
                    [&](const std::vector<std::string>&) {
                      stage.Changed();
                      return "$5\r\nsix:6\r\n";
                    });
  stage.StartProxy(Config(Tcp("::1", stage.PortOf("p")), "", Tcp("::1", stage.PortOf("s1"))), {});
  // nutcracker opens its pools after the port of the statistics.
  std::unique_ptr<Party> client;
  do {
    client = std::make_unique<Party>(stage.loop(), listen, [&](Party&) { stage.Changed(); });
    client->Send(Resp({"GET", "k"}));
    stage.RunUntil([&] { return client->ended() || !client->received().empty(); });
  } while (client->error() == ECONNREFUSED);
  EXPECT_EQ("$5\r\nsix:6\r\n", client->received());
}

TEST_P(SocketsTest, AUnixListenerHasTheModeThatIsConfigured) {
  struct {
    std::string listen;
    std::string name;
    mode_t mode;
  } const cases[] = {
      {"socket", "socket", 0755},
      {"socket 0777", "socket", 0777},
      {"socket 600", "socket", 0600},
      {"socket 0", "socket", 0755},
      {"socket 0888", "socket", 0755},
      {"socket rw", "socket", 0755},
      {"so cket 6 0660", "so cket 6", 0660},
  };
  const mode_t umask = ::umask(022);
  for (const auto& row : cases) {
    const auto proxy = StartAt(Path(row.listen));
    EXPECT_EQ(ModeOf(row.name), S_IFSOCK | row.mode) << row.listen;
    Stop(*proxy);
    // nutcracker leaves it behind.
    EXPECT_EQ(std::filesystem::exists(Path(row.name)), !ours());
  }
  ::umask(umask);
}

TEST_P(SocketsTest, AUnixListenerOfALiveProcess) {
  const auto first = StartAt(Path("socket"));
  const auto second = ours() ? nullptr : StartAt(Path("socket"));
  if (ours()) {
    const CommandResult refused = Run(PoolAt(Path("socket")));
    EXPECT_EQ(refused.exit_code, 1);
    EXPECT_THAT(refused.err, HasSubstr("pool 'p': cannot bind to " + Path("socket") +
                                       ": Address already in use"));
    EXPECT_EQ("+PONG\r\n", Client(Path("socket")).Ask({"PING"}));
  }
  // nutcracker has taken it from the first, which nobody reaches any more.
  first->process().Kill();
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const Address address = *Resolve({.host = "", .port = 0, .path = Path("socket")});
  EXPECT_EQ(::connect(fd, address.get(), address.size) == 0, !ours());
  ::close(fd);
}

// Where nutcracker does not do so well.
class OurSocketsTest : public SocketsTest {};

TEST_P(OurSocketsTest, AUnixListenerReplacesOneThatACrashLeftBehind) {
  for (int start = 0; start < 2; ++start) {
    const auto proxy = StartAt(Path("socket"));
    EXPECT_EQ("+PONG\r\n", Client(Path("socket")).Ask({"PING"}));
    proxy->process().Kill();
    EXPECT_TRUE(std::filesystem::exists(Path("socket")));
  }
}

TEST_P(OurSocketsTest, AUnixListenerLeavesAFileThatIsNoSocket) {
  std::ofstream(Path("socket")) << "precious";
  EXPECT_EQ(Run(PoolAt(Path("socket"))).exit_code, 1);
  EXPECT_EQ(std::filesystem::file_size(Path("socket")), 8u);
}

TEST_P(OurSocketsTest, AUnixListenerLeavesTheOneThatHasTakenItsPlace) {
  const auto first = StartAt(Path("socket"));
  std::filesystem::remove(Path("socket"));
  const auto second = StartAt(Path("socket"));
  Stop(*first);
  EXPECT_EQ("+PONG\r\n", Client(Path("socket")).Ask({"PING"}));
  Stop(*second);
  EXPECT_FALSE(std::filesystem::exists(Path("socket")));
}

// Whether the established connection with these ports, 0 for any, has a timer for
// keepalive, as the kernel lists it: nothing is under way on it.
std::optional<bool> HasKeepaliveTimer(uint16_t local, uint16_t remote) {
  std::ifstream list("/proc/net/tcp");
  std::string line;
  std::getline(list, line);
  while (std::getline(list, line)) {
    unsigned local_port = 0, remote_port = 0, state = 0, timer = 0;
    if (std::sscanf(line.c_str(), " %*d: %*x:%x %*x:%x %x %*x:%*x %x:", &local_port, &remote_port,
                    &state, &timer) != 4) {
      continue;
    }
    const bool fits = (local == 0 || local_port == local) && (remote == 0 || remote_port == remote);
    if (fits && state == 1) return timer == 2;
  }
  return std::nullopt;
}

TEST_P(SocketsTest, KeepaliveOnBothSidesIfConfigured) {
  for (const bool on : {false, true}) {
    RedisServer redis({"--tcp-keepalive", "0"});
    FreePort port;
    const auto proxy = Start(Config(Tcp("127.0.0.1", port.number()),
                                    absl::StrFormat("  tcpkeepalive: %s\n", on ? "true" : "false"),
                                    Tcp("127.0.0.1", redis.port())),
                             {port.number()});
    Client client(port.number());
    EXPECT_EQ("$-1\r\n", client.Ask({"GET", "k"}));
    EXPECT_EQ(HasKeepaliveTimer(port.number(), 0), on) << "of the client";
    // nutcracker's has none, although its documentation says that it is for servers.
    EXPECT_EQ(HasKeepaliveTimer(0, redis.port()), on && ours()) << "of the server";
  }
}

// How many connects to the port succeed while nobody accepts them.
int CountWaitingConnects(const Address& address, int most) {
  std::vector<int> sockets;
  int connected = 0;
  while (static_cast<int>(sockets.size()) < most) {
    const int fd =
        ::socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    sockets.push_back(fd);
    if (::connect(fd, address.get(), address.size) != 0) {
      // On the loopback interface the handshake is over in no time.
      pollfd done = {.fd = fd, .events = POLLOUT, .revents = 0};
      if (::poll(&done, 1, 100) == 0) break;
    }
    ++connected;
  }
  for (const int fd : sockets) ::close(fd);
  return connected;
}

TEST_P(SocketsTest, BacklogBoundsTheConnectionsThatWait) {
  for (const int backlog : {1, 7}) {
    FreePort port;
    const auto proxy =
        Start(Config(Tcp("127.0.0.1", port.number()), absl::StrFormat("  backlog: %d\n", backlog),
                     Tcp("127.0.0.1", dead_.number())),
              {port.number()});
    Client last(port.number());
    EXPECT_EQ("+PONG\r\n", last.Ask({"PING"}));  // and so all before it are accepted
    proxy->process().Signal(SIGSTOP);
    siginfo_t stopped = {};
    ASSERT_EQ(::waitid(P_PID, static_cast<id_t>(proxy->process().pid()), &stopped, WSTOPPED), 0);
    EXPECT_EQ(CountWaitingConnects(AddressOf("127.0.0.1", port.number()), 100), backlog + 1);
    proxy->process().Signal(SIGCONT);
  }
}

TEST_P(OurSocketsTest, APortIsSharedByWorkersAndWithOtherProcessesOnlyOnDemand) {
  const std::string config = PoolAt(Tcp("127.0.0.1", port_.number()));
  {
    ProxyProcess first(ProxyPath(), config, {port_.number()}, {"--workers=3"});
    const CommandResult second = Run(config);
    EXPECT_EQ(second.exit_code, 1);
    EXPECT_THAT(second.err, HasSubstr("Address already in use"));
  }
  const std::string shared =
      Config(Tcp("127.0.0.1", port_.number()), "  reuse_port: true\n", "127.0.0.1:1");
  ProxyProcess first(ProxyPath(), shared, {port_.number()}, {"--workers=1"});
  ProxyProcess second(ProxyPath(), shared, {port_.number()}, {"--workers=1"});
  Stop(first);
  EXPECT_EQ("+PONG\r\n", Client(port_.number()).Ask({"PING"}));
}

INSTANTIATE_TEST_SUITE_P(Both, SocketsTest, BothPrograms(), ProgramName);
INSTANTIATE_TEST_SUITE_P(Ours, OurSocketsTest, ::testing::Values(Program::kOurs), ProgramName);

}  // namespace
}  // namespace keyway

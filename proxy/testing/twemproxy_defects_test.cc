// Defects of nutcracker that the proxy does not have: each is shown by nutcracker itself.
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "proxy/testing/both_programs.h"
#include "proxy/testing/client.h"
#include "proxy/testing/command.h"
#include "proxy/testing/fake_server.h"
#include "proxy/testing/flat_json.h"
#include "proxy/testing/party.h"
#include "proxy/testing/process.h"
#include "proxy/testing/stage.h"
#include "proxy/testing/wire.h"

namespace keyway {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string ReadFile(const std::string& path) {
  std::ostringstream content;
  content << std::ifstream(path).rdbuf();
  return content.str();
}

class TwemproxyDefectsTest : public BothProgramsTest {
 protected:
  TwemproxyDefectsTest() {
    char folder[] = "/tmp/k.XXXXXX";
    folder_ = ::mkdtemp(folder);
  }
  ~TwemproxyDefectsTest() override { std::filesystem::remove_all(folder_); }

  std::string Config(const std::string& settings, const std::vector<std::string>& servers) const {
    std::string config =
        absl::StrFormat("p:\n  listen: 127.0.0.1:%d\n  distribution: modula\n%s  servers:\n",
                        port_.number(), settings);
    for (const std::string& server : servers) config += "   - " + server + "\n";
    return config;
  }
  std::unique_ptr<ProxyProcess> StartPool(const std::string& settings,
                                          const std::vector<std::string>& servers,
                                          std::vector<std::string> arguments = {}) const {
    return Start(Config(settings, servers), {port_.number()}, std::move(arguments));
  }
  static std::string Tcp(uint16_t port, const std::string& name) {
    return absl::StrFormat("127.0.0.1:%d:1 %s", port, name);
  }

  std::string folder_;
  FreePort port_, dead_;
};

// In which database a key is that was set through the proxy.
int DatabaseOf(const RedisServer& server, const std::string& key, int most) {
  Client direct(server.port());
  direct.Ask({"AUTH", "secret"});
  for (int database = 0; database <= most; ++database) {
    direct.Ask({"SELECT", std::to_string(database)});
    if (direct.Ask({"EXISTS", key}) == ":1\r\n") return database;
  }
  return -1;
}

TEST_P(TwemproxyDefectsTest, DataIsInTheWrongDatabase) {
  const std::string path = folder_ + "/s";
  RedisServer with_password({"--requirepass", "secret"}), on_unix_socket({"--unixsocket", path});
  {
    const auto proxy = StartPool("  redis: true\n  redis_auth: secret\n  redis_db: 3\n",
                                 {Tcp(with_password.port(), "one")});
    Client client(port_.number());
    EXPECT_EQ("+OK\r\n", client.Ask({"AUTH", "secret"}));
    EXPECT_EQ("+OK\r\n", client.Ask({"SET", "k", "v"}));
    EXPECT_EQ(DatabaseOf(with_password, "k", 3), ours() ? 3 : 0);
  }
  const auto proxy = StartPool("  redis: true\n  redis_db: 3\n", {path + ":1 one"});
  EXPECT_EQ("+OK\r\n", Client(port_.number()).Ask({"SET", "k", "v"}));
  EXPECT_EQ(DatabaseOf(on_unix_socket, "k", 3), ours() ? 3 : 0);
}

TEST_P(TwemproxyDefectsTest, NamesBreakTheJsonOfTheStatistics) {
  const auto proxy = StartPool("", {Tcp(dead_.number(), "\"q\\")});
  const auto fields = ReadFlatJson(proxy->Stats());
  EXPECT_EQ(fields.has_value(), ours());
}

// nutcracker reads past the end of it.
TEST_P(TwemproxyDefectsTest, ANullListInAnswerToASplitIsACrash) {
  KernelStage stage(ours() ? ProxyPath() : NutcrackerPath(), {});
  const auto answer = [&](const std::vector<std::string>& words) {
    stage.Changed();
    return words[0] == "mget" ? "*-1\r\n" : "$1\r\nv\r\n";
  };
  FakeServer one(stage.loop(), Protocol::kRedis, stage.AddressOf("s1"), answer);
  FakeServer two(stage.loop(), Protocol::kRedis, stage.AddressOf("s2"), answer);
  stage.StartProxy(
      absl::StrFormat(
          "p:\n  listen: 127.0.0.1:%d\n  redis: true\n"
          "  distribution: modula\n  servers:\n   - 127.0.0.1:%d:1 s1\n   - 127.0.0.1:%d:1 s2\n",
          stage.PortOf("p"), stage.PortOf("s1"), stage.PortOf("s2")),
      {stage.PortOf("p")});
  Party client(stage.loop(), stage.AddressOf("p"), [&](Party&) { stage.Changed(); });
  client.Send(Resp({"MGET", "a", "b", "c", "d", "e"}));
  EXPECT_TRUE(stage.RunUntil([&] { return client.ended() || !client.received().empty(); }));
  if (ours()) {
    EXPECT_THAT(client.received(), HasSubstr("unexpected reply to 'mget'"));
    EXPECT_FALSE(client.ended());
  } else {
    const std::optional<int> status = stage.proxy().process().AwaitExit();
    EXPECT_TRUE(status && WIFSIGNALED(*status) && WTERMSIG(*status) == SIGSEGV);
  }
}

// memcached takes the line feed for the end of the first request.
TEST_P(TwemproxyDefectsTest, ALineFeedInAKeySmugglesCommands) {
  KernelStage stage(ours() ? ProxyPath() : NutcrackerPath(), {});
  FakeServer one(stage.loop(), Protocol::kMemcache, stage.AddressOf("s1"),
                 [&](const std::vector<std::string>&) {
                   stage.Changed();
                   return "END\r\n";
                 });
  stage.StartProxy(absl::StrFormat("p:\n  listen: 127.0.0.1:%d\n  servers:\n"
                                   "   - 127.0.0.1:%d:1 s1\n",
                                   stage.PortOf("p"), stage.PortOf("s1")),
                   {stage.PortOf("p")});
  Party client(stage.loop(), stage.AddressOf("p"), [&](Party&) { stage.Changed(); });
  client.Send("get x\nflush_all\r\n");
  EXPECT_TRUE(stage.RunUntil([&] { return !client.received().empty(); }));
  EXPECT_THAT(client.received(), StartsWith(Either("END\r\n", "CLIENT_ERROR ")));
  EXPECT_EQ(one.requests(), Either("get x\nflush_all\r\n", ""));
}

// The number of keys may stand at the end of a buffer.
TEST_P(TwemproxyDefectsTest, ScriptsOfSomeLengthsCloseTheConnection) {
  RedisServer redis;
  const auto proxy = StartPool("  redis: true\n", {Tcp(redis.port(), "one")}, {"-m", "512"});
  bool closed = false;
  for (size_t size = 400; size < 470 && !closed; ++size) {
    std::string script = "return 1 --";
    script.resize(size, '-');
    Client client(port_.number());
    client.Send(Resp({"EVAL", script, "1", "k"}));
    client.SendEnd();
    const std::string reply = client.ReadUntilClosed();
    closed = reply.empty();
    if (!closed) {
      EXPECT_EQ(":1\r\n", reply);
    }
  }
  EXPECT_EQ(closed, !ours());
}

TEST_P(TwemproxyDefectsTest, ALongCommandNameIsNeverAnswered) {
  const auto proxy = StartPool("  redis: true\n", {Tcp(dead_.number(), "one")}, {"-m", "512"});
  Client client(port_.number());
  client.Send(Resp({std::string(2000, 'x'), "k"}));
  if (!ours()) client.SendEnd();  // else one would wait for ever
  EXPECT_THAT(ours() ? client.ReadReplies(Protocol::kRedis, 1)[0] : client.ReadUntilClosed(),
              StartsWith(Either("", "-ERR unknown command")));
}

TEST_P(TwemproxyDefectsTest, ClientsPayForTheReturnOfADeadServer) {
  RedisServer redis;
  const auto proxy = StartPool(
      "  redis: true\n  auto_eject_hosts: true\n  server_failure_limit: 1\n"
      "  server_retry_timeout: 50\n",
      {Tcp(dead_.number(), "dead"), Tcp(redis.port(), "live")});
  Client client(port_.number());
  // About half of the keys are the dead server's.
  const auto errors = [&] {
    int count = 0;
    for (int i = 0; i < 20; ++i) {
      const std::string reply = client.Ask({"GET", "key" + std::to_string(i)});
      count += reply.starts_with("-ERR Connection refused") ? 1 : 0;
    }
    return count;
  };
  EXPECT_GE(errors(), 1);
  while (errors() != 0) continue;  // until it is ejected
  const auto end = steady_clock::now() + milliseconds(200);
  int later = 0;
  while (steady_clock::now() < end) later += errors();
  EXPECT_EQ(later > 0, !ours());
}

TEST_P(TwemproxyDefectsTest, AFailedStartInTheBackgroundIsTakenForASuccess) {
  const std::string config = folder_ + "/yml";
  std::ofstream(config) << Config("  hash: none\n", {"127.0.0.1:1:1"});
  const CommandResult result = RunCommand({ours() ? ProxyPath() : NutcrackerPath(), "-d", "-c",
                                           config, "-o", folder_ + "/log", "-p", folder_ + "/pid"});
  EXPECT_EQ(result.exit_code, ours() ? 1 : 0);
  // nutcracker's daemon is still on its way to the error.
  const auto deadline = steady_clock::now() + kTestDeadline;
  while (!ours() && ReadFile(folder_ + "/log").find("rabbit done") == std::string::npos) {
    ASSERT_LT(steady_clock::now(), deadline) << "it runs";
    ::poll(nullptr, 0, 1);
  }
  const std::string reason = config + ":4:9: error: pool 'p': key 'hash'";
  EXPECT_EQ(result.err.find(reason) != std::string::npos, ours()) << result.err;
}

TEST_P(TwemproxyDefectsTest, AStopLosesWhatIsInFlight) {
  KernelStage stage(ours() ? ProxyPath() : NutcrackerPath(), {});
  Host server(stage.loop(), stage.AddressOf("s1"), [&](Party&) { stage.Changed(); });
  stage.StartProxy(absl::StrFormat("p:\n  listen: 127.0.0.1:%d\n  redis: true\n  servers:\n"
                                   "   - 127.0.0.1:%d:1 s1\n",
                                   stage.PortOf("p"), stage.PortOf("s1")),
                   {stage.PortOf("p")});
  Party client(stage.loop(), stage.AddressOf("p"), [&](Party&) { stage.Changed(); });
  const std::string request = Resp({"GET", "k"});
  client.Send(request);
  ASSERT_TRUE(stage.RunUntil(
      [&] { return !server.parties().empty() && server.parties()[0]->received() == request; }));
  stage.proxy().process().Signal(SIGTERM);
  if (ours()) server.parties()[0]->Send("$1\r\nv\r\n");
  EXPECT_TRUE(stage.RunUntil([&] { return client.ended(); }));
  EXPECT_EQ(client.received(), Either("", "$1\r\nv\r\n"));
  client.Close();
  const std::optional<int> status = stage.proxy().process().AwaitExit();
  EXPECT_EQ(status == 0, ours());
}

// In clock ticks, of user and system time.
long ProcessorTime(pid_t pid) {
  const std::string content = ReadFile(absl::StrFormat("/proc/%d/stat", pid));
  std::istringstream fields(content.substr(content.rfind(')') + 2));
  std::string skipped;
  for (int i = 0; i < 11; ++i) fields >> skipped;
  long user = 0, system = 0;
  fields >> user >> system;
  return user + system;
}

TEST_P(TwemproxyDefectsTest, AnIntervalOfZeroKeepsAProcessorBusy) {
  const auto proxy = StartPool("", {Tcp(dead_.number(), "one")}, {"-i", "0"});
  const pid_t pid = proxy->process().pid();
  const long before = ProcessorTime(pid);
  ::poll(nullptr, 0, 300);
  const long spent = ProcessorTime(pid) - before;
  if (ours()) {
    EXPECT_LE(spent, 2);
  } else {
    EXPECT_GE(spent, 3);
  }
}

INSTANTIATE_TEST_SUITE_P(Both, TwemproxyDefectsTest, BothPrograms(), ProgramName);

}  // namespace
}  // namespace keyway

// keywayctl and the proxy, as they are shipped, with two Redis servers behind.
#include <google/protobuf/util/json_util.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "proxy/admin/admin.pb.h"
#include "proxy/testing/client.h"
#include "proxy/testing/command.h"
#include "proxy/testing/process.h"

namespace keyway {
namespace {

namespace v1 = admin::v1;

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

std::string Variable(const char* name) {
  const char* const value = ::getenv(name);
  EXPECT_NE(value, nullptr) << name << " is not set by the BUILD rule of this test";
  return value == nullptr ? "" : value;
}

CommandResult Ctl(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), Variable("KEYWAYCTL"));
  return RunCommand(arguments);
}

// What bash offers when the line ends as given. `first` is run before.
std::vector<std::string> Complete(const std::string& line, const std::string& first = "") {
  const CommandResult result =
      RunCommand({"/bin/bash", "-c", first + R"(
        source "$1"
        COMP_LINE=$3
        COMP_POINT=${#COMP_LINE}
        _keywayctl "$2"
        printf '%s\n' "${COMPREPLY[@]}")",
                  "bash", Variable("COMPLETION"), Variable("KEYWAYCTL"), "keywayctl " + line});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  return absl::StrSplit(result.out, '\n', absl::SkipEmpty());
}

// A folder for a unix socket, whose path must be short.
class Folder {
 public:
  Folder() {
    char path[] = "/tmp/k.XXXXXX";
    path_ = ::mkdtemp(path);
  }
  ~Folder() { ::rmdir(path_.c_str()); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

class KeywayctlTest : public ::testing::Test {
 protected:
  KeywayctlTest()
      : proxy_(ProxyPath(), Config(), {port_.number()},
               {"--admin=unix:" + socket_, "--workers=2"}) {
    // Clients are served once all the rest is ready.
    EXPECT_EQ(Client(port_.number()).Ask({"PING"}), "+PONG\r\n");
  }
  ~KeywayctlTest() override {
    proxy_.process().Signal(SIGTERM);
    proxy_.process().AwaitExit();
  }

  std::string Config() const {
    return absl::StrFormat(
        "alpha:\n"
        "  listen: 127.0.0.1:%d\n"
        "  redis: true\n"
        "  hash_tag: \"{}\"\n"
        "  auto_eject_hosts: true\n"
        "  server_retry_timeout: 3600000\n"
        "  server_failure_limit: 1\n"
        "  servers:\n"
        "   - 127.0.0.1:%d:1 s1\n"
        "   - 127.0.0.1:%d:1 s2\n",
        port_.number(), s1_.port(), s2_.port());
  }

  CommandResult Run(std::vector<std::string> arguments) const {
    arguments.push_back("--address=unix:" + socket_);
    return Ctl(std::move(arguments));
  }
  std::string MustRun(const std::vector<std::string>& arguments) const {
    const CommandResult result = Run(arguments);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_EQ(result.err, "");
    return result.out;
  }
  template <class Message>
  Message Ask(std::vector<std::string> arguments) const {
    arguments.push_back("--json");
    Message message;
    const auto parsed = google::protobuf::util::JsonStringToMessage(MustRun(arguments), &message);
    EXPECT_TRUE(parsed.ok()) << parsed.ToString();
    return message;
  }
  std::string RouteOf(const std::string& key) const {
    return Ask<v1::RouteResponse>({"route", key}).destination().server();
  }

  std::string AskProxy(std::initializer_list<std::string> words) const {
    return Client(port_.number()).Ask(words);
  }
  std::string AskServer(const std::string& name, std::initializer_list<std::string> words) const {
    return Client(name == "s1" ? s1_.port() : s2_.port()).Ask(words);
  }
  // Writes through the proxy until the server has it: workers adopt a new routing a
  // moment after the order was answered.
  bool WritesReach(const std::string& server, const std::string& key, const std::string& value) {
    const std::string wanted = absl::StrFormat("$%d\r\n%s\r\n", value.size(), value);
    const auto deadline = std::chrono::steady_clock::now() + kTestDeadline;
    while (std::chrono::steady_clock::now() < deadline) {
      AskProxy({"SET", key, value});
      if (AskServer(server, {"GET", key}) == wanted) return true;
    }
    return false;
  }
  static std::string OtherThan(const std::string& server) { return server == "s1" ? "s2" : "s1"; }

  const Folder folder_;
  const std::string socket_ = folder_.path() + "/admin";
  RedisServer s1_;
  RedisServer s2_;
  const FreePort port_;
  ProxyProcess proxy_;
};

TEST_F(KeywayctlTest, RouteIsWhereSetPutsTheKey) {
  std::map<std::string, int> keys;
  for (int i = 0; i < 16; ++i) {
    const std::string key = absl::StrFormat("user:{%d}:name", i);
    AskProxy({"SET", key, "x"});
    const std::string server = RouteOf(key);
    EXPECT_EQ(AskServer(server, {"EXISTS", key}), ":1\r\n") << key << " is not on " << server;
    EXPECT_EQ(AskServer(OtherThan(server), {"EXISTS", key}), ":0\r\n");
    ++keys[server];
  }
  EXPECT_THAT(keys, SizeIs(2)) << "keys that all go to one server prove little";
}

TEST_F(KeywayctlTest, EjectMovesKeysAndRestoreBringsThemBack) {
  const std::string key = "greeting";
  const std::string home = RouteOf(key);
  const std::string other = OtherThan(home);
  AskProxy({"SET", key, "at home"});

  EXPECT_EQ(MustRun({"eject", "alpha", home}),
            home + " of pool alpha is ejected by hand (routing 2)\n");
  EXPECT_EQ(RouteOf(key), other);
  EXPECT_TRUE(WritesReach(other, key, "away"));
  EXPECT_EQ(AskServer(home, {"GET", key}), "$7\r\nat home\r\n");
  const std::string route = MustRun({"route", key});
  EXPECT_THAT(route, StartsWith("server        " + other + "\n"));
  EXPECT_THAT(route, HasSubstr("\nout           " + home + " (ejected by hand)\n"));
  EXPECT_THAT(route, HasSubstr("\nif all live   " + home + ": ring point "));

  EXPECT_EQ(MustRun({"restore", "alpha", home}),
            home + " of pool alpha is restored, and takes keys (routing 3)\n");
  EXPECT_EQ(RouteOf(key), home);
  EXPECT_TRUE(WritesReach(home, key, "at home again"));
  EXPECT_EQ(AskServer(other, {"GET", key}), "$4\r\naway\r\n");
}

TEST_F(KeywayctlTest, State) {
  const std::string key = "greeting";
  const std::string home = RouteOf(key);
  AskProxy({"SET", key, "x"});
  const auto state = Ask<v1::State>({"state"});
  ASSERT_THAT(state.pools(), SizeIs(1));
  EXPECT_THAT(state.workers(), SizeIs(2));
  EXPECT_EQ(state.process().pid(), proxy_.process().pid());
  for (const v1::Server& server : state.pools(0).servers()) {
    EXPECT_TRUE(server.live());
    EXPECT_EQ(server.counters().at("requests"), server.name() == home ? 1 : 0);
  }
  const std::string text = MustRun({"state", "--pool=alpha"});
  EXPECT_THAT(text, StartsWith("keyway 0.1.0"));
  EXPECT_THAT(text, HasSubstr("\n2 workers, "));
  EXPECT_THAT(text, HasSubstr("pool alpha: redis on 127.0.0.1:"));
  EXPECT_THAT(text, HasSubstr("\n  s2      127.0.0.1:"));
}

TEST_F(KeywayctlTest, AServerThatDiedIsOut) {
  const std::string key = "greeting";
  const std::string home = RouteOf(key);
  (home == "s1" ? s1_ : s2_).Kill();
  EXPECT_THAT(AskProxy({"GET", key}), StartsWith("-"));
  v1::RouteResponse route;
  const auto deadline = std::chrono::steady_clock::now() + kTestDeadline;
  while (route.out().empty() && std::chrono::steady_clock::now() < deadline) {
    route = Ask<v1::RouteResponse>({"route", key});
  }
  ASSERT_THAT(route.out(), SizeIs(1));
  EXPECT_EQ(route.destination().server(), OtherThan(home));
  EXPECT_EQ(route.if_all_live().server(), home);
  EXPECT_EQ(route.out(0).name(), home);
  EXPECT_TRUE(route.out(0).ejected());
  EXPECT_FALSE(route.out(0).ejected_by_hand());
  EXPECT_THAT(MustRun({"state"}), HasSubstr("ejected, probed in 3"));
  EXPECT_THAT(MustRun({"restore", "alpha", home}),
              StartsWith(home + " of pool alpha was not ejected by hand, and takes keys when a "
                                "probe has succeeded: it is ejected, probed in 3"));
}

TEST_F(KeywayctlTest, TheLastLiveServerStaysUnlessForced) {
  MustRun({"eject", "alpha", "s1"});
  const CommandResult refused = Run({"eject", "alpha", "s2"});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_EQ(refused.err,
            "keywayctl: 's2' is the only live server of pool 'alpha': without it all requests "
            "would fail\n--force does it all the same.\n");
  MustRun({"eject", "alpha", "s2", "--force"});
  EXPECT_THAT(MustRun({"route", "x"}), StartsWith("server        none: no server"));
}

TEST_F(KeywayctlTest, LogLevel) {
  EXPECT_EQ(MustRun({"log-level"}), "notice (5)\n");
  EXPECT_EQ(MustRun({"log-level", "debug"}), "debug (7)\n");
  EXPECT_EQ(Ask<v1::LogLevel>({"log-level"}).name(), "debug");
  EXPECT_THAT(proxy_.process().Log(), HasSubstr("log level set level=debug"));
}

TEST_F(KeywayctlTest, RefusalsSayWhatThereIs) {
  const CommandResult pool = Run({"route", "x", "--pool=beta"});
  EXPECT_EQ(pool.exit_code, 1);
  EXPECT_EQ(pool.out, "");
  EXPECT_EQ(pool.err, "keywayctl: there is no pool 'beta'; there are: alpha\n");
  const CommandResult server = Run({"restore", "alpha", "s3"});
  EXPECT_EQ(server.exit_code, 1);
  EXPECT_EQ(server.err, "keywayctl: pool 'alpha' has no server 's3'; it has: s1, s2\n");
}

TEST_F(KeywayctlTest, CompletesPoolsAndServers) {
  const std::string at = "--address=unix:" + socket_;
  EXPECT_THAT(Complete(at + " eject "), ElementsAre("alpha"));
  EXPECT_THAT(Complete(at + " eject beta"), IsEmpty());
  EXPECT_THAT(Complete("restore -a unix:" + socket_ + " alpha "), ElementsAre("s1", "s2"));
  EXPECT_THAT(Complete(at + " --json restore alpha s2"), ElementsAre("s2"));
  EXPECT_THAT(Complete(at + " route -p "), ElementsAre("alpha"));
  EXPECT_THAT(Complete(at + " --pool="), ElementsAre("alpha"));
}

TEST_F(KeywayctlTest, CompletesLevelsThatExist) {
  const std::vector<std::string> levels = Complete("log-level ");
  ASSERT_THAT(levels, SizeIs(12));
  for (size_t i = 0; i < levels.size(); ++i) {
    EXPECT_EQ(MustRun({"log-level", levels[i]}), absl::StrFormat("%s (%d)\n", levels[i], i));
  }
}

TEST_F(KeywayctlTest, TheProxyEndsAtOnceAndTakesItsSocketAlong) {
  EXPECT_EQ(::access(socket_.c_str(), F_OK), 0);
  const auto begin = std::chrono::steady_clock::now();
  proxy_.process().Signal(SIGTERM);
  EXPECT_EQ(proxy_.process().AwaitExit(), 0);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(4));
  EXPECT_NE(::access(socket_.c_str(), F_OK), 0);
}

TEST(KeywayctlAloneTest, WithoutAProxyItSaysHowToStartOne) {
  const FreePort nobody;
  const std::string address = absl::StrFormat("127.0.0.1:%d", nobody.number());
  const CommandResult tcp = Ctl({"state", "-a", address});
  EXPECT_EQ(tcp.exit_code, 3);
  EXPECT_EQ(tcp.err, absl::StrFormat("keywayctl: no proxy answers at %s: Connection refused\n"
                                     "Start the proxy with --admin=%s, or say with --address "
                                     "where it was started.\n",
                                     address, address));
  const CommandResult path = Ctl({"route", "x", "-a", "/tmp/no/such/socket"});
  EXPECT_EQ(path.exit_code, 3);
  EXPECT_THAT(path.err, HasSubstr("at /tmp/no/such/socket: No such file or directory\n"));
}

TEST(KeywayctlAloneTest, WrongUse) {
  const std::map<std::vector<std::string>, std::string> kWrong = {
      {{}, "what is to be done?"},
      {{"stat"}, "there is no verb 'stat'"},
      {{"route"}, "it is: route KEY"},
      {{"eject", "alpha"}, "it is: eject POOL SERVER"},
      {{"state", "alpha"}, "it is: state"},
      {{"--foo"}, "--foo is no option"},
      {{"--address"}, "--address needs an argument"},
  };
  for (const auto& [arguments, wrong] : kWrong) {
    const CommandResult result = Ctl(arguments);
    EXPECT_EQ(result.exit_code, 2) << wrong;
    EXPECT_EQ(result.out, "");
    EXPECT_EQ(result.err, "keywayctl: " + wrong + "\nkeywayctl --help shows what there is.\n");
  }
}

TEST(KeywayctlAloneTest, HelpHasEveryVerbAndOption) {
  const CommandResult help = Ctl({"--help"});
  EXPECT_EQ(help.exit_code, 0);
  EXPECT_EQ(help.err, "");
  for (const char* word : {"state", "names", "route KEY", "eject POOL SERVER",
                           "restore POOL SERVER", "log-level [LEVEL]", "--address=ADDRESS",
                           "--json", "--pool=POOL", "--force", "--help", "127.0.0.1:22223"}) {
    EXPECT_THAT(help.out, HasSubstr(word));
  }
}

TEST(CompletionTest, VerbsAndOptions) {
  EXPECT_THAT(Complete(""),
              ElementsAre("state", "names", "route", "eject", "restore", "log-level"));
  EXPECT_THAT(Complete("--json r"), ElementsAre("route", "restore"));
  EXPECT_THAT(Complete("state --"),
              ElementsAre("--address", "--pool", "--json", "--force", "--help"));
  EXPECT_THAT(Complete("route "), IsEmpty());
  EXPECT_THAT(Complete("--address "), IsEmpty());
}

// Readline replaces what stands behind the last colon.
TEST(CompletionTest, NamesWithColons) {
  const std::string proxy = R"(_proxy() { printf '127.0.0.1:6386\n/tmp/a b\n'; }
      set -- "$1" _proxy "$3")";
  EXPECT_THAT(Complete("eject alpha ", proxy), ElementsAre("127.0.0.1:6386", "/tmp/a\\ b"));
  EXPECT_THAT(Complete("eject alpha 127.0.0.1:63", proxy), ElementsAre("6386"));
}

TEST(AdminOptionTest, OtherMachinesAreKeptOut) {
  const FreePort listen;
  const FreePort stats;
  const FreePort admin;
  const std::string config = Variable("TEST_TMPDIR") + "/kept_out.yml";
  std::ofstream(config) << absl::StrFormat(
      "alpha:\n  listen: 127.0.0.1:%d\n  servers:\n   - 127.0.0.1:1:1\n", listen.number());
  const CommandResult result = RunCommand({ProxyPath(), "-c", config, "-a", "127.0.0.1",
                                           absl::StrFormat("-s%d", stats.number()),
                                           absl::StrFormat("--admin=0.0.0.0:%d", admin.number())});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, HasSubstr("nutcracker: option --admin: '0.0.0.0:"));
  EXPECT_THAT(result.err, HasSubstr("can be reached from other machines"));
}

}  // namespace
}  // namespace keyway

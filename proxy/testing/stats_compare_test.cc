// The same traffic through nutcracker and through the proxy, and then each field of
// nutcracker's statistics compared. What differs is listed with its reason.
#include <stdlib.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "gtest/gtest.h"
#include "proxy/testing/client.h"
#include "proxy/testing/fake_server.h"
#include "proxy/testing/flat_json.h"
#include "proxy/testing/party.h"
#include "proxy/testing/stage.h"
#include "proxy/testing/wire.h"

namespace keyway {
namespace {

using std::chrono::milliseconds;

// A field that is not the same in both, with the values it then has: "*" is any, "+"
// any but 0.
struct Difference {
  std::string field;
  std::string nutcracker;
  std::string ours;
  std::string reason;
};

// In every act.
const Difference kAlways[] = {
    {"version", "0.5.0", "*", "it is another program"},
    {"uptime", "*", "*", "a clock"},
    {"timestamp", "+", "+", "a clock"},
};

class Theatre;

struct Act {
  std::string name;
  Protocol protocol;
  std::string settings;  // of the pool
  // Those whose name begins with "dead" are not there, with "unix" are unix sockets.
  std::vector<std::string> servers;
  std::function<void(Theatre&)> play;
  FlatJson settled;  // fields by which one sees that all has been counted
  std::vector<Difference> differences;
};

// One pool "p" over fake servers, and its clients.
class Theatre {
 public:
  Theatre(const Act& act, const std::string& path, std::vector<std::string> arguments)
      : act_(act), stage_(path, std::move(arguments)) {
    std::string config = absl::StrFormat(
        "p:\n  listen: 127.0.0.1:%d\n  redis: %s\n  hash: fnv1a_64\n  distribution: modula\n%s"
        "  servers:\n",
        stage_.PortOf("p"), act.protocol == Protocol::kRedis ? "true" : "false", act.settings);
    for (const std::string& name : act.servers) {
      const Address address = AddressOf(name);
      absl::StrAppendFormat(&config, "   - %s:1 %s\n", ToString(address), name);
      if (name.starts_with("dead")) continue;
      servers_[name] = std::make_unique<FakeServer>(
          stage_.loop(), act.protocol, address,
          [this, name](const std::vector<std::string>& words) { return Answer(name, words); });
    }
    stage_.StartProxy(config, {stage_.PortOf("p")});
  }

  ~Theatre() {
    servers_.clear();
    std::filesystem::remove_all(folder_);
  }

  Party& Connect() {
    ++clients_made_;
    ++clients_;
    return *parties_.emplace_back(std::make_unique<Party>(stage_.loop(), stage_.AddressOf("p"),
                                                          [this](Party&) { stage_.Changed(); }));
  }

  // Sends, and takes so many replies.
  std::string Ask(Party& client, std::string_view requests, size_t replies = 1) {
    client.Send(requests);
    std::string taken;
    for (; replies > 0; --replies) {
      size_t size = 0;
      const bool came = stage_.RunUntil([&] {
        size = ReplySize(act_.protocol, client.received());
        return size != 0 || client.ended();
      });
      EXPECT_TRUE(came && size != 0) << "no reply to " << requests;
      taken += client.received().substr(0, size);
      client.Take(size);
    }
    return taken;
  }
  // The same for what nutcracker closes the client for, and ours answers.
  void AskWrongly(Party& client, std::string_view request) {
    client.Send(request);
    EXPECT_TRUE(stage_.RunUntil([&] { return !client.received().empty() || client.ended(); }));
  }

  // The client says that it ends, and waits for the proxy's end.
  void End(Party& client) {
    if (!client.ended()) client.SendEnd();
    EXPECT_TRUE(stage_.RunUntil([&] { return client.ended(); }));
    client.Close();
    --clients_;
  }

  // The client is gone without a word.
  void CloseAtOnce(Party& client) {
    client.Close();
    --clients_;
  }

  // From now on servers answer these commands with that.
  void SetAnswer(const std::string& command, std::string answer) {
    answers_[command] = std::move(answer);
  }
  // Waits until that server has had so many bytes of requests.
  void AwaitRequests(const std::string& server, size_t bytes) {
    EXPECT_TRUE(stage_.RunUntil([&] { return servers_[server]->requests().size() >= bytes; }));
  }
  // The connection that the server accepted last.
  Party& LastOf(const std::string& server) { return *servers_[server]->host().parties().back(); }

  // A client that is gone with a reset, once the server has its requests.
  void ComeAndReset(const std::string& requests) {
    ++clients_made_;
    Client client(stage_.PortOf("p"));
    client.Send(requests);
    if (!requests.empty()) AwaitRequests("one", requests.size());
    client.Reset();
  }

  // The statistics once all has been counted.
  FlatJson Settle() {
    FlatJson settled = act_.settled;
    settled["p/client_connections"] = std::to_string(clients_);
    return Await(settled);
  }

  // The statistics once they have these fields, and all clients that are gone.
  FlatJson Await(const FlatJson& settled) {
    const auto deadline = std::chrono::steady_clock::now() + kTestDeadline;
    while (true) {
      const std::string json = stage_.Stats();
      const auto fields = ReadFlatJson(json);
      if (!fields) {
        ADD_FAILURE() << "no JSON: " << json;
        return {};
      }
      if (Reached(*fields, settled)) return *fields;
      if (std::chrono::steady_clock::now() > deadline) {
        ADD_FAILURE() << "not all was counted: " << json;
        return *fields;
      }
      stage_.Pass(milliseconds(5));
    }
  }

 private:
  std::string Answer(const std::string& server, const std::vector<std::string>& words) {
    stage_.Changed();
    const auto found = answers_.find(words[0]);
    return found != answers_.end() ? found->second : RecordedAnswer(act_.protocol, server, words);
  }

  bool Reached(const FlatJson& fields, const FlatJson& settled) const {
    for (const auto& [field, value] : settled) {
      const auto found = fields.find(field);
      if (found == fields.end() || found->second != value) return false;
    }
    const int closed = std::stoi(fields.at("p/client_eof")) + std::stoi(fields.at("p/client_err"));
    return closed == clients_made_ - clients_;
  }

  Address AddressOf(const std::string& name) {
    if (!name.starts_with("unix")) return stage_.AddressOf(name);
    if (folder_.empty()) {
      char folder[] = "/tmp/k.XXXXXX";  // a path for a socket must be short
      folder_ = ::mkdtemp(folder);
    }
    return *Resolve({.host = "", .port = 0, .path = folder_ + "/" + name});
  }

  const Act& act_;
  KernelStage stage_;
  std::string folder_;
  std::map<std::string, std::string> answers_;
  std::map<std::string, std::unique_ptr<FakeServer>> servers_;
  std::vector<std::unique_ptr<Party>> parties_;
  int clients_made_ = 1;  // the look whether it listens
  int clients_ = 0;
};

std::string Get(const std::string& key) { return Resp({"get", key}); }

// So many requests for different keys, which lie on all servers.
std::string Gets(int count) {
  std::string requests;
  for (int i = 0; i < count; ++i) requests += Get("key" + std::to_string(i));
  return requests;
}

// Why fields differ where they do.
const std::string kClockReason = "a clock";
const std::string kSplitsReason = "nutcracker never counts fragments";
const std::string kPartBytesReason =
    "nutcracker counts more for the parts of a split than it sends; ours is what was sent";
const std::string kRefusalReason = "ours answers with an error and keeps the client";
const std::string kNoreplyReason = "ours asks for a reply, so that a lost request is noticed";
const std::string kLastSpaceReason = "nutcracker sends a space behind the last key of a part";
const std::string kLoadingReason = "ours passes the server's error on and keeps the connection";
const std::string kTimeoutReason = "ours waits on for the late reply and keeps the connection";
const std::string kGoneReason = "ours counts the reply that came, though nobody wants it";
const std::string kUnixReason = "nutcracker counts the end of such a connection only";

const Act kActs[] = {
    {.name = "Nothing",
     .protocol = Protocol::kRedis,
     .settings = "",
     .servers = {"one", "two"},
     .play = [](Theatre&) {},
     .settled = {},
     .differences = {}},

    {.name = "RedisRequests",
     .protocol = Protocol::kRedis,
     .settings = "",
     .servers = {"one", "two", "three"},
     .play =
         [](Theatre& theatre) {
           Party& first = theatre.Connect();
           Party& second = theatre.Connect();
           theatre.Ask(first, Resp({"set", "key", "value"}));
           theatre.Ask(first, Get("missing!"));
           theatre.Ask(first, Gets(500), 500);
           theatre.Ask(second, Resp({"ping"}));
           theatre.Ask(second, Get("key1") + Resp({"ping"}) + Get("key2"), 3);
           theatre.End(first);
         },
     .settled = {},
     .differences = {}},

    {.name = "RedisSplits",
     .protocol = Protocol::kRedis,
     .settings = "",
     .servers = {"one", "two"},
     .play =
         [](Theatre& theatre) {
           Party& client = theatre.Connect();
           theatre.Ask(client, Resp({"mget", "a", "b", "c", "d", "e"}));
           theatre.Ask(client, Resp({"mset", "a", "1", "b", "2", "c", "3", "d", "4"}));
           theatre.Ask(client, Resp({"del", "a", "b", "c", "d"}));
           theatre.Ask(client, Resp({"mget", "a"}));
           theatre.End(client);
         },
     .settled = {},
     .differences = {{"p/fragments", "0", "6", kSplitsReason},
                     {"p/one/request_bytes", "139", "125", kPartBytesReason},
                     {"p/two/request_bytes", "104", "97", kPartBytesReason}}},

    {.name = "MemcachedRequests",
     .protocol = Protocol::kMemcache,
     .settings = "",
     .servers = {"one", "two"},
     .play =
         [](Theatre& theatre) {
           Party& client = theatre.Connect();
           theatre.Ask(client, "set key0 0 0 5\r\nhello\r\n");
           theatre.Ask(client,
                       "get key0\r\ngets key1\r\ndelete key0\r\nincr key1 1\r\ntouch key2 10\r\n",
                       5);
           theatre.End(client);
         },
     .settled = {},
     .differences = {}},

    {.name = "MemcachedSplits",
     .protocol = Protocol::kMemcache,
     .settings = "",
     .servers = {"one", "two"},
     .play =
         [](Theatre& theatre) {
           Party& client = theatre.Connect();
           theatre.Ask(client, "get key0 key1 key2 key3\r\n");
           theatre.End(client);
         },
     .settled = {},
     .differences = {{"p/fragments", "0", "2", kSplitsReason},
                     {"p/one/request_bytes", "16", "15", kLastSpaceReason},
                     {"p/two/request_bytes", "16", "15", kLastSpaceReason}}},

    {.name = "MemcachedNoreply",
     .protocol = Protocol::kMemcache,
     .settings = "",
     .servers = {"one"},
     .play =
         [](Theatre& theatre) {
           Party& client = theatre.Connect();
           theatre.Ask(client, "set key1 0 0 5 noreply\r\nhello\r\nget key1\r\n");
           theatre.End(client);
         },
     .settled = {},
     .differences = {{"p/one/request_bytes", "41", "33", kNoreplyReason},
                     {"p/one/responses", "1", "2", kNoreplyReason},
                     {"p/one/response_bytes", "26", "34", kNoreplyReason}}},

    {.name = "UnixServer",
     .protocol = Protocol::kRedis,
     .settings = "",
     .servers = {"unix"},
     .play =
         [](Theatre& theatre) {
           Party& client = theatre.Connect();
           theatre.Ask(client, Get("key"));
           theatre.LastOf("unix").Close();
           theatre.End(client);
         },
     .settled = {{"p/unix/server_eof", "1"}},
     .differences = {{"p/unix/server_connections", "-1", "0", kUnixReason}}},

    {.name = "Authentication",
     .protocol = Protocol::kRedis,
     .settings = "  redis_auth: secret\n  redis_db: 3\n  preconnect: true\n",
     .servers = {"one"},
     .play =
         [](Theatre& theatre) {
           Party& client = theatre.Connect();
           theatre.Ask(client, Get("key"));
           theatre.Ask(client, Resp({"auth", "secret"}));
           theatre.Ask(client, Get("key"));
           theatre.End(client);
         },
     .settled = {},
     .differences = {}},

    {.name = "Quit",
     .protocol = Protocol::kRedis,
     .settings = "",
     .servers = {"one"},
     .play =
         [](Theatre& theatre) {
           Party& client = theatre.Connect();
           theatre.Ask(client, Get("key"));
           theatre.AskWrongly(client, Resp({"quit"}));
           theatre.End(client);
         },
     .settled = {},
     .differences = {}},

    {.name = "ClientResets",
     .protocol = Protocol::kRedis,
     .settings = "",
     .servers = {"one"},
     .play = [](Theatre& theatre) { theatre.ComeAndReset(""); },
     .settled = {},
     .differences = {}},

    {.name = "ClientEndsAndGoesAway",
     .protocol = Protocol::kRedis,
     .settings = "",
     .servers = {"one"},
     .play =
         [](Theatre& theatre) {
           Party& client = theatre.Connect();
           theatre.SetAnswer("get", "");
           client.Send(Get("key"));
           theatre.AwaitRequests("one", Get("key").size());
           theatre.CloseAtOnce(client);
           theatre.LastOf("one").Send("$1\r\nx\r\n");
         },
     .settled = {{"p/one/out_queue", "0"}},
     .differences = {}},

    {.name = "ClientResetsWhileAsking",
     .protocol = Protocol::kRedis,
     .settings = "",
     .servers = {"one"},
     .play =
         [](Theatre& theatre) {
           theatre.SetAnswer("get", "");
           theatre.ComeAndReset(Get("key"));
           theatre.Await({{"p/client_connections", "0"}});
           theatre.LastOf("one").Send("$1\r\nx\r\n");
         },
     .settled = {{"p/one/out_queue", "0"}},
     .differences = {{"p/one/responses", "0", "1", kGoneReason},
                     {"p/one/response_bytes", "0", "7", kGoneReason}}},

    {.name = "UnknownRedisCommand",
     .protocol = Protocol::kRedis,
     .settings = "",
     .servers = {"one"},
     .play =
         [](Theatre& theatre) {
           Party& client = theatre.Connect();
           theatre.AskWrongly(client, Resp({"nosuchcommand", "key"}));
           theatre.End(client);
         },
     .settled = {},
     .differences = {{"p/client_eof", "1", "2", kRefusalReason},
                     {"p/client_err", "1", "0", kRefusalReason}}},

    {.name = "UnknownMemcachedCommand",
     .protocol = Protocol::kMemcache,
     .settings = "",
     .servers = {"one"},
     .play =
         [](Theatre& theatre) {
           Party& client = theatre.Connect();
           theatre.AskWrongly(client, "nosuchcommand key\r\n");
           theatre.End(client);
         },
     .settled = {},
     .differences = {{"p/client_eof", "1", "2", kRefusalReason},
                     {"p/client_err", "1", "0", kRefusalReason}}},

    {.name = "ProtocolError",
     .protocol = Protocol::kRedis,
     .settings = "",
     .servers = {"one"},
     .play =
         [](Theatre& theatre) {
           Party& client = theatre.Connect();
           theatre.AskWrongly(client, "*1\r\nx");
           theatre.End(client);
         },
     .settled = {},
     .differences = {}},

    {.name = "ErrorsOfServers",
     .protocol = Protocol::kRedis,
     .settings = "",
     .servers = {"one"},
     .play =
         [](Theatre& theatre) {
           Party& client = theatre.Connect();
           theatre.SetAnswer("get", "-WRONGTYPE Operation against a key\r\n");
           theatre.Ask(client, Get("key"));
           theatre.End(client);
         },
     .settled = {},
     .differences = {}},

    {.name = "LoadingServer",
     .protocol = Protocol::kRedis,
     .settings = "",
     .servers = {"one"},
     .play =
         [](Theatre& theatre) {
           Party& client = theatre.Connect();
           theatre.SetAnswer("get", "-LOADING wait\r\n");
           theatre.Ask(client, Get("key"));
           theatre.End(client);
         },
     .settled = {},
     .differences = {{"curr_connections", "1", "2", kLoadingReason},
                     {"p/forward_error", "1", "0", kLoadingReason},
                     {"p/one/server_err", "1", "0", kLoadingReason},
                     {"p/one/server_connections", "0", "1", kLoadingReason},
                     {"p/one/responses", "0", "1", kLoadingReason},
                     {"p/one/response_bytes", "0", "15", kLoadingReason}}},

    {.name = "BadReply",
     .protocol = Protocol::kRedis,
     .settings = "",
     .servers = {"one"},
     .play =
         [](Theatre& theatre) {
           Party& client = theatre.Connect();
           theatre.SetAnswer("get", "what is this\r\n");
           theatre.Ask(client, Get("key"));
           theatre.End(client);
         },
     .settled = {},
     .differences = {}},

    {.name = "DeadServer",
     .protocol = Protocol::kRedis,
     .settings = "",
     .servers = {"dead"},
     .play =
         [](Theatre& theatre) {
           Party& client = theatre.Connect();
           for (int i = 0; i < 3; ++i) theatre.Ask(client, Get("key"));
           theatre.End(client);
         },
     .settled = {},
     .differences = {}},

    {.name = "DeadServerAndSplits",
     .protocol = Protocol::kRedis,
     .settings = "",
     .servers = {"dead", "one"},
     .play =
         [](Theatre& theatre) {
           Party& client = theatre.Connect();
           theatre.AskWrongly(client, Resp({"mget", "a", "b", "c", "d", "e"}));
           theatre.End(client);
         },
     .settled = {},
     .differences = {{"p/fragments", "0", "2", kSplitsReason},
                     {"p/client_eof", "1", "2", kRefusalReason},
                     {"p/client_err", "1", "0", kRefusalReason}}},

    {.name = "DeadMemcached",
     .protocol = Protocol::kMemcache,
     .settings = "",
     .servers = {"dead"},
     .play =
         [](Theatre& theatre) {
           Party& client = theatre.Connect();
           theatre.Ask(client, "get key\r\n");
           theatre.Ask(client, "set key 0 0 1 noreply\r\nx\r\nget key\r\n");
           theatre.End(client);
         },
     .settled = {},
     .differences = {{"p/dead/request_bytes", "44", "36", kNoreplyReason}}},

    {.name = "Ejection",
     .protocol = Protocol::kRedis,
     .settings = "  auto_eject_hosts: true\n  server_failure_limit: 2\n"
                 "  server_retry_timeout: 60000\n",
     .servers = {"dead", "one"},
     .play =
         [](Theatre& theatre) {
           Party& client = theatre.Connect();
           theatre.Ask(client, Get("b"));
           theatre.Ask(client, Get("d"));
           theatre.Await({{"p/server_ejects", "1"}});
           for (int i = 0; i < 20; ++i) theatre.Ask(client, Get("key" + std::to_string(i)));
           theatre.End(client);
         },
     .settled = {},
     .differences = {{"p/dead/server_ejected_at", "+", "+", kClockReason}}},

    {.name = "ServerClosesWhileAsked",
     .protocol = Protocol::kRedis,
     .settings = "",
     .servers = {"one"},
     .play =
         [](Theatre& theatre) {
           Party& client = theatre.Connect();
           theatre.SetAnswer("get", "");
           client.Send(Get("key"));
           theatre.AwaitRequests("one", Get("key").size());
           theatre.LastOf("one").Close();
           theatre.Ask(client, "");
           theatre.End(client);
         },
     .settled = {},
     .differences = {}},

    {.name = "ServerClosesIdleConnection",
     .protocol = Protocol::kRedis,
     .settings = "",
     .servers = {"one"},
     .play =
         [](Theatre& theatre) {
           Party& client = theatre.Connect();
           theatre.Ask(client, Get("key"));
           theatre.LastOf("one").Close();
           theatre.End(client);
         },
     .settled = {{"p/one/server_eof", "1"}},
     .differences = {}},

    {.name = "WhileAServerIsAsked",
     .protocol = Protocol::kRedis,
     .settings = "",
     .servers = {"one"},
     .play =
         [](Theatre& theatre) {
           Party& client = theatre.Connect();
           theatre.SetAnswer("get", "");
           client.Send(Gets(3));
           theatre.AwaitRequests("one", Gets(3).size());
         },
     .settled = {{"p/one/out_queue", "3"}},
     .differences = {}},

    {.name = "Timeout",
     .protocol = Protocol::kRedis,
     .settings = "  timeout: 100\n",
     .servers = {"one"},
     .play =
         [](Theatre& theatre) {
           Party& client = theatre.Connect();
           theatre.SetAnswer("get", "");
           theatre.Ask(client, Get("key"));
           theatre.End(client);
         },
     .settled = {},
     .differences = {{"curr_connections", "1", "2", kTimeoutReason},
                     {"p/one/server_connections", "0", "1", kTimeoutReason},
                     {"p/one/out_queue", "0", "1", kTimeoutReason},
                     {"p/one/out_queue_bytes", "0", "22", kTimeoutReason}}},
};

std::string Name(const ::testing::TestParamInfo<const Act*>& test) { return test.param->name; }

std::vector<const Act*> AllActs() {
  std::vector<const Act*> acts;
  for (const Act& act : kActs) acts.push_back(&act);
  return acts;
}

FlatJson Play(const Act& act, const std::string& path, std::vector<std::string> arguments) {
  Theatre theatre(act, path, std::move(arguments));
  act.play(theatre);
  return theatre.Settle();
}

bool Fits(const std::string& value, const std::string& expected) {
  return expected == "*" || (expected == "+" ? std::stoll(value) > 0 : value == expected);
}

class StatsCompareTest : public ::testing::TestWithParam<const Act*> {};

TEST_P(StatsCompareTest, EachFieldOfNutcrackerIsTheSameOrBetter) {
  const Act& act = *GetParam();
  const FlatJson theirs = Play(act, NutcrackerPath(), {});
  const FlatJson ours = Play(act, ProxyPath(), {"--workers=1"});
  std::map<std::string, Difference> differences;
  for (const Difference& each : kAlways) differences[each.field] = each;
  for (const Difference& each : act.differences) differences[each.field] = each;
  for (const auto& [field, their_value] : theirs) {
    const auto our_field = ours.find(field);
    ASSERT_NE(our_field, ours.end()) << field << " is missing";
    const std::string& our_value = our_field->second;
    const auto found = differences.find(field);
    if (found == differences.end()) {
      EXPECT_EQ(their_value, our_value) << field;
      continue;
    }
    const Difference& difference = found->second;
    EXPECT_TRUE(Fits(their_value, difference.nutcracker))
        << field << " of nutcracker is " << their_value;
    EXPECT_TRUE(Fits(our_value, difference.ours)) << field << " is " << our_value;
    differences.erase(found);
  }
  for (const auto& [field, difference] : differences) ADD_FAILURE() << field << " is unknown";
}

INSTANTIATE_TEST_SUITE_P(All, StatsCompareTest, ::testing::ValuesIn(AllActs()), Name);

}  // namespace
}  // namespace keyway

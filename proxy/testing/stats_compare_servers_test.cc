// The statistics of nutcracker and of the proxy side by side: servers that are dead, slow, ejected,
// or speak nonsense.
#include <string>
#include <string_view>
#include <vector>

#include "gtest/gtest.h"
#include "proxy/testing/party.h"
#include "proxy/testing/stats_theatre.h"
#include "proxy/testing/wire.h"

namespace keyway {
namespace {

// Why fields differ where they do.
constexpr std::string_view kLastSpaceReason =
    "nutcracker sends a space behind the last key of a part";
constexpr std::string_view kNamelessReason =
    "nutcracker makes a connection before it knows where to";
constexpr std::string_view kIdleReason =
    "the end of a connection on which nobody waits is no failure of ours";
constexpr std::string_view kSocketReason = "how much the kernel takes is chance";
constexpr std::string_view kClockReason = "a clock";
constexpr std::string_view kSplitsReason = "nutcracker never counts fragments";
constexpr std::string_view kRefusalReason = "ours answers with an error and keeps the client";
constexpr std::string_view kNoreplyReason =
    "ours asks for a reply, so that a lost request is noticed";
constexpr std::string_view kLoadingReason =
    "ours passes the server's error on and keeps the connection";
constexpr std::string_view kTimeoutReason =
    "ours waits on for the late reply and keeps the connection";

const Act kActs[] = {
    {.name = "LoadingServer",
     .servers = {"one"},
     .play =
         [](Theatre& theatre) {
           Party& client = theatre.Connect();
           theatre.SetAnswer("get", "-LOADING wait\r\n");
           theatre.Ask(client, Get("key"));
           theatre.End(client);
         },
     .differences = {{"curr_connections", "1", "2", kLoadingReason},
                     {"p/forward_error", "1", "0", kLoadingReason},
                     {"p/one/server_err", "1", "0", kLoadingReason},
                     {"p/one/server_connections", "0", "1", kLoadingReason},
                     {"p/one/responses", "0", "1", kLoadingReason},
                     {"p/one/response_bytes", "0", "15", kLoadingReason}}},

    {.name = "BadReply",
     .servers = {"one"},
     .play =
         [](Theatre& theatre) {
           Party& client = theatre.Connect();
           theatre.SetAnswer("get", "what is this\r\n");
           theatre.Ask(client, Get("key"));
           theatre.End(client);
         }},

    {.name = "MemcachedBadReply",
     .protocol = Protocol::kMemcache,
     .servers = {"one"},
     .play =
         [](Theatre& theatre) {
           Party& client = theatre.Connect();
           theatre.SetAnswer("get", "what is this\r\n");
           theatre.Ask(client, "get key\r\n");
           theatre.End(client);
         }},

    {.name = "ReplyThatNobodyAskedFor",
     .servers = {"one"},
     .play =
         [](Theatre& theatre) {
           Party& client = theatre.Connect();
           theatre.Ask(client, Get("key"));
           theatre.LastOf("one").Send("+OK\r\n");
           theatre.Await({{"p/one/server_err", "1"}});
           theatre.Ask(client, Get("key"));
           theatre.End(client);
         }},

    {.name = "DeadServer",
     .servers = {"dead"},
     .play =
         [](Theatre& theatre) {
           Party& client = theatre.Connect();
           for (int i = 0; i < 3; ++i) theatre.Ask(client, Get("key"));
           theatre.End(client);
         }},

    {.name = "DeadServerAndSplits",
     .servers = {"dead", "one"},
     .play =
         [](Theatre& theatre) {
           Party& client = theatre.Connect();
           theatre.AskWrongly(client, Resp({"mget", "a", "b", "c", "d", "e"}));
           theatre.End(client);
         },
     .differences = {{"p/fragments", "0", "2", kSplitsReason},
                     {"p/client_eof", "1", "2", kRefusalReason},
                     {"p/client_err", "1", "0", kRefusalReason}}},

    {.name = "DeadMemcached",
     .protocol = Protocol::kMemcache,
     .servers = {"dead"},
     .play =
         [](Theatre& theatre) {
           Party& client = theatre.Connect();
           theatre.Ask(client, "get key\r\n");
           theatre.Ask(client, "set key 0 0 1 noreply\r\nx\r\nget key\r\n");
           theatre.End(client);
         },
     .differences = {{"p/dead/request_bytes", "44", "36", kNoreplyReason}}},

    {.name = "DeadMemcachedAndSplits",
     .protocol = Protocol::kMemcache,
     .servers = {"dead", "one"},
     .play =
         [](Theatre& theatre) {
           Party& client = theatre.Connect();
           theatre.AskWrongly(client, "get key0 key1 key2 key3\r\n");
           theatre.End(client);
         },
     .differences = {{"p/client_eof", "1", "2", kRefusalReason},
                     {"p/client_err", "1", "0", kRefusalReason},
                     {"p/fragments", "0", "2", kSplitsReason},
                     {"p/dead/request_bytes", "16", "15", kLastSpaceReason},
                     {"p/one/request_bytes", "16", "15", kLastSpaceReason}}},

    {.name = "ServerWithoutAddress",
     .servers = {"nameless"},
     .play =
         [](Theatre& theatre) {
           Party& client = theatre.Connect();
           theatre.Ask(client, Get("key"));
           theatre.End(client);
         },
     .differences = {{"total_connections", "4", "3", kNamelessReason}}},

    {.name = "Ejection",
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
     .differences = {{"p/dead/server_ejected_at", "+", "+", kClockReason}}},

    {.name = "EjectionOfAll",
     .settings = "  auto_eject_hosts: true\n  server_failure_limit: 1\n"
                 "  server_retry_timeout: 60000\n",
     .servers = {"dead", "dead2"},
     .play =
         [](Theatre& theatre) {
           Party& client = theatre.Connect();
           theatre.Ask(client, Get("b"));
           theatre.Await({{"p/server_ejects", "1"}});
           theatre.Ask(client, Get("b"));
           theatre.Await({{"p/server_ejects", "2"}});
           for (int i = 0; i < 20; ++i) theatre.Ask(client, Get("key" + std::to_string(i)));
           theatre.End(client);
         },
     .differences = {{"p/dead/server_ejected_at", "+", "+", kClockReason},
                     {"p/dead2/server_ejected_at", "+", "+", kClockReason}}},

    {.name = "ServerClosesWhileAsked",
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
         }},

    {.name = "ServerClosesIdleConnection",
     .servers = {"one"},
     .play =
         [](Theatre& theatre) {
           Party& client = theatre.Connect();
           theatre.Ask(client, Get("key"));
           theatre.LastOf("one").Close();
           theatre.End(client);
         },
     .settled = {{"p/one/server_eof", "1"}}},

    {.name = "IdleConnectionThatEndsAndEjection",
     .settings = "  auto_eject_hosts: true\n  server_failure_limit: 1\n"
                 "  server_retry_timeout: 60000\n",
     .servers = {"one"},
     .play =
         [](Theatre& theatre) {
           Party& client = theatre.Connect();
           theatre.Ask(client, Get("key"));
           theatre.LastOf("one").Close();
           theatre.End(client);
         },
     .settled = {{"p/one/server_eof", "1"}},
     .differences = {{"p/server_ejects", "1", "0", kIdleReason},
                     {"p/one/server_ejected_at", "+", "0", kIdleReason}}},

    {.name = "ServerResetsWhileAsked",
     .servers = {"one"},
     .play =
         [](Theatre& theatre) {
           Party& client = theatre.Connect();
           theatre.Ask(client, Get("key"));
           theatre.StopReading("one");
           client.Send(Get("key"));
           theatre.Await({{"p/one/out_queue", "1"}});
           theatre.LastOf("one").Close();
           theatre.Ask(client, "");
           theatre.End(client);
         }},

    {.name = "WhileAServerIsAsked",
     .servers = {"one"},
     .play =
         [](Theatre& theatre) {
           Party& client = theatre.Connect();
           theatre.SetAnswer("get", "");
           client.Send(Gets(3));
           theatre.AwaitRequests("one", Gets(3).size());
         },
     .settled = {{"p/one/out_queue", "3"}}},

    {.name = "WhileAServerDoesNotRead",
     .servers = {"one"},
     .play =
         [](Theatre& theatre) {
           Party& client = theatre.Connect();
           theatre.Ask(client, Get("key"));
           theatre.StopReading("one");
           const std::string value(500'000, 'x');
           for (int i = 0; i < 30; ++i) client.Send(Resp({"set", "key", value}));
         },
     .settled = {{"p/one/requests", "31"}, {"p/one/in_queue", "+"}, {"p/one/out_queue", "+"}},
     .differences = {{"p/one/in_queue", "+", "+", kSocketReason},
                     {"p/one/in_queue_bytes", "+", "+", kSocketReason},
                     {"p/one/out_queue", "+", "+", kSocketReason},
                     {"p/one/out_queue_bytes", "+", "+", kSocketReason}}},

    {.name = "Timeout",
     .settings = "  timeout: 100\n",
     .servers = {"one"},
     .play =
         [](Theatre& theatre) {
           Party& client = theatre.Connect();
           theatre.SetAnswer("get", "");
           theatre.Ask(client, Get("key"));
           theatre.End(client);
         },
     .differences = {{"curr_connections", "1", "2", kTimeoutReason},
                     {"p/one/server_connections", "0", "1", kTimeoutReason},
                     {"p/one/out_queue", "0", "1", kTimeoutReason},
                     {"p/one/out_queue_bytes", "0", "22", kTimeoutReason}}},

    {.name = "TimeoutAndALateReply",
     .settings = "  timeout: 100\n",
     .servers = {"one"},
     .play =
         [](Theatre& theatre) {
           Party& client = theatre.Connect();
           theatre.SetAnswer("get", "");
           theatre.Ask(client, Get("key"));
           theatre.LastOf("one").Send("$1\r\nx\r\n");
           theatre.SetAnswer("get", "$1\r\ny\r\n");
           theatre.Ask(client, Get("key"));
           theatre.End(client);
         },
     .differences = {{"total_connections", "5", "4", kTimeoutReason}}},

    {.name = "MemcachedTimeout",
     .protocol = Protocol::kMemcache,
     .settings = "  timeout: 100\n",
     .servers = {"one"},
     .play =
         [](Theatre& theatre) {
           Party& client = theatre.Connect();
           theatre.SetAnswer("get", "");
           theatre.Ask(client, "get key\r\n");
           theatre.End(client);
         },
     .differences = {{"curr_connections", "1", "2", kTimeoutReason},
                     {"p/one/server_connections", "0", "1", kTimeoutReason},
                     {"p/one/out_queue", "0", "1", kTimeoutReason},
                     {"p/one/out_queue_bytes", "0", "9", kTimeoutReason}}},
};

using StatsOfServersTest = ::testing::TestWithParam<const Act*>;

TEST_P(StatsOfServersTest, EachFieldOfNutcrackerIsTheSameOrBetter) { ExpectSameStats(*GetParam()); }

INSTANTIATE_TEST_SUITE_P(All, StatsOfServersTest, ::testing::ValuesIn(Program(kActs)), ActName);

}  // namespace
}  // namespace keyway

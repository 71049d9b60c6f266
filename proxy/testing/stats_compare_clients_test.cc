// The statistics of nutcracker and of the proxy side by side: clients that authenticate, make
// mistakes and go away.
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
constexpr std::string_view kLimitReason = "nutcracker ignores client_connections";
constexpr std::string_view kRefusalReason = "ours answers with an error and keeps the client";
constexpr std::string_view kGoneReason = "ours counts the reply that came, though nobody wants it";

const Act kActs[] = {
    {.name = "Authentication",
     .settings = "  redis_auth: secret\n  redis_db: 3\n  preconnect: true\n",
     .servers = {"one"},
     .play =
         [](Theatre& theatre) {
           Party& client = theatre.Connect();
           theatre.Ask(client, Get("key"));
           theatre.Ask(client, Resp({"auth", "secret"}));
           theatre.Ask(client, Get("key"));
           theatre.End(client);
         }},

    {.name = "WrongPassword",
     .settings = "  redis_auth: secret\n",
     .servers = {"one"},
     .play =
         [](Theatre& theatre) {
           Party& client = theatre.Connect();
           theatre.Ask(client, Resp({"auth", "secret"}));
           theatre.Ask(client, Get("key"));
           theatre.Ask(client, Resp({"auth", "wrong"}));
           theatre.Ask(client, Get("key"));
           theatre.End(client);
         }},

    {.name = "Quit",
     .servers = {"one"},
     .play =
         [](Theatre& theatre) {
           Party& client = theatre.Connect();
           theatre.Ask(client, Get("key"));
           theatre.AskWrongly(client, Resp({"quit"}));
           theatre.End(client);
         }},

    {.name = "MemcachedQuit",
     .protocol = Protocol::kMemcache,
     .servers = {"one"},
     .play =
         [](Theatre& theatre) {
           Party& client = theatre.Connect();
           theatre.Ask(client, "get key\r\n");
           client.Send("quit\r\n");
           theatre.End(client);
         }},

    {.name = "ClientResets",
     .servers = {"one"},
     .play = [](Theatre& theatre) { theatre.ComeAndReset(""); }},

    {.name = "ClientEndsAndGoesAway",
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
     .settled = {{"p/one/out_queue", "0"}}},

    {.name = "ClientResetsWhileAsking",
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

    {.name = "HalfARequest",
     .servers = {"one"},
     .play =
         [](Theatre& theatre) {
           Party& client = theatre.Connect();
           theatre.Ask(client, Get("key") + Get("key").substr(0, 10));
           theatre.End(client);
         }},

    {.name = "TooFewArguments",
     .servers = {"one"},
     .play =
         [](Theatre& theatre) {
           Party& client = theatre.Connect();
           theatre.AskWrongly(client, Resp({"get"}));
           theatre.End(client);
         },
     .differences = {{"p/client_eof", "1", "2", kRefusalReason},
                     {"p/client_err", "1", "0", kRefusalReason}}},

    {.name = "ValueMissingInMset",
     .servers = {"one"},
     .play =
         [](Theatre& theatre) {
           Party& client = theatre.Connect();
           theatre.AskWrongly(client, Resp({"mset", "key", "value", "key2"}));
           theatre.End(client);
         },
     .differences = {{"p/client_eof", "1", "2", kRefusalReason},
                     {"p/client_err", "1", "0", kRefusalReason}}},

    {.name = "KeyTooLong",
     .protocol = Protocol::kMemcache,
     .servers = {"one"},
     .play =
         [](Theatre& theatre) {
           Party& client = theatre.Connect();
           theatre.AskWrongly(client, "get " + std::string(251, 'k') + "\r\n");
           theatre.End(client);
         },
     .differences = {{"p/client_eof", "1", "2", kRefusalReason},
                     {"p/client_err", "1", "0", kRefusalReason}}},

    {.name = "UnknownRedisCommand",
     .servers = {"one"},
     .play =
         [](Theatre& theatre) {
           Party& client = theatre.Connect();
           theatre.AskWrongly(client, Resp({"nosuchcommand", "key"}));
           theatre.End(client);
         },
     .differences = {{"p/client_eof", "1", "2", kRefusalReason},
                     {"p/client_err", "1", "0", kRefusalReason}}},

    {.name = "UnknownMemcachedCommand",
     .protocol = Protocol::kMemcache,
     .servers = {"one"},
     .play =
         [](Theatre& theatre) {
           Party& client = theatre.Connect();
           theatre.AskWrongly(client, "nosuchcommand key\r\n");
           theatre.End(client);
         },
     .differences = {{"p/client_eof", "1", "2", kRefusalReason},
                     {"p/client_err", "1", "0", kRefusalReason}}},

    {.name = "ProtocolError",
     .servers = {"one"},
     .play =
         [](Theatre& theatre) {
           Party& client = theatre.Connect();
           theatre.AskWrongly(client, "*1\r\nx");
           theatre.End(client);
         }},

    {.name = "TooManyClients",
     .settings = "  client_connections: 1\n",
     .servers = {"one"},
     .play =
         [](Theatre& theatre) {
           theatre.Await({});
           Party& client = theatre.Connect();
           theatre.Ask(client, Get("key"));
           Party& second = theatre.Connect();
           theatre.AskWrongly(second, Get("key"));
           theatre.End(second);
           theatre.End(client);
         },
     .differences = {{"p/client_eof", "3", "2", kLimitReason},
                     {"p/client_err", "0", "1", kLimitReason},
                     {"p/one/requests", "2", "1", kLimitReason},
                     {"p/one/request_bytes", "44", "22", kLimitReason},
                     {"p/one/responses", "2", "1", kLimitReason},
                     {"p/one/response_bytes", "30", "15", kLimitReason}}},
};

using StatsOfClientsTest = ::testing::TestWithParam<const Act*>;

TEST_P(StatsOfClientsTest, EachFieldOfNutcrackerIsTheSameOrBetter) { ExpectSameStats(*GetParam()); }

INSTANTIATE_TEST_SUITE_P(All, StatsOfClientsTest, ::testing::ValuesIn(Program(kActs)), ActName);

}  // namespace
}  // namespace keyway

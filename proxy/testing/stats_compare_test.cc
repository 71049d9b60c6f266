// The statistics of nutcracker and of the proxy side by side, when requests are answered: Redis and
// Memcached, pipelined, split, over each kind of socket.
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_format.h"
#include "gtest/gtest.h"
#include "proxy/testing/party.h"
#include "proxy/testing/stats_theatre.h"
#include "proxy/testing/wire.h"

namespace keyway {
namespace {

// Why fields differ where they do.
constexpr std::string_view kSplitsReason = "nutcracker never counts fragments";
constexpr std::string_view kPartBytesReason =
    "nutcracker counts more for the parts of a split than it sends; ours is what was sent";
constexpr std::string_view kNoreplyReason =
    "ours asks for a reply, so that a lost request is noticed";
constexpr std::string_view kLastSpaceReason =
    "nutcracker sends a space behind the last key of a part";
constexpr std::string_view kUnixReason = "nutcracker counts the end of such a connection only";

const Act kActs[] = {
    {.name = "Nothing", .servers = {"one", "two"}, .play = [](Theatre&) {}},

    {.name = "RedisRequests",
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
         }},

    {.name = "RedisSplits",
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
     .differences = {{"p/fragments", "0", "6", kSplitsReason},
                     {"p/one/request_bytes", "139", "125", kPartBytesReason},
                     {"p/two/request_bytes", "104", "97", kPartBytesReason}}},

    {.name = "MemcachedRequests",
     .protocol = Protocol::kMemcache,
     .servers = {"one", "two"},
     .play =
         [](Theatre& theatre) {
           Party& client = theatre.Connect();
           theatre.Ask(client, "set key0 0 0 5\r\nhello\r\n");
           theatre.Ask(client,
                       "get key0\r\ngets key1\r\ndelete key0\r\nincr key1 1\r\ntouch key2 10\r\n",
                       5);
           theatre.End(client);
         }},

    {.name = "MemcachedSplits",
     .protocol = Protocol::kMemcache,
     .servers = {"one", "two"},
     .play =
         [](Theatre& theatre) {
           Party& client = theatre.Connect();
           theatre.Ask(client, "get key0 key1 key2 key3\r\n");
           theatre.End(client);
         },
     .differences = {{"p/fragments", "0", "2", kSplitsReason},
                     {"p/one/request_bytes", "16", "15", kLastSpaceReason},
                     {"p/two/request_bytes", "16", "15", kLastSpaceReason}}},

    {.name = "MemcachedNoreply",
     .protocol = Protocol::kMemcache,
     .servers = {"one"},
     .play =
         [](Theatre& theatre) {
           Party& client = theatre.Connect();
           theatre.Ask(client, "set key1 0 0 5 noreply\r\nhello\r\nget key1\r\n");
           theatre.End(client);
         },
     .differences = {{"p/one/request_bytes", "41", "33", kNoreplyReason},
                     {"p/one/responses", "1", "2", kNoreplyReason},
                     {"p/one/response_bytes", "26", "34", kNoreplyReason}}},

    {.name = "LargeValues",
     .servers = {"one"},
     .play =
         [](Theatre& theatre) {
           Party& client = theatre.Connect();
           const std::string value(300'000, 'x');
           theatre.Ask(client, Resp({"set", "key", value}));
           theatre.SetAnswer("get", absl::StrFormat("$%d\r\n%s\r\n", value.size(), value));
           theatre.Ask(client, Gets(5), 5);
           theatre.End(client);
         }},

    {.name = "ErrorsOfServers",
     .servers = {"one"},
     .play =
         [](Theatre& theatre) {
           Party& client = theatre.Connect();
           theatre.SetAnswer("get", "-WRONGTYPE Operation against a key\r\n");
           theatre.Ask(client, Get("key"));
           theatre.End(client);
         }},

    {.name = "MemcachedErrors",
     .protocol = Protocol::kMemcache,
     .servers = {"one"},
     .play =
         [](Theatre& theatre) {
           Party& client = theatre.Connect();
           theatre.SetAnswer("set", "SERVER_ERROR out of memory storing object\r\n");
           theatre.Ask(client, "set key 0 0 1\r\nx\r\n");
           theatre.SetAnswer("incr",
                             "CLIENT_ERROR cannot increment or decrement non-numeric value\r\n");
           theatre.Ask(client, "incr key 1\r\n");
           theatre.End(client);
         }},

    {.name = "Preconnect",
     .settings = "  preconnect: true\n  server_connections: 2\n",
     .servers = {"one", "two"},
     .play =
         [](Theatre& theatre) {
           theatre.Await({{"p/one/server_connections", "1"}, {"p/two/server_connections", "1"}});
         }},

    {.name = "SeveralConnections",
     .settings = "  server_connections: 3\n",
     .servers = {"one"},
     .play =
         [](Theatre& theatre) {
           for (int i = 0; i < 3; ++i) theatre.Ask(theatre.Connect(), Get("key"));
         },
     .settled = {{"p/one/responses", "3"}}},

    {.name = "UnixServer",
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

    {.name = "UnixListener",
     .unix_listener = true,
     .servers = {"one"},
     .play =
         [](Theatre& theatre) {
           Party& client = theatre.Connect();
           theatre.Connect();
           theatre.Ask(client, Get("key"));
           theatre.End(client);
         }},
};

using StatsTest = ::testing::TestWithParam<const Act*>;

TEST_P(StatsTest, EachFieldOfNutcrackerIsTheSameOrBetter) { ExpectSameStats(*GetParam()); }

INSTANTIATE_TEST_SUITE_P(All, StatsTest, ::testing::ValuesIn(Program(kActs)), ActName);

}  // namespace
}  // namespace keyway

#include "tools/keywayctl/text.h"

#include <google/protobuf/util/json_util.h>

#include <string>

#include "gtest/gtest.h"
#include "tools/keywayctl/table.h"

namespace keyway {
namespace {

namespace v1 = admin::v1;

// A message in the form that --json shows.
template <class Message>
Message FromJson(const std::string& json) {
  Message message;
  const auto status = google::protobuf::util::JsonStringToMessage(json, &message);
  EXPECT_TRUE(status.ok()) << status.ToString();
  return message;
}

TEST(TableTest, ColumnsAreAsWideAsTheirCells) {
  Table table({{"NAME"}, {"COUNT", true}, {"NOTE"}});
  table.AddRow({"a", "5", ""});
  table.AddRow({"länger", "123456", "x"});
  EXPECT_EQ(table.ToString("  "),
            "  NAME     COUNT  NOTE\n"
            "  a            5\n"
            "  länger  123456  x\n");
}

TEST(TableTest, WithoutTitles) {
  Table table({{""}, {""}});
  table.AddRow({"a", "b"});
  EXPECT_EQ(table.ToString(), "a  b\n");
}

TEST(TextTest, State) {
  const auto state = FromJson<v1::State>(R"({
    "process": {"version": "1.2", "host": "here", "pid": 7, "uptime": "11520.5s",
                "generation": 5, "log_level": {"name": "notice", "number": 5}},
    "workers": [{"clients": 3}, {"clients": 4}],
    "pools": [{
      "name": "alpha", "listen": "127.0.0.1:22121", "protocol": "redis",
      "distribution": "ketama", "hash": "fnv1a_64", "hash_tag": "{}",
      "counters": {"client_connections": 7, "requests": 1000, "forward_error": 1},
      "servers": [
        {"name": "s1", "address": "127.0.0.1:6386", "live": true,
         "counters": {"requests": 900, "in_queue": 1, "out_queue": 2, "server_connections": 2}},
        {"name": "s2", "ejected": true, "next_probe": "2.5s", "last_error": "it hung up",
         "counters": {"requests": 100}},
        {"name": "s3", "address": "/tmp/s3", "ejected": true, "ejected_by_hand": true},
        {"name": "s4", "address": "127.0.0.1:6389", "ejected_by_hand": true},
        {"name": "s5", "address": "127.0.0.1:6390", "live": true, "failures": 1}]}]})");
  EXPECT_EQ(StateText(state),
            R"(keyway 1.2 on here, process 7, up 3 h 12 min, log level notice
2 workers, 7 clients (3 to 4 each), routing 5

pool alpha: redis on 127.0.0.1:22121, ketama, fnv1a_64 of what {} encloses
  7 clients, 1000 requests, 1 server error
  SERVER  ADDRESS         STATE                     REQUESTS  WAITING  CONNECTIONS  LAST ERROR
  s1      127.0.0.1:6386  live                           900        3            2
  s2      unknown         ejected, probed in 2.5 s       100        0            0  it hung up
  s3      /tmp/s3         ejected, also by hand            0        0            0
  s4      127.0.0.1:6389  ejected by hand                  0        0            0
  s5      127.0.0.1:6390  live, 1 failure                  0        0            0
)");
}

TEST(TextTest, Names) {
  const auto state = FromJson<v1::State>(R"({"pools": [
    {"name": "a", "servers": [{"name": "s1"}, {"name": "s2"}]},
    {"name": "b", "servers": [{"name": "s3"}]}]})");
  EXPECT_EQ(NamesText(state, false), "a\nb\n");
  EXPECT_EQ(NamesText(state, true), "s1\ns2\ns3\n");
}

TEST(TextTest, StateOfOneWorkerThatHasJustBegun) {
  const auto state = FromJson<v1::State>(R"({
    "process": {"version": "1.2", "host": "here", "pid": 7, "uptime": "0.9s", "generation": 1,
                "log_level": {"name": "debug", "number": 7}},
    "workers": [{"clients": 1}]})");
  EXPECT_EQ(StateText(state),
            "keyway 1.2 on here, process 7, up 0 s, log level debug\n"
            "1 worker, 1 client, routing 1\n");
}

TEST(TextTest, Route) {
  EXPECT_EQ(RouteText(FromJson<v1::RouteResponse>(R"({
    "pool": "alpha", "hashed_part": "42", "hash": "fnv1a_64", "hash_value": 3031536163,
    "distribution": "ketama",
    "destination": {"server": "s1", "address": "127.0.0.1:6386",
                    "place": {"kind": "ring point", "index": 346, "count": 480,
                              "position": 3031935020}},
    "if_all_live": {"server": "s1"}})")),
            "server        s1\n"
            "address       127.0.0.1:6386\n"
            "pool          alpha\n"
            "hashed part   42\n"
            "hash          fnv1a_64: 3031536163\n"
            "distribution  ketama: ring point 346 of 480, at 3031935020\n");
}

TEST(TextTest, RouteAroundWhatIsOut) {
  EXPECT_EQ(RouteText(FromJson<v1::RouteResponse>(R"({
    "pool": "alpha", "hashed_part": "x", "hash": "md5", "hash_value": 1, "distribution": "modula",
    "destination": {"server": "s1", "place": {"kind": "list entry", "index": 0, "count": 2}},
    "if_all_live": {"server": "s2", "place": {"kind": "list entry", "index": 1, "count": 4}},
    "out": [{"name": "s2", "ejected_by_hand": true}, {"name": "s3", "ejected": true}]})")),
            "server        s1\n"
            "address       unknown\n"
            "pool          alpha\n"
            "hashed part   x\n"
            "hash          md5: 1\n"
            "distribution  modula: list entry 0 of 2\n"
            "out           s2 (ejected by hand), s3 (ejected, probed now)\n"
            "if all live   s2: list entry 1 of 4\n");
}

TEST(TextTest, RouteToNobody) {
  EXPECT_EQ(RouteText(FromJson<v1::RouteResponse>(R"({
    "pool": "alpha", "hashed_part": "x", "hash": "md5", "distribution": "ketama",
    "destination": {}, "if_all_live": {"server": "s1", "place":
        {"kind": "ring point", "index": 1, "count": 160, "position": 5}},
    "out": [{"name": "s1", "ejected": true, "next_probe": "1s"}]})")),
            "server        none: no server of the pool is live\n"
            "pool          alpha\n"
            "hashed part   x\n"
            "hash          md5: 0\n"
            "distribution  ketama\n"
            "out           s1 (ejected, probed in 1.0 s)\n"
            "if all live   s1: ring point 1 of 160, at 5\n");
}

TEST(TextTest, RouteToAnybody) {
  EXPECT_EQ(RouteText(FromJson<v1::RouteResponse>(R"({
    "pool": "alpha", "hashed_part": "x", "hash": "md5", "distribution": "random",
    "destination": {}, "if_all_live": {}, "out": [{"name": "s1", "ejected_by_hand": true}]})")),
            "server        any: each request goes to another one\n"
            "pool          alpha\n"
            "hashed part   x\n"
            "hash          md5: 0\n"
            "distribution  random\n"
            "out           s1 (ejected by hand)\n");
}

TEST(TextTest, Orders) {
  const auto order = [](const std::string& json) { return FromJson<v1::OrderResponse>(json); };
  EXPECT_EQ(EjectedText("alpha", order(R"({"changed": true, "generation": 3,
                                           "server": {"name": "s1"}})")),
            "s1 of pool alpha is ejected by hand (routing 3)\n");
  EXPECT_EQ(EjectedText("alpha", order(R"({"generation": 3, "server": {"name": "s1"}})")),
            "s1 of pool alpha was ejected by hand already (routing 3)\n");
  EXPECT_EQ(RestoredText("alpha", order(R"({"changed": true, "generation": 4,
                                            "server": {"name": "s1", "live": true}})")),
            "s1 of pool alpha is restored, and takes keys (routing 4)\n");
  EXPECT_EQ(RestoredText("alpha", order(R"({"generation": 4, "server":
                {"name": "s1", "ejected": true, "next_probe": "12s"}})")),
            "s1 of pool alpha was not ejected by hand, and takes keys when a probe has succeeded: "
            "it is ejected, probed in 12.0 s (routing 4)\n");
}

TEST(TextTest, LogLevel) {
  EXPECT_EQ(LogLevelText(FromJson<v1::LogLevel>(R"({"name": "notice", "number": 5})")),
            "notice (5)\n");
}

}  // namespace
}  // namespace keyway

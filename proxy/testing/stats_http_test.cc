// The statistics port of the program that is shipped: nutcracker's readers and HTTP
// clients, friendly and not, while requests go on.
#include <signal.h>

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "proxy/base/limits.h"
#include "proxy/stats/exposition_checker.h"
#include "proxy/testing/client.h"
#include "proxy/testing/process.h"

namespace keyway {
namespace {

using std::chrono::steady_clock;
using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class StatsHttpTest : public ::testing::Test {
 protected:
  StatsHttpTest()
      : proxy_(ProxyPath(),
               absl::StrFormat("alpha:\n"
                               "  listen: 127.0.0.1:%d\n"
                               "  redis: true\n"
                               "  auto_eject_hosts: true\n"
                               "  server_failure_limit: 1\n"
                               "  server_retry_timeout: 60000\n"
                               "  servers:\n"
                               "   - 127.0.0.1:%d:1 one\n",
                               port_.number(), redis_.port()),
               {port_.number()}) {}

  // A client that is held up between its connect and its request for kStatsAskWait is
  // told what nutcracker's readers are; on a busy machine that happens, so it asks again.
  std::string Http(const std::string& request) {
    for (int i = 0; i < 20; ++i) {
      Client client(proxy_.stats_port());
      client.Send(request);
      std::string answer = client.ReadUntilClosed();
      if (!answer.starts_with('{')) return answer;
    }
    ADD_FAILURE() << "never taken for an HTTP client";
    return "";
  }
  std::string Get(const std::string& path) {
    return Http("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
  }
  std::map<std::string, double> Metrics() {
    const std::string answer = Get("/metrics");
    Exposition read = ReadExposition(answer.substr(answer.find("\r\n\r\n") + 4));
    EXPECT_EQ(read.error, "");
    return read.values;
  }

  RedisServer redis_;
  FreePort port_;
  ProxyProcess proxy_;
};

TEST_F(StatsHttpTest, WhoSaysNothingIsToldAsNutcrackerTells) {
  Client silent(proxy_.stats_port());
  const auto start = steady_clock::now();
  const std::string json = silent.ReadUntilClosed();
  EXPECT_GE(steady_clock::now() - start, kStatsAskWait - std::chrono::milliseconds(2));
  EXPECT_THAT(json, AllOf(StartsWith("{\"service\":\"nutcracker\", "), EndsWith("}}}\n")));

  Client ending(proxy_.stats_port());
  ending.SendEnd();
  EXPECT_THAT(ending.ReadUntilClosed(), StartsWith("{\"service\":\"nutcracker\", "));
}

TEST_F(StatsHttpTest, PagesOverHttp) {
  EXPECT_THAT(
      Get("/stats"),
      AllOf(StartsWith("HTTP/1.1 200 OK\r\n"), HasSubstr("Content-Type: application/json\r\n"),
            HasSubstr("\r\n\r\n{\"service\":\"nutcracker\", "), EndsWith("}}}\n")));
  EXPECT_THAT(Get("/healthz"), AllOf(StartsWith("HTTP/1.1 200 OK\r\n"), EndsWith("\r\n\r\nok\n")));
  EXPECT_THAT(Get("/other"), StartsWith("HTTP/1.1 404 "));
  EXPECT_THAT(Http("DELETE /stats HTTP/1.1\r\n\r\n"), StartsWith("HTTP/1.1 405 "));
  EXPECT_THAT(Http("HEAD /stats HTTP/1.1\r\n\r\n"), EndsWith("\r\n\r\n"));
}

TEST_F(StatsHttpTest, MetricsMoveWithTheTraffic) {
  constexpr int kRequests = 50;
  Client client(port_.number());
  for (int i = 0; i < kRequests; ++i) client.Ask({"SET", "key", "value"});
  std::map<std::string, double> metrics = Metrics();
  EXPECT_EQ(metrics[R"(keyway_client_connections{pool="alpha"})"], 1);
  EXPECT_EQ(metrics[R"(keyway_client_requests_total{pool="alpha"})"], kRequests);
  EXPECT_EQ(metrics[R"(keyway_server_requests_total{pool="alpha",server="one"})"], kRequests);
  EXPECT_EQ(metrics[R"(keyway_server_up{pool="alpha",server="one"})"], 1);
  EXPECT_EQ(metrics[R"(keyway_request_duration_seconds_count{pool="alpha"})"], kRequests);
  EXPECT_GT(metrics[R"(keyway_request_duration_seconds_sum{pool="alpha"})"], 0);
  const std::string one = R"({pool="alpha",server="one"})";
  EXPECT_EQ(metrics["keyway_server_request_duration_seconds_count" + one], kRequests);
  // A client's request lasts for as long as the server takes, and no turn longer.
  EXPECT_GE(metrics[R"(keyway_request_duration_seconds_sum{pool="alpha"})"],
            metrics["keyway_server_request_duration_seconds_sum" + one]);
  EXPECT_GT(metrics["process_resident_memory_bytes"], 1e6);
  EXPECT_GT(metrics["process_start_time_seconds"], 1.7e9);
}

TEST_F(StatsHttpTest, ADeadServerShowsWithItsError) {
  Client client(port_.number());
  EXPECT_EQ(client.Ask({"SET", "key", "value"}), "+OK\r\n");
  redis_.Kill();
  std::string health;
  const auto deadline = steady_clock::now() + kTestDeadline;
  do {
    client.Ask({"GET", "key"});
    health = Get("/healthz");
  } while (health.starts_with("HTTP/1.1 200") && steady_clock::now() < deadline);
  EXPECT_THAT(health, AllOf(StartsWith("HTTP/1.1 503 Service Unavailable\r\n"),
                            EndsWith("\r\n\r\nno live server in: alpha\n")));
  std::map<std::string, double> metrics = Metrics();
  EXPECT_EQ(metrics[R"(keyway_server_up{pool="alpha",server="one"})"], 0);
  EXPECT_EQ(metrics[R"(keyway_server_ejections_total{pool="alpha",server="one"})"], 1);
  EXPECT_GT(metrics[R"(keyway_server_last_error_timestamp_seconds{pool="alpha",server="one"})"],
            1.7e9);
  const std::string stats = Get("/stats");
  EXPECT_THAT(stats, AnyOf(HasSubstr("\"server_last_error\":\"Connection refused\""),
                           HasSubstr("\"server_last_error\":\"server closed the connection\"")));
}

TEST_F(StatsHttpTest, HostileReadersHarmNothing) {
  Client client(port_.number());
  std::vector<std::unique_ptr<Client>> hostile;
  for (size_t i = 0; i < 3 * kMaxStatsReaders; ++i) {
    hostile.push_back(std::make_unique<Client>(proxy_.stats_port()));
    hostile.back()->Send(i % 2 == 0 ? "GET /metrics HTTP/1.1\r\nX: " : std::string(5000, 'G'));
  }
  for (int i = 0; i < 100; ++i) EXPECT_EQ(client.Ask({"SET", "key", "value"}), "+OK\r\n");
  hostile.clear();
  // The port is of use again, and has counted those it refused.
  const auto deadline = steady_clock::now() + kTestDeadline;
  while (proxy_.Stats().empty() && steady_clock::now() < deadline) {
  }
  EXPECT_GE(Metrics()["keyway_stats_refused_readers_total"], 1);
}

TEST_F(StatsHttpTest, WhileItStopsItIsNotHealthy) {
  Client client(port_.number());
  client.Ask({"PING"});
  // A request that is never complete holds the stop up.
  redis_.process().Signal(SIGSTOP);
  client.Send("*2\r\n$3\r\nGET\r\n$1\r\nk\r\n");
  proxy_.process().Signal(SIGTERM);
  std::string health;
  const auto deadline = steady_clock::now() + kTestDeadline;
  do {
    health = Get("/healthz");
  } while (health.starts_with("HTTP/1.1 200") && steady_clock::now() < deadline);
  EXPECT_THAT(health, AllOf(StartsWith("HTTP/1.1 503 "), EndsWith("\r\n\r\ndraining\n")));
  redis_.process().Signal(SIGCONT);
  EXPECT_EQ(client.ReadUntilClosed(), "$-1\r\n");
  client.Close();
  EXPECT_EQ(proxy_.process().AwaitExit(), 0);
}

}  // namespace
}  // namespace keyway

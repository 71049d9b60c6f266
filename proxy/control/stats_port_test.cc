#include "proxy/control/stats_port.h"

#include <list>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "proxy/base/limits.h"
#include "proxy/net/fake_loop.h"
#include "proxy/stats/exposition_checker.h"

namespace keyway {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

// Reads until the other end is done, then closes.
class Monitor : public StreamHandler {
 public:
  Monitor(EventLoop& loop, const Address& address) : stream_(loop.Connect(address, {}, *this)) {}

  void OnData(InputBuffer& input) override {
    text += input.bytes();
    input.Consume(input.bytes().size());
  }
  void OnEnd() override {
    ended = true;
    stream_.reset();
  }
  void OnFailed(int) override {
    failed = true;
    stream_.reset();
  }

  void Send(std::string_view bytes) {
    stream_->output().Append(bytes);
    stream_->Flush();
  }
  void SendEnd() { stream_->SendEnd(); }
  void StopReading() { stream_->SetReading(false); }

  std::string text;
  bool ended = false;
  bool failed = false;

 private:
  std::unique_ptr<Stream> stream_;
};

class StatsPortTest : public ::testing::Test {
 protected:
  StatsPortTest() {
    config_.pools.resize(1);
    config_.pools[0].name = "alpha";
    config_.pools[0].servers.resize(1);
    config_.pools[0].servers[0].name = "redis-1";
    worker_.pools.push_back(std::make_unique<PoolStats>(1));
  }

  // Listens on `loop`.
  void Open(FakeLoop& loop) {
    control_.generation.Set(1);
    port_ = std::make_unique<StatsPort>(loop, StatsSource{.shown = ShowInTwemproxyOrder(config_),
                                                          .workers = {&worker_},
                                                          .control = &control_,
                                                          .host = "vm",
                                                          .version = "1.2.3",
                                                          .started = loop.WallNow()});
    ASSERT_TRUE(port_->Listen(address_).ok());
  }

  // What comes of sending that.
  std::string Ask(std::string_view request) {
    Monitor monitor(loop_, address_);
    monitor.Send(request);
    loop_.RunUntilIdle();
    EXPECT_TRUE(monitor.ended);
    EXPECT_FALSE(monitor.failed);
    return monitor.text;
  }
  std::string Get(const std::string& path) {
    return Ask("GET " + path + " HTTP/1.1\r\nHost: vm\r\n\r\n");
  }

  const Address address_ = *Resolve({.host = "127.0.0.1", .port = 22222, .path = {}});
  FakeLoop loop_;
  Config config_;
  WorkerStats worker_;
  ControlStats control_{std::vector<size_t>{1}};
  std::unique_ptr<StatsPort> port_;
};

TEST_F(StatsPortTest, TellsAndClosesWithoutBeingAsked) {
  Open(loop_);
  worker_.pools[0]->client_eof.Add(17);
  loop_.Advance(std::chrono::seconds(90));
  Monitor monitor(loop_, address_);
  loop_.Advance(kStatsAskWait - std::chrono::milliseconds(1));
  EXPECT_EQ(monitor.text, "") << "an HTTP client would have had no time";
  loop_.Advance(std::chrono::milliseconds(1));
  EXPECT_TRUE(monitor.ended);
  EXPECT_THAT(monitor.text,
              StartsWith(R"({"service":"nutcracker", "source":"vm", "version":"1.2.3", )"
                         R"("uptime":90, "timestamp":)"));
  EXPECT_THAT(monitor.text, HasSubstr(R"("alpha": {"client_eof":17, )"));
  EXPECT_THAT(monitor.text, HasSubstr(R"("redis-1": {"server_eof":0, )"));
  EXPECT_THAT(monitor.text, EndsWith("}}}\n"));
  EXPECT_EQ(loop_.open_sockets(), 0u);
}

TEST_F(StatsPortTest, NumbersAreThoseOfTheAnswer) {
  Open(loop_);
  for (int i = 1; i <= 3; ++i) {
    Monitor monitor(loop_, address_);
    loop_.RunUntilIdle();
    worker_.total_connections.Add();
    loop_.Advance(kStatsAskWait);
    EXPECT_THAT(monitor.text, HasSubstr("\"total_connections\":" + std::to_string(i)));
  }
}

TEST_F(StatsPortTest, WhoSaysSomethingElseNeedsNotWait) {
  Open(loop_);
  for (const std::string text :
       {"stats\r\n", "\n", "GET /stats\r\n", "STATS", "*1\r\n$4\r\nINFO\r\n"}) {
    const std::string told = Ask(text);
    EXPECT_THAT(told, StartsWith("{\"service\"")) << text;
    EXPECT_THAT(told, EndsWith("}}}\n")) << text;
  }
}

TEST_F(StatsPortTest, APeerThatEndsFirstGetsEverything) {
  FakeLoop::Options options;
  options.socket_bytes = 100;  // so that sending takes many turns
  FakeLoop loop(options);
  Open(loop);
  Monitor monitor(loop, address_);
  monitor.SendEnd();
  loop.RunUntilIdle();
  EXPECT_TRUE(monitor.ended);
  EXPECT_THAT(monitor.text, EndsWith("}}}\n"));
  EXPECT_EQ(loop.open_sockets(), 0u);
  port_.reset();
}

TEST_F(StatsPortTest, StatsOverHttpAreTheSameJson) {
  Open(loop_);
  Monitor plain(loop_, address_);
  plain.SendEnd();
  loop_.RunUntilIdle();
  const std::string answer = Get("/stats");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(answer, HasSubstr("\r\nContent-Type: application/json\r\nContent-Length: " +
                                std::to_string(plain.text.size()) + "\r\nConnection: close\r\n"));
  EXPECT_EQ(answer.substr(answer.find("\r\n\r\n") + 4), plain.text);
  EXPECT_EQ(loop_.open_sockets(), 0u);
}

TEST_F(StatsPortTest, MetricsArePrometheuss) {
  Open(loop_);
  worker_.pools[0]->servers[0].latency.Record(std::chrono::microseconds(100));
  const std::string answer = Get("/metrics");
  EXPECT_THAT(answer, HasSubstr("\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n"));
  const Exposition read = ReadExposition(answer.substr(answer.find("\r\n\r\n") + 4));
  EXPECT_EQ(read.error, "");
  EXPECT_EQ(read.values.at("keyway_build_info{version=\"1.2.3\"}"), 1);
  EXPECT_EQ(read.values.at("keyway_server_request_duration_seconds_count"
                           "{pool=\"alpha\",server=\"redis-1\"}"),
            1);
}

TEST_F(StatsPortTest, PercentilesAreOfTheLatestRequests) {
  Open(loop_);
  worker_.pools[0]->latency.Record(std::chrono::microseconds(1024));
  EXPECT_THAT(Get("/stats"), HasSubstr("\"latency_p50_us\":1024"));
  loop_.Advance(LatestLatency::kWindow);
  EXPECT_THAT(Get("/stats"), HasSubstr("\"latency_p50_us\":1024"));
  loop_.Advance(LatestLatency::kWindow);
  EXPECT_THAT(Get("/stats"), Not(HasSubstr("\"latency_p50_us\":1024")));
}

TEST_F(StatsPortTest, HealthIsALiveServerInEachPool) {
  config_.pools.push_back(config_.pools[0]);
  config_.pools.push_back(config_.pools[0]);
  config_.pools[1].name = "beta";
  config_.pools[2].name = "gamma";
  control_.pools = ControlStats(std::vector<size_t>{2, 1, 1}).pools;
  Open(loop_);
  EXPECT_THAT(Get("/healthz"), AllOf(StartsWith("HTTP/1.1 200 OK\r\n"), EndsWith("\r\n\r\nok\n")));
  control_.pools[0][0].ejected.Set(1);
  EXPECT_THAT(Get("/healthz"), StartsWith("HTTP/1.1 200 OK\r\n"));
  control_.pools[0][1].ejected.Set(1);
  control_.pools[2][0].ejected_by_hand.Set(1);
  EXPECT_THAT(Get("/healthz"), AllOf(StartsWith("HTTP/1.1 503 Service Unavailable\r\n"),
                                     EndsWith("\r\n\r\nno live server in: alpha, gamma\n")));
  control_.pools[0][1].ejected.Set(0);
  control_.pools[2][0].ejected_by_hand.Set(0);
  EXPECT_THAT(Get("/healthz"), StartsWith("HTTP/1.1 200 OK\r\n"));
}

TEST_F(StatsPortTest, NeitherTheStartNorTheEndIsHealthy) {
  Open(loop_);
  control_.generation.Set(0);
  EXPECT_THAT(Get("/healthz"), AllOf(StartsWith("HTTP/1.1 503 "), EndsWith("\r\nstarting\n")));
  control_.generation.Set(1);
  port_->SetDraining();
  EXPECT_THAT(Get("/healthz"), AllOf(StartsWith("HTTP/1.1 503 "), EndsWith("\r\ndraining\n")));
}

TEST_F(StatsPortTest, OtherPagesAndMethods) {
  Open(loop_);
  EXPECT_THAT(Get("/"), AllOf(StartsWith("HTTP/1.1 404 Not Found\r\n"), HasSubstr("/metrics\n")));
  EXPECT_THAT(Get("/stats/"), StartsWith("HTTP/1.1 404 Not Found\r\n"));
  EXPECT_THAT(Ask("POST /stats HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}"),
              AllOf(StartsWith("HTTP/1.1 405 Method Not Allowed\r\n"),
                    HasSubstr("\r\nAllow: GET, HEAD\r\n")));
  EXPECT_THAT(Ask("GET /stats HTTP/2.0\r\n\r\n"), StartsWith("HTTP/1.1 400 Bad Request\r\n"));
}

TEST_F(StatsPortTest, HeadTellsTheLengthOnly) {
  Open(loop_);
  const std::string head = Ask("HEAD /healthz HTTP/1.1\r\n\r\n");
  EXPECT_THAT(head, AllOf(StartsWith("HTTP/1.1 200 OK\r\n"), HasSubstr("Content-Length: 3\r\n"),
                          EndsWith("\r\n\r\n")));
}

TEST_F(StatsPortTest, ARequestMayComeInPieces) {
  Open(loop_);
  const std::string request = "GET /healthz HTTP/1.1\r\nHost: vm\r\n\r\n";
  Monitor monitor(loop_, address_);
  for (const char c : request) {
    EXPECT_EQ(monitor.text, "");
    monitor.Send({&c, 1});
    loop_.Advance(kStatsAskWait);
  }
  EXPECT_TRUE(monitor.ended);
  EXPECT_THAT(monitor.text, EndsWith("\r\n\r\nok\n"));
}

TEST_F(StatsPortTest, WhatFollowsTheRequestIsIgnored) {
  Open(loop_);
  const std::string request = "GET /healthz HTTP/1.1\r\n\r\n";
  const std::string garbage(100'000, '\xff');
  Monitor monitor(loop_, address_);
  monitor.Send(request + request + garbage);
  loop_.RunUntilIdle();
  EXPECT_TRUE(monitor.ended);
  EXPECT_FALSE(monitor.failed);
  EXPECT_THAT(monitor.text, AllOf(StartsWith("HTTP/1.1 200 OK\r\n"), EndsWith("\r\n\r\nok\n")));
  EXPECT_EQ(monitor.text.find("HTTP/1.1", 1), std::string::npos) << "answered twice";
}

TEST_F(StatsPortTest, LongHeadersAreRefused) {
  Open(loop_);
  const std::string start = "GET /healthz HTTP/1.1\r\nX: ";
  const std::string fits(kMaxHttpHeadBytes - start.size() - 4, 'x');
  EXPECT_THAT(Ask(start + fits + "\r\n\r\n"), StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(Ask(start + fits + "xxxxx"), StartsWith("HTTP/1.1 431 Request Header"));
  EXPECT_THAT(Ask("GET /" + std::string(1'000'000, 'x')),
              StartsWith("HTTP/1.1 431 Request Header"));
}

TEST_F(StatsPortTest, WhoNeverFinishesTheRequestIsCutOff) {
  Open(loop_);
  Monitor monitor(loop_, address_);
  monitor.Send("GET /stats HTTP/1.1\r\n");
  loop_.Advance(kStatsReaderTimeout - std::chrono::milliseconds(1));
  EXPECT_FALSE(monitor.ended);
  loop_.Advance(std::chrono::milliseconds(1));
  EXPECT_TRUE(monitor.ended);
  EXPECT_EQ(monitor.text, "");
  EXPECT_EQ(loop_.open_sockets(), 0u);
}

TEST_F(StatsPortTest, ASlowReaderIsCutOff) {
  FakeLoop::Options options;
  options.socket_bytes = 100;
  FakeLoop loop(options);
  Open(loop);
  Monitor monitor(loop, address_);
  monitor.StopReading();
  loop.Advance(kStatsAskWait);
  EXPECT_EQ(loop.open_sockets(), 2u);
  loop.Advance(kStatsReaderTimeout - kStatsAskWait);
  EXPECT_EQ(loop.open_sockets(), 1u);
  port_.reset();
}

TEST_F(StatsPortTest, ReadersAreBounded) {
  Open(loop_);
  std::list<Monitor> idlers;
  for (size_t i = 0; i < kMaxStatsReaders; ++i) {
    idlers.emplace_back(loop_, address_).Send("GET ");
  }
  loop_.RunUntilIdle();
  EXPECT_EQ(control_.refused_readers.value(), 0);
  {
    Monitor late(loop_, address_);
    loop_.RunUntilIdle();
    EXPECT_TRUE(late.ended || late.failed);
    EXPECT_EQ(late.text, "");
  }
  EXPECT_EQ(control_.refused_readers.value(), 1);
  loop_.Advance(kStatsReaderTimeout);
  EXPECT_THAT(Get("/stats"), HasSubstr("\"refused_readers\":1, "));
}

TEST_F(StatsPortTest, APortThatIsTakenIsAnError) {
  Open(loop_);
  StatsPort second(loop_, {});
  EXPECT_FALSE(second.Listen(address_).ok());
}

TEST(ShowInTwemproxyOrderTest, ShorterNamesComeFirstThenBytes) {
  Config config;
  for (const char* name : {"gamma", "b", "alpha", "a"}) {
    config.pools.emplace_back().name = name;
  }
  for (const char* name : {"server10", "server9", "server2"}) {
    config.pools[1].servers.emplace_back().name = name;
  }
  const std::vector<ShownPool> shown = ShowInTwemproxyOrder(config);
  std::vector<std::string> pools;
  for (const ShownPool& pool : shown) pools.push_back(pool.name);
  EXPECT_THAT(pools, ElementsAre("a", "b", "alpha", "gamma"));
  EXPECT_EQ(shown[1].index, 1u);
  std::vector<std::string> servers;
  for (const ShownServer& server : shown[1].servers) servers.push_back(server.name);
  EXPECT_THAT(servers, ElementsAre("server2", "server9", "server10"));
  EXPECT_EQ(shown[1].servers[0].index, 2u);
}

}  // namespace
}  // namespace keyway

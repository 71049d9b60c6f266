#include "proxy/control/stats_port.h"

#include <list>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "proxy/base/limits.h"
#include "proxy/net/fake_loop.h"

namespace keyway {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
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
    port_ = std::make_unique<StatsPort>(loop, StatsSource{.shown = ShowInTwemproxyOrder(config_),
                                                          .workers = {&worker_},
                                                          .control = &control_,
                                                          .host = "vm",
                                                          .version = "1.2.3",
                                                          .started = loop.WallNow()});
    ASSERT_TRUE(port_->Listen(address_).ok());
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
  loop_.RunUntilIdle();
  EXPECT_TRUE(monitor.ended);
  EXPECT_THAT(monitor.text,
              StartsWith(R"({"service":"nutcracker", "source":"vm", "version":"1.2.3", )"
                         R"("uptime":90, "timestamp":)"));
  EXPECT_THAT(monitor.text, HasSubstr(R"("alpha": {"client_eof":17, )"));
  EXPECT_THAT(monitor.text, HasSubstr(R"("redis-1": {"server_eof":0, )"));
  EXPECT_THAT(monitor.text, EndsWith("}}}\n"));
  EXPECT_EQ(loop_.open_sockets(), 0u);
}

TEST_F(StatsPortTest, NumbersAreFreshAtEachConnection) {
  Open(loop_);
  for (int i = 1; i <= 3; ++i) {
    worker_.total_connections.Add();
    Monitor monitor(loop_, address_);
    loop_.RunUntilIdle();
    EXPECT_THAT(monitor.text, HasSubstr("\"total_connections\":" + std::to_string(i)));
  }
}

TEST_F(StatsPortTest, ARequestIsReadAndIgnored) {
  Open(loop_);
  Monitor monitor(loop_, address_);
  monitor.Send("GET /stats HTTP/1.1\r\n\r\n");
  loop_.RunUntilIdle();
  EXPECT_TRUE(monitor.ended);
  EXPECT_THAT(monitor.text, EndsWith("}}}\n"));
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

TEST_F(StatsPortTest, ASlowReaderIsCutOff) {
  FakeLoop::Options options;
  options.socket_bytes = 100;
  FakeLoop loop(options);
  Open(loop);
  Monitor monitor(loop, address_);
  monitor.StopReading();
  loop.RunUntilIdle();
  EXPECT_EQ(loop.open_sockets(), 2u);
  loop.Advance(kStatsReaderTimeout);
  EXPECT_EQ(loop.open_sockets(), 1u);
  port_.reset();
}

TEST_F(StatsPortTest, ReadersAreBounded) {
  FakeLoop::Options options;
  options.socket_bytes = 100;
  FakeLoop loop(options);
  Open(loop);
  std::list<Monitor> idlers;
  for (size_t i = 0; i < kMaxStatsReaders; ++i) {
    idlers.emplace_back(loop, address_).StopReading();
  }
  loop.RunUntilIdle();
  {
    Monitor late(loop, address_);
    loop.RunUntilIdle();
    EXPECT_TRUE(late.ended || late.failed);
    EXPECT_EQ(late.text, "");
  }
  loop.Advance(kStatsReaderTimeout);
  Monitor served(loop, address_);
  loop.RunUntilIdle();
  EXPECT_THAT(served.text, EndsWith("}}}\n"));
  port_.reset();
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

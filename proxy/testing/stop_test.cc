// SIGTERM and SIGINT: no more clients, the requests in flight are finished, exit code 0.
#include <signal.h>
#include <sys/wait.h>

#include <string>

#include "absl/strings/str_format.h"
#include "gtest/gtest.h"
#include "proxy/testing/party.h"
#include "proxy/testing/stage.h"
#include "proxy/testing/wire.h"

namespace keyway {
namespace {

class StopTest : public ::testing::TestWithParam<int> {
 protected:
  StopTest()
      : stage_(ProxyPath(), {"--workers=2"}),
        server_(stage_.loop(), stage_.AddressOf("s1"), [this](Party&) { stage_.Changed(); }) {
    stage_.StartProxy(absl::StrFormat("p:\n"
                                      "  listen: 127.0.0.1:%d\n"
                                      "  redis: true\n"
                                      "  servers:\n"
                                      "   - 127.0.0.1:%d:1 s1\n",
                                      stage_.PortOf("pool"), stage_.PortOf("s1")),
                      {stage_.PortOf("pool")});
  }

  std::unique_ptr<Party> Connect() {
    return std::make_unique<Party>(stage_.loop(), stage_.AddressOf("pool"),
                                   [this](Party&) { stage_.Changed(); });
  }

  void ExpectCleanExit() {
    const std::optional<int> status = stage_.proxy().process().AwaitExit();
    ASSERT_TRUE(status.has_value()) << "it still runs";
    EXPECT_TRUE(WIFEXITED(*status) && WEXITSTATUS(*status) == 0) << *status;
  }

  KernelStage stage_;
  Host server_;
};

TEST_P(StopTest, WithoutClientsItEndsAtOnce) {
  stage_.proxy().process().Signal(GetParam());
  ExpectCleanExit();
}

TEST_P(StopTest, RequestsInFlightAreFinished) {
  const auto busy = Connect();
  const auto idle = Connect();
  idle->Send(Resp({"PING"}));
  ASSERT_TRUE(stage_.RunUntil([&] { return idle->received() == "+PONG\r\n"; }));
  const std::string request = Resp({"GET", "k"});
  busy->Send(request);
  ASSERT_TRUE(stage_.RunUntil(
      [&] { return !server_.parties().empty() && server_.parties()[0]->received() == request; }));

  stage_.proxy().process().Signal(GetParam());
  EXPECT_TRUE(stage_.RunUntil([&] { return idle->ended(); }));
  EXPECT_EQ("", busy->received());
  EXPECT_FALSE(busy->ended());
  const auto late = Connect();
  EXPECT_TRUE(stage_.RunUntil([&] { return late->ended(); }));

  server_.parties()[0]->Send("$1\r\nv\r\n");
  EXPECT_TRUE(stage_.RunUntil([&] { return busy->ended(); }));
  EXPECT_EQ("$1\r\nv\r\n", busy->received());
  busy->Close();
  idle->Close();
  ExpectCleanExit();
}

INSTANTIATE_TEST_SUITE_P(Signals, StopTest, ::testing::Values(SIGTERM, SIGINT),
                         [](const ::testing::TestParamInfo<int>& test) {
                           return test.param == SIGTERM ? std::string("Term") : std::string("Int");
                         });

}  // namespace
}  // namespace keyway

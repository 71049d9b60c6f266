#include "proxy/worker_route.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "proxy/net/fake_loop.h"

namespace keyway {
namespace {

using ::testing::ElementsAre;

// What control is told.
class NotedControl : public ServerEvents {
 public:
  void OnFailed(ServerId server, std::string cause) override {
    told.push_back("s" + std::to_string(server.server) + " failed: " + cause);
  }
  void OnRecovered(ServerId server) override {
    told.push_back("s" + std::to_string(server.server) + " recovered");
  }

  std::vector<std::string> told;
};

// Three servers, of which two failures in a row eject.
class WorkerRouteTest : public ::testing::Test {
 protected:
  WorkerRouteTest() {
    config_.auto_eject_hosts = true;
    config_.server_failure_limit = 2;
    for (const char* name : {"s0", "s1", "s2"}) config_.servers.emplace_back().name = name;
  }

  std::shared_ptr<const PoolRoute> Published(const std::vector<bool>& live) const {
    return *PoolRoute::Make(std::make_shared<const PoolConfig>(config_), live,
                            std::vector<std::optional<Address>>(live.size()));
  }
  void Adopt(std::shared_ptr<const PoolRoute> published) {
    route_.Adopt(std::move(published));
    loop_.RunUntilIdle();
  }
  void Fail(uint32_t server, int times = 1) {
    for (int i = 0; i < times; ++i) route_.OnFailed({.server = server}, "refused");
  }
  void Recover(uint32_t server) { route_.OnRecovered({.server = server}); }
  std::vector<bool> Live() const {
    return {used_.back()->IsLive(0), used_.back()->IsLive(1), used_.back()->IsLive(2)};
  }

  PoolConfig config_;
  FakeLoop loop_;
  NotedControl control_;
  std::vector<std::shared_ptr<const PoolRoute>> used_;
  std::function<void()> on_use_;  // once
  WorkerRoute route_{loop_, control_, [this](std::shared_ptr<const PoolRoute> route) {
                       used_.push_back(std::move(route));
                       if (on_use_) std::exchange(on_use_, nullptr)();
                     }};
};

TEST_F(WorkerRouteTest, ThePublishedRouteAsItIs) {
  const auto published = Published({true, true, true});
  Adopt(published);
  Fail(1);
  EXPECT_THAT(used_, ElementsAre(published));
}

TEST_F(WorkerRouteTest, TheFailureThatReachesTheLimitCountsAtOnce) {
  Adopt(Published({true, true, true}));
  Fail(1, 2);
  EXPECT_THAT(Live(), ElementsAre(true, false, true));
  // Control comes to the same.
  const auto published = Published({true, false, true});
  for (int i = 0; i < 200; ++i) {
    const std::string key = std::to_string(i);
    EXPECT_EQ(used_.back()->ServerFor(key), published->ServerFor(key));
  }
  Adopt(published);
  EXPECT_EQ(used_.back(), published);
}

TEST_F(WorkerRouteTest, AReplyStartsTheCountAgain) {
  Adopt(Published({true, true, true}));
  for (int i = 0; i < 5; ++i) {
    Fail(1);
    Recover(1);
  }
  EXPECT_THAT(Live(), ElementsAre(true, true, true));
  Fail(1, 2);
  EXPECT_THAT(Live(), ElementsAre(true, false, true));
}

TEST_F(WorkerRouteTest, ALimitOfZeroActsAsOne) {
  config_.server_failure_limit = 0;
  Adopt(Published({true, true, true}));
  Fail(2);
  EXPECT_THAT(Live(), ElementsAre(true, true, false));
}

TEST_F(WorkerRouteTest, WithoutAutoEjectHostsNothingChanges) {
  config_.auto_eject_hosts = false;
  Adopt(Published({true, true, true}));
  Fail(1, 100);
  EXPECT_THAT(Live(), ElementsAre(true, true, true));
}

// Another server's ejection, published before control had heard of this one's failures.
TEST_F(WorkerRouteTest, ASnapshotThatDoesNotKnowYetChangesNothing) {
  Adopt(Published({true, true, true}));
  Fail(1, 2);
  Adopt(Published({false, true, true}));
  EXPECT_THAT(Live(), ElementsAre(false, false, true));
  Adopt(Published({false, false, true}));
  EXPECT_THAT(Live(), ElementsAre(false, false, true));
}

TEST_F(WorkerRouteTest, WhenControlBringsItBackItNeedsTheFullLimit) {
  Adopt(Published({true, true, true}));
  Fail(1, 2);
  Adopt(Published({true, false, true}));
  Fail(1, 20);  // old news
  Adopt(Published({true, true, true}));
  EXPECT_THAT(Live(), ElementsAre(true, true, true));
  Fail(1);
  EXPECT_THAT(Live(), ElementsAre(true, true, true));
  Fail(1);
  EXPECT_THAT(Live(), ElementsAre(true, false, true));
}

TEST_F(WorkerRouteTest, ManyEjectionsOfOneTurnAreFewRings) {
  for (int i = 3; i < 100; ++i) config_.servers.emplace_back().name = "s" + std::to_string(i);
  Adopt(Published(std::vector<bool>(100, true)));
  for (uint32_t server = 0; server < 50; ++server) Fail(server, 2);
  loop_.RunUntilIdle();
  EXPECT_EQ(used_.size(), 3u) << "as published, without the first, without all";
  for (size_t server = 0; server < 100; ++server) {
    EXPECT_EQ(used_.back()->IsLive(server), server >= 50);
  }
}

// As when a connection fails while the first route is put to use.
TEST_F(WorkerRouteTest, EjectionFromWithinUseIsPutOffToTheEndOfTheTurn) {
  on_use_ = [this] { Fail(1); };
  route_.Adopt(Published({true, true, true}));
  EXPECT_THAT(Live(), ElementsAre(true, true, true));
  on_use_ = [this] { Fail(1); };
  route_.Adopt(Published({true, true, true}));
  EXPECT_THAT(Live(), ElementsAre(true, true, true));
  loop_.RunUntilIdle();
  EXPECT_THAT(Live(), ElementsAre(true, false, true));
}

TEST_F(WorkerRouteTest, ControlHearsAll) {
  Adopt(Published({true, true, false}));
  Fail(1, 3);
  Recover(1);
  Fail(2);
  EXPECT_THAT(control_.told,
              ElementsAre("s1 failed: refused", "s1 failed: refused", "s1 failed: refused",
                          "s1 recovered", "s2 failed: refused"));
}

}  // namespace
}  // namespace keyway

#include "proxy/dispatch/key_split.h"

#include <map>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace keyway {
namespace {

// A request of keys alone; its positions are 0, 1, ….
class Keys {
 public:
  explicit Keys(const std::vector<std::string>& keys) {
    for (const std::string& key : keys) {
      positions_.push_back(static_cast<uint32_t>(request_.arguments.size()));
      request_.arguments.push_back({.offset = static_cast<uint32_t>(bytes_.size()),
                                    .size = static_cast<uint32_t>(key.size())});
      bytes_ += key;
    }
    request_.bytes = bytes_;
  }
  Keys(const Keys&) = delete;
  Keys& operator=(const Keys&) = delete;

  const Request& request() const { return request_; }
  std::span<const uint32_t> positions() const { return positions_; }

 private:
  std::string bytes_;
  Request request_;
  std::vector<uint32_t> positions_;
};

class KeySplitTest : public ::testing::Test {
 protected:
  static constexpr size_t kServers = 5;

  static std::shared_ptr<const PoolRoute> RouteOver(const std::vector<bool>& live) {
    auto config = std::make_shared<PoolConfig>();
    config->name = "pool";
    config->hash = "md5";
    for (size_t i = 0; i < live.size(); ++i) {
      ServerConfig server;
      server.name = "server" + std::to_string(i);
      config->servers.push_back(server);
    }
    return *PoolRoute::Make(config, live, std::vector<std::optional<Address>>(live.size()));
  }

  // The groups as a map from servers to ordinals.
  std::map<size_t, std::vector<uint32_t>> Split(const std::vector<std::string>& texts) {
    const Keys keys(texts);
    EXPECT_TRUE(split_.Make(*route_, keys.request(), keys.positions()));
    std::map<size_t, std::vector<uint32_t>> found;
    for (const KeySplit::Group& group : split_.groups()) {
      EXPECT_FALSE(found.contains(group.server)) << "one group for each server";
      found[group.server] = {group.ordinals.begin(), group.ordinals.end()};
    }
    return found;
  }

  std::shared_ptr<const PoolRoute> route_ = RouteOver(std::vector<bool>(kServers, true));
  KeySplit split_{kServers};
};

TEST_F(KeySplitTest, EachKeyGoesToItsServerInTheOrderOfTheRequest) {
  std::vector<std::string> texts;
  std::map<size_t, std::vector<uint32_t>> expected;
  for (uint32_t i = 0; i < 200; ++i) {
    texts.push_back("key" + std::to_string(i % 150));
    expected[route_->ServerFor(texts.back())].push_back(i);
  }
  EXPECT_EQ(expected.size(), kServers);
  EXPECT_EQ(Split(texts), expected);
}

TEST_F(KeySplitTest, NothingIsLeftOfAnEarlierRequest) {
  Split({"a", "b", "c", "d", "e", "f", "g", "h"});
  EXPECT_EQ(Split({"x"}), (std::map<size_t, std::vector<uint32_t>>{{route_->ServerFor("x"), {0}}}));
  EXPECT_TRUE(Split({}).empty());
}

TEST_F(KeySplitTest, GroupsStandInTheOrderInWhichTheirServersAppear) {
  const Keys keys({"x", "y", "x"});
  ASSERT_TRUE(split_.Make(*route_, keys.request(), keys.positions()));
  EXPECT_EQ(split_.groups().front().server, route_->ServerFor("x"));
}

TEST_F(KeySplitTest, WithoutAServerThereIsNoSplit) {
  const Keys keys({"x", "y"});
  const auto none = RouteOver(std::vector<bool>(kServers, false));
  EXPECT_FALSE(split_.Make(*none, keys.request(), keys.positions()));
  EXPECT_TRUE(split_.Make(*route_, keys.request(), keys.positions())) << "and it goes on";
}

}  // namespace
}  // namespace keyway

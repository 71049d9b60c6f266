#include "sim/source/live/server.h"

#include "gtest/gtest.h"

namespace keyway::sim {
namespace {

TEST(LiveServerTest, RedisWithEverything) {
  const absl::StatusOr<LiveServer> server =
      ParseRedis("me:p%40ss:word@cache.example:6380/12?match=user:*&count=50&memory=yes");
  ASSERT_TRUE(server.ok()) << server.status();
  EXPECT_EQ(server->endpoint, (Endpoint{.host = "cache.example", .port = 6380, .path = ""}));
  EXPECT_TRUE(server->redis);
  EXPECT_EQ(server->user, "me");
  EXPECT_EQ(server->password, "p@ss:word");
  EXPECT_EQ(server->database, 12u);
  EXPECT_EQ(server->match, "user:*");
  EXPECT_EQ(server->count, 50u);
  EXPECT_TRUE(server->memory);
  EXPECT_EQ(NameOf(*server), "redis://cache.example:6380/12") << "without the password";
}

TEST(LiveServerTest, RedisWithNothing) {
  const absl::StatusOr<LiveServer> server = ParseRedis("127.0.0.1:6379");
  ASSERT_TRUE(server.ok()) << server.status();
  EXPECT_EQ(server->user, "");
  EXPECT_EQ(server->password, "");
  EXPECT_EQ(server->database, 0u);
  EXPECT_FALSE(server->memory);
  EXPECT_EQ(NameOf(*server), "redis://127.0.0.1:6379/0");
}

TEST(LiveServerTest, APasswordNeedsNoUser) {
  EXPECT_EQ(ParseRedis("s3cret@h:1")->password, "s3cret");
  EXPECT_EQ(ParseRedis(":s3cret@h:1")->password, "s3cret");
  EXPECT_EQ(ParseRedis(":a@b@h:1")->password, "a@b") << "the last @ counts";
  EXPECT_EQ(ParseRedis("s3cret@h:1")->user, "");
}

TEST(LiveServerTest, AddressesOfIpv6) {
  const absl::StatusOr<LiveServer> server = ParseRedis("[::1]:6379/1");
  ASSERT_TRUE(server.ok()) << server.status();
  EXPECT_EQ(server->endpoint, (Endpoint{.host = "::1", .port = 6379, .path = ""}));
  EXPECT_EQ(NameOf(*server), "redis://[::1]:6379/1");
  EXPECT_EQ(ParseMemcached("::1:11211")->endpoint.host, "::1");
}

TEST(LiveServerTest, UnixSockets) {
  const absl::StatusOr<LiveServer> redis = ParseRedisSocket("/run/r.sock?db=2&password=x%26y");
  ASSERT_TRUE(redis.ok()) << redis.status();
  EXPECT_EQ(redis->endpoint.path, "/run/r.sock");
  EXPECT_EQ(redis->database, 2u);
  EXPECT_EQ(redis->password, "x&y");
  EXPECT_EQ(NameOf(*redis), "redis-socket:/run/r.sock?db=2");
  const absl::StatusOr<LiveServer> memcached = ParseMemcachedSocket("/run/m.sock");
  ASSERT_TRUE(memcached.ok()) << memcached.status();
  EXPECT_FALSE(memcached->redis);
  EXPECT_EQ(NameOf(*memcached), "memcached-socket:/run/m.sock");
}

TEST(LiveServerTest, SaysWhatIsWrong) {
  const auto message = [](const absl::StatusOr<LiveServer>& server) {
    return std::string(server.status().message());
  };
  EXPECT_EQ(message(ParseRedis("localhost")),
            "'localhost' is not an address; write host:port, or the path of a unix socket");
  EXPECT_EQ(message(ParseRedis("h:1/x")), "'x' is no number of a database");
  EXPECT_EQ(message(ParseRedis("h:1?size=1")),
            "'size' is no option; there are match, count, memory, db, user, password");
  EXPECT_EQ(message(ParseRedis("h:1?count=0")), "the value of count is not valid");
  EXPECT_EQ(message(ParseRedis("h:1?memory=maybe")), "the value of memory is not valid");
  EXPECT_EQ(message(ParseRedis(":50%@h:1")), "a % before the @ is written %25");
  EXPECT_EQ(message(ParseRedisSocket("run/r.sock")),
            "'run/r.sock' is no path of a socket: that begins with /");
  EXPECT_FALSE(ParseMemcached("h").ok());
}

}  // namespace
}  // namespace keyway::sim

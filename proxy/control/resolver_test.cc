#include "proxy/control/resolver.h"

#include <pthread.h>

#include <cstddef>
#include <memory>
#include <string>

#include "gtest/gtest.h"
#include "proxy/base/limits.h"
#include "proxy/net/epoll_loop.h"

namespace keyway {
namespace {

Endpoint Host(const std::string& host) { return {.host = host, .port = 6379, .path = {}}; }

TEST(IsNameTest, OnlyAddressesInNumbersAndPathsAreNone) {
  for (const char* host : {"127.0.0.1", "::1", "fe80::1", "::ffff:10.0.0.1"}) {
    EXPECT_FALSE(IsName(Host(host))) << host;
  }
  EXPECT_FALSE(IsName({.host = "", .port = 0, .path = "/run/redis.sock"}));
  // The last ones are what getaddrinfo makes something of, or nothing.
  for (const char* host : {"localhost", "redis-1", "127.1", "[::1]", "1.2.3.4.", ""}) {
    EXPECT_TRUE(IsName(Host(host))) << host;
  }
}

class ThreadResolverTest : public ::testing::Test {
 protected:
  std::unique_ptr<EventLoop> loop_ = MakeEpollLoop();
};

TEST_F(ThreadResolverTest, AnswersOnTheLoop) {
  ThreadResolver resolver(*loop_);
  const size_t lookups = 3 * kMaxLookups;
  size_t answers = 0;
  for (size_t i = 0; i < lookups; ++i) {
    resolver.Lookup(Host("127.0.0." + std::to_string(i)), [&, i](const auto& addresses) {
      ASSERT_TRUE(addresses.ok());
      ASSERT_EQ(addresses->size(), 1u);
      EXPECT_EQ(ToString(addresses->front()), "127.0.0." + std::to_string(i) + ":6379");
      if (++answers == lookups) loop_->Stop();
    });
  }
  EXPECT_EQ(answers, 0u);
  loop_->Run();
  EXPECT_EQ(answers, lookups);
}

TEST_F(ThreadResolverTest, AFailureIsAnAnswer) {
  ThreadResolver resolver(*loop_);
  absl::Status result;
  resolver.Lookup(Host("not a host name"), [&](const auto& addresses) {
    result = addresses.status();
    loop_->Stop();
  });
  loop_->Run();
  EXPECT_FALSE(result.ok());
}

// As many are running as the system allows; here none is, since its stack is too large.
TEST_F(ThreadResolverTest, WithoutAThreadTheLookUpFails) {
  pthread_attr_t usual, too_large;
  ASSERT_EQ(::pthread_getattr_default_np(&usual), 0);
  ASSERT_EQ(::pthread_attr_init(&too_large), 0);
  ASSERT_EQ(::pthread_attr_setstacksize(&too_large, size_t{1} << 48), 0);
  ASSERT_EQ(::pthread_setattr_default_np(&too_large), 0);
  ThreadResolver resolver(*loop_);
  absl::Status result;
  const auto lookup = [&] {
    resolver.Lookup(Host("127.0.0.1"), [&](const auto& addresses) {
      result = addresses.status();
      loop_->Stop();
    });
    loop_->Run();
  };
  lookup();
  EXPECT_FALSE(result.ok());
  ASSERT_EQ(::pthread_setattr_default_np(&usual), 0);
  lookup();
  EXPECT_TRUE(result.ok()) << result;
  ::pthread_attr_destroy(&usual);
  ::pthread_attr_destroy(&too_large);
}

TEST_F(ThreadResolverTest, ItEndsWithoutWaitingForAnswers) {
  for (int i = 0; i < 50; ++i) {
    ThreadResolver resolver(*loop_);
    resolver.Lookup(Host("127.0.0.1"), [](const auto&) {});
  }
}

}  // namespace
}  // namespace keyway

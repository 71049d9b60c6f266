// What the tests of Session share: a pool whose servers the test plays, and clients.
#ifndef KEYWAY_PROXY_CLIENT_SESSION_TESTING_H_
#define KEYWAY_PROXY_CLIENT_SESSION_TESTING_H_

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "proxy/client/session.h"
#include "proxy/dispatch/pool_testing.h"
#include "proxy/net/fake_loop.h"
#include "proxy/testing/party.h"
#include "proxy/testing/wire.h"

namespace keyway {

class SessionTest : public ::testing::Test, private AcceptHandler, private SessionOwner {
 protected:
  explicit SessionTest(PoolConfig config = RedisPool(), const FakeLoop::Options& options = {})
      : loop_(options),
        pool_(loop_, std::move(config), 3),
        listener_(*loop_.Listen(address_, {}, *this)) {}

  // Nothing may be left behind, whatever the test did.
  ~SessionTest() override {
    clients_.clear();
    std::exchange(sessions_, {}).clear();
    closed_sessions_.clear();
    pool_.DestroyDispatcher();
    loop_.RunUntilIdle();
    EXPECT_EQ(loop_.blocks().bytes_in_use(), 0u);
    EXPECT_EQ(pool_.worker_stats().curr_connections.value(), 0);
    for (size_t i = 0; i < 3; ++i) {
      const ServerStats& stats = pool_.stats(i);
      EXPECT_EQ(stats.in_queue.value() + stats.in_queue_bytes.value() + stats.out_queue.value() +
                    stats.out_queue_bytes.value() + stats.leases.value() +
                    stats.server_connections.value(),
                0);
    }
  }

  Party& Connect() {
    clients_.push_back(std::make_unique<Party>(loop_, address_, [](Party&) {}));
    loop_.RunUntilIdle();
    return *clients_.back();
  }
  // What the client has got since the last call.
  std::string Got(Party& client) {
    loop_.RunUntilIdle();
    std::string got = client.received();
    client.Take(got.size());
    return got;
  }

  std::string Get(size_t server, size_t n = 0) { return Resp({"GET", pool_.KeyOn(server, n)}); }
  static std::string Bulk(const std::string& text) {
    return "$" + std::to_string(text.size()) + "\r\n" + text + "\r\n";
  }

  Session& session(size_t n = 0) { return *sessions_[n]; }
  size_t closed() const { return closed_count_; }

  const Address address_ = *Resolve({.host = "127.0.0.1", .port = 6000, .path = {}});
  FakeLoop loop_;
  TestPool pool_;
  std::vector<std::unique_ptr<Party>> clients_;

 private:
  void OnAccept(std::unique_ptr<Incoming> incoming) override {
    sessions_.push_back(std::make_unique<Session>(context_, *incoming, sessions_.size()));
  }
  // Destroyed as soon as it may be, for a sanitizer to see what still uses it.
  void OnSessionClosed(Session& session) override {
    ++closed_count_;
    const auto found = std::find_if(sessions_.begin(), sessions_.end(),
                                    [&](const auto& each) { return each.get() == &session; });
    if (found == sessions_.end()) return;
    closed_sessions_.push_back(std::move(*found));
    loop_.AtEndOfTurn([this] { closed_sessions_.clear(); });
  }

  SessionContext context_{loop_, pool_.dispatcher(), *this};
  std::unique_ptr<Listener> listener_;
  std::vector<std::unique_ptr<Session>> sessions_;  // null: closed
  std::vector<std::unique_ptr<Session>> closed_sessions_;
  size_t closed_count_ = 0;
};

// With sockets that hold little, so that who is held back can be seen.
class SessionFlowTest : public SessionTest {
 protected:
  static constexpr size_t kSocketBytes = 256 * 1024;

  explicit SessionFlowTest(PoolConfig config = RedisPool())
      : SessionTest(std::move(config), {.socket_bytes = kSocketBytes}) {}

  // The requests that the server has got and not answered, each of `size` bytes.
  size_t Outstanding(size_t server, size_t size) {
    loop_.RunUntilIdle();
    return pool_.ServerEnd(server).received().size() / size;
  }
  // Bytes of the proxy's buffers: of all there are but those of the test's own ends.
  size_t memory() {
    size_t unsent = 0;
    for (size_t i = 0; i < 3; ++i) {
      for (size_t n = 0; n < pool_.connections(i); ++n) unsent += pool_.ServerEnd(i, n).unsent();
    }
    for (const auto& client : clients_) unsent += client->unsent();
    return loop_.blocks().bytes_in_use() - unsent;
  }
};

}  // namespace keyway

#endif  // KEYWAY_PROXY_CLIENT_SESSION_TESTING_H_

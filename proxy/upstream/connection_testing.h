// What the tests of Connection share: a server on a fake loop, and all who wait.
#ifndef KEYWAY_PROXY_UPSTREAM_CONNECTION_TESTING_H_
#define KEYWAY_PROXY_UPSTREAM_CONNECTION_TESTING_H_

#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gtest/gtest.h"
#include "proxy/net/fake_loop.h"
#include "proxy/protocol/codecs.h"
#include "proxy/testing/party.h"
#include "proxy/upstream/connection.h"

namespace keyway {

inline constexpr std::chrono::milliseconds kTimeout{400};

// One request's place to wait, with all that came.
class Waiting : public ReplySink {
 public:
  void OnReply(Connection& from, Block*, std::string_view piece, bool last) override {
    EXPECT_FALSE(done) << "a piece after the end: " << piece;
    reply += piece;
    ++pieces;
    done = last;
    if (then) then(from);
  }
  void OnNoReply(const Failure& why) override {
    EXPECT_FALSE(done);
    done = true;
    failure = why;
    if (on_failure) on_failure();
  }
  const void* client() const override { return owner; }
  bool IsOldest() const override { return oldest; }

  std::string cause() const { return failure ? failure->text : ""; }

  std::string reply;
  int pieces = 0;
  bool done = false;
  std::optional<Failure> failure;
  const void* owner = this;
  bool oldest = true;
  std::function<void(Connection&)> then;
  std::function<void()> on_failure;
};

// Writes down what the owner is told.
class NotedOwner : public ConnectionOwner {
 public:
  void OnConnectionLost(Connection&, const Failure& failure, bool busy) override {
    events.push_back("lost" + std::string(busy ? " busy: " : ": ") + failure.text);
  }
  void OnRequestTimedOut(Connection&) override { events.push_back("timed out"); }
  void OnReplies() override { events.push_back("replies"); }
  void OnConnectionIdle(Connection&) override { ++idle; }

  std::vector<std::string> events;
  int idle = 0;
};

class ConnectionTest : public ::testing::Test {
 protected:
  void Connect() {
    connection_ = std::make_unique<Connection>(loop_, target_, address_, stats_, owner_);
    loop_.RunUntilIdle();
  }
  // Listens, connects, and waits until it has been accepted.
  void Start() {
    Listen();
    Connect();
  }
  void Listen() {
    host_.emplace(loop_, address_, [](Party&) {});
  }

  // Connected, and a client's request.
  Waiting& Send(const std::string& request, std::string_view command = "get") {
    Waiting& waiting = waiting_.emplace_back();
    connection_->output().Append(request);
    connection_->Sent(*target_.codec->FindCommand(command), request.size(), waiting);
    return waiting;
  }
  Waiting& SendHead(const std::string& head) {
    Waiting& waiting = waiting_.emplace_back();
    connection_->output().Append(head);
    connection_->SentHead(*target_.codec->FindCommand("set"), head.size(), waiting);
    return waiting;
  }
  void SendMore(const std::string& bytes, bool last) {
    connection_->output().Append(bytes);
    connection_->SentMore(bytes.size(), last);
  }

  Party& server() { return *host_->parties().back(); }
  void Reply(std::string_view bytes) {
    server().Send(bytes);
    loop_.RunUntilIdle();
  }
  // What the server got since the last call.
  std::string Got() {
    loop_.RunUntilIdle();
    std::string got = server().received();
    server().Take(got.size());
    return got;
  }

  // Requests not written, their bytes; requests without an answer, their bytes.
  std::vector<int64_t> Queues() {
    return {stats_.in_queue.value(), stats_.in_queue_bytes.value(), stats_.out_queue.value(),
            stats_.out_queue_bytes.value()};
  }

  FakeLoop loop_{{.socket_bytes = 1000}};
  const Address address_ = *Resolve({.host = "127.0.0.1", .port = 7001, .path = {}});
  ConnectionTarget target_ = {
      .name = "s1", .codec = FindCodec("redis"), .credentials = {}, .timeout = kTimeout};
  ServerStats stats_;
  NotedOwner owner_;
  std::optional<Host> host_;
  std::deque<Waiting> waiting_;
  std::unique_ptr<Connection> connection_;
};

// Queues() when nothing is under way.
inline const std::vector<int64_t> kNoneQueued = {0, 0, 0, 0};

}  // namespace keyway

#endif  // KEYWAY_PROXY_UPSTREAM_CONNECTION_TESTING_H_

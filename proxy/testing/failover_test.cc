// A real Redis is killed under load and comes back: nobody gets a wrong answer, only
// requests that were under way fail, and then everything goes on.
#include <array>
#include <atomic>
#include <condition_variable>
#include <cstdio>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_format.h"
#include "gtest/gtest.h"
#include "proxy/testing/client.h"
#include "proxy/testing/process.h"

namespace keyway {
namespace {

constexpr size_t kServers = 3;
constexpr size_t kVictim = 1;
constexpr int kClients = 4;
constexpr int kRequests = 32;  // of a round: half SET, half GET of the same keys

// One client's load, on a thread of its own. What it counts may be read by others.
class Load {
 public:
  Load(uint16_t port, int number) : thread_([this, port, number] { Run(port, number); }) {}
  ~Load() {
    stopped_ = true;
    thread_.join();
  }

  int errors() const { return errors_; }
  // Waits until `count` rounds have begun and ended from now on.
  void AwaitRounds(int count) {
    std::unique_lock lock(mutex_);
    const int target = rounds_ + count + 1;
    EXPECT_TRUE(ended_.wait_for(lock, kTestDeadline, [&] { return rounds_ >= target; }));
  }

 private:
  void Run(uint16_t port, int number);
  void Check(const std::string& expected, const std::string& reply);

  std::atomic<bool> stopped_ = false;
  std::atomic<int> errors_ = 0;
  std::mutex mutex_;
  std::condition_variable ended_;
  int rounds_ = 0;  // guarded by mutex_
  std::thread thread_;
};

void Load::Run(uint16_t port, int number) {
  Client client(port);
  for (int round = 0; !stopped_; ++round) {
    std::vector<std::string> expected;
    std::string bytes;
    for (int i = 0; i < kRequests / 2; ++i) {
      const std::string key = absl::StrFormat("client%d:%d", number, (round * 7 + i) % 500);
      bytes += Resp({"SET", key, "value of " + key}) + Resp({"GET", key});
      expected.push_back("+OK\r\n");
      expected.push_back(absl::StrFormat("$%d\r\nvalue of %s\r\n", key.size() + 9, key));
    }
    client.Send(bytes);
    const std::vector<std::string> replies = client.ReadReplies(Protocol::kRedis, kRequests);
    for (size_t i = 0; i < replies.size(); ++i) Check(expected[i], replies[i]);
    if (replies.size() < kRequests) return;
    const std::lock_guard lock(mutex_);
    ++rounds_;
    ended_.notify_all();
  }
}

void Load::Check(const std::string& expected, const std::string& reply) {
  // A key that moved between the SET and the GET is not there.
  if (reply == expected || (reply == "$-1\r\n" && expected[0] == '$')) return;
  ++errors_;
  EXPECT_TRUE(reply.starts_with("-ERR ") && reply.ends_with("(server server2)\r\n")) << reply;
}

class FailoverTest : public ::testing::Test {
 protected:
  FailoverTest() {
    std::string config = absl::StrFormat(
        "p:\n  listen: 127.0.0.1:%d\n  redis: true\n  auto_eject_hosts: true\n"
        "  server_failure_limit: 1\n  server_retry_timeout: 200\n  timeout: 2000\n  servers:\n",
        port_.number());
    for (size_t i = 0; i < kServers; ++i) {
      absl::StrAppendFormat(&config, "   - 127.0.0.1:%d:1 server%d\n", servers_[i].port(), i + 1);
    }
    proxy_ = std::make_unique<ProxyProcess>(ProxyPath(), config, std::vector{port_.number()},
                                            std::vector<std::string>{"--workers=2"});
  }

  // Whether the proxy says so of its victim.
  bool Ejected() const {
    const std::string stats = proxy_->Stats();
    const size_t server = stats.find("\"server2\"");
    const size_t flag = stats.find("\"server_ejected\":", server);
    return flag != stats.npos && stats[flag + 17] == '1';
  }

  void AwaitEjected(bool ejected) {
    for (Load* load : loads()) {
      for (int i = 0; i < 10000 && Ejected() != ejected; ++i) load->AwaitRounds(1);
    }
    ASSERT_EQ(ejected, Ejected());
    // Both workers have heard of it by the time that requests sent now are answered.
    AwaitRounds(3);
  }

  void AwaitRounds(int count) {
    for (Load* load : loads()) load->AwaitRounds(count);
  }

  int Errors() {
    int errors = 0;
    for (Load* load : loads()) errors += load->errors();
    return errors;
  }

  std::vector<Load*> loads() {
    std::vector<Load*> all;
    for (const auto& load : loads_) all.push_back(load.get());
    return all;
  }

  std::array<RedisServer, kServers> servers_;
  FreePort port_;
  std::unique_ptr<ProxyProcess> proxy_;
  std::vector<std::unique_ptr<Load>> loads_;
};

TEST_F(FailoverTest, AServerThatIsKilledCostsOnlyWhatWasUnderWay) {
  for (int i = 0; i < kClients; ++i) loads_.push_back(std::make_unique<Load>(port_.number(), i));
  AwaitRounds(20);
  EXPECT_EQ(0, Errors());

  servers_[kVictim].Kill();
  AwaitEjected(true);
  const int lost = Errors();
  EXPECT_GT(lost, 0);
  EXPECT_LE(lost, 3 * kClients * kRequests);
  AwaitRounds(50);
  EXPECT_EQ(lost, Errors()) << "errors went on after the ejection";

  servers_[kVictim].Restart();
  AwaitEjected(false);
  AwaitRounds(50);
  EXPECT_EQ(lost, Errors()) << "the return of the server cost errors";
  EXPECT_NE(":0\r\n", Client(servers_[kVictim].port()).Ask({"DBSIZE"}));
  std::printf("%d requests of %d clients failed when the server was killed\n", lost, kClients);
}

}  // namespace
}  // namespace keyway

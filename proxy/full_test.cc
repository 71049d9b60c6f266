// The program when its limit of open files is reached.
#include <chrono>
#include <cstdlib>
#include <deque>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "proxy/testing/client.h"
#include "proxy/testing/process.h"
#include "proxy/testing/wire.h"

namespace keyway {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class FullTest : public ::testing::Test {
 protected:
  // With soft and hard limits on open files, before one real server.
  void Start(int soft, int hard) { Start(soft, hard, 1, ""); }
  // Before one that has several names.
  void Start(int soft, int hard, int names, const std::string& more) {
    const std::string config = ::testing::TempDir() + "/full.yml";
    std::ofstream file(config);
    file << absl::StrFormat("p:\n  listen: 127.0.0.1:%d\n  redis: true\n%s  servers:\n",
                            port_.number(), more);
    for (int i = 0; i < names; ++i) {
      file << absl::StrFormat("   - 127.0.0.1:%d:1 s%d\n", redis_.port(), i);
    }
    file.close();
    const std::string limits =
        absl::StrFormat("ulimit -S -n %d && ulimit -H -n %d && ", soft, hard);
    process_.emplace("proxy", std::vector<std::string>{
                                  "/bin/sh", "-c", limits + "exec \"$0\" \"$@\"", ProxyPath(), "-c",
                                  config, "-o", "", "-a", "127.0.0.1", "-s",
                                  std::to_string(stats_port_.number()), "--workers=2"});
    process_->AwaitPort(port_.number());
    process_->AwaitPort(stats_port_.number());
  }

  // The number behind " name=" in the log.
  int Logged(const std::string& name) const {
    const std::string log = process_->Log();
    const size_t begin = log.find(" " + name + "=");
    return begin == std::string::npos ? -1 : std::atoi(log.c_str() + begin + name.size() + 2);
  }

  // As many clients as there is room for, each of them served.
  void Fill() {
    for (int i = 0; i < Logged("clients"); ++i) {
      clients_.emplace_back(port_.number());
      ASSERT_EQ(clients_.back().Ask({"SET", std::to_string(i), "v"}), "+OK\r\n");
    }
  }

  void ExpectAllServed() {
    for (size_t i = 0; i < clients_.size(); ++i) {
      EXPECT_EQ(clients_[i].Ask({"GET", std::to_string(i)}), "$1\r\nv\r\n");
    }
  }

  // The proxy looks from time to time how many clients wait.
  void AwaitWaiting(int clients) const {
    const std::string gauge = absl::StrFormat("\"waiting_clients\":%d,", clients);
    const auto deadline = std::chrono::steady_clock::now() + kTestDeadline;
    while (Stats().find(gauge) == std::string::npos) {
      ASSERT_LT(std::chrono::steady_clock::now(), deadline) << Stats();
    }
  }

  std::string Stats() const { return Client(stats_port_.number()).ReadUntilClosed(); }

  RedisServer redis_;
  FreePort port_, stats_port_;
  std::optional<Process> process_;
  std::deque<Client> clients_;
};

TEST_F(FullTest, TheSoftLimitIsRaisedAndTheRoomForClientsIsLogged) {
  Start(32, 200);
  EXPECT_EQ(Logged("limit"), 200);
  EXPECT_GT(Logged("clients"), 80);
  EXPECT_EQ(Logged("clients") + Logged("leases") + Logged("others"), 200);
}

TEST_F(FullTest, FurtherClientsWaitUntilOthersLeave) {
  Start(128, 128);
  Fill();
  std::deque<Client> waiting;
  for (int i = 0; i < 20; ++i) {
    waiting.emplace_back(port_.number());
    waiting.back().Send(Resp({"PING"}));
  }
  ExpectAllServed();
  AwaitWaiting(20);
  EXPECT_THAT(process_->Log(), HasSubstr("further ones wait"));
  EXPECT_THAT(Stats(), HasSubstr(absl::StrFormat("\"client_connections\":%d,", clients_.size())));

  for (size_t i = 0; i < waiting.size(); ++i) clients_.pop_back();
  for (Client& client : waiting) {
    EXPECT_THAT(client.ReadReplies(Protocol::kRedis, 1), ::testing::ElementsAre("+PONG\r\n"));
  }
  AwaitWaiting(0);
  ExpectAllServed();
}

// Files for servers and readers of statistics are kept, however many clients press.
TEST_F(FullTest, AtTheLimitServersAreReachedAndStatisticsRead) {
  Start(128, 128);
  Fill();
  std::deque<Client> waiting;
  for (int i = 0; i < 100; ++i) waiting.emplace_back(port_.number());
  EXPECT_THAT(Stats(), HasSubstr(absl::StrFormat("\"client_connections\":%d,", clients_.size())));

  redis_.Kill();
  for (Client& client : clients_) EXPECT_THAT(client.Ask({"GET", "k"}), HasSubstr("-ERR "));
  redis_.Restart();
  for (size_t i = 0; i < clients_.size(); ++i) {
    EXPECT_EQ(clients_[i].Ask({"SET", std::to_string(i), "v"}), "+OK\r\n");
  }
  ExpectAllServed();
}

// More servers than files, each of which one MGET needs: the limit is ours, and no server
// is ejected for it.
TEST_F(FullTest, ServersAreNotToBlameForTheLimit) {
  constexpr int kServers = 60;
  Start(64, 64, kServers, "  hash: md5\n  auto_eject_hosts: true\n  server_failure_limit: 1\n");
  EXPECT_THAT(process_->Log(), HasSubstr("the limit of open files is too low for all servers"));
  std::vector<std::string> words = {"MGET"};
  for (int i = 0; i < 500; ++i) words.push_back("k" + std::to_string(i));
  Client client(port_.number());
  client.Send(Resp(words));
  EXPECT_THAT(client.ReadReplies(Protocol::kRedis, 1),
              ::testing::Each(HasSubstr("Too many open files in the proxy")));
  EXPECT_EQ(client.Ask({"PING"}), "+PONG\r\n");

  // With files again all is well.
  EXPECT_THAT(Client(redis_.port()).Ask({"CLIENT", "KILL", "TYPE", "normal"}), HasSubstr(":"));
  const std::string stats = Stats();
  EXPECT_THAT(stats, AllOf(HasSubstr("\"server_ejects\":0"), HasSubstr("\"shortages\":1"),
                           Not(HasSubstr("\"server_ejected\":1"))));
  for (int i = 0; i < 10; ++i) EXPECT_EQ(client.Ask({"SET", words[i + 1], "v"}), "+OK\r\n");
}

}  // namespace
}  // namespace keyway

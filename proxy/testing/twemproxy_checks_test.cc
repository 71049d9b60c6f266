// What Twemproxy's own tests check of a Redis pool, once with nutcracker and once with the
// proxy; README.md has the list.
#include <signal.h>
#include <sys/wait.h>

#include <chrono>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "absl/strings/str_format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "proxy/testing/both_programs.h"
#include "proxy/testing/client.h"
#include "proxy/testing/flat_json.h"
#include "proxy/testing/process.h"
#include "proxy/testing/wire.h"

namespace keyway {
namespace {

using std::chrono::steady_clock;
using ::testing::ElementsAre;
using ::testing::StartsWith;

std::string Bulk(const std::string& text) {
  return absl::StrFormat("$%d\r\n%s\r\n", text.size(), text);
}

// A pool as Twemproxy's tests have it: two servers, small buffers.
class TwemproxyChecksTest : public BothProgramsTest {
 protected:
  void StartPool(const std::string& settings = "") {
    proxy_ = Start(absl::StrFormat("p:\n  listen: 127.0.0.1:%d\n  redis: true\n  hash: fnv1a_64\n"
                                   "  distribution: modula\n  preconnect: true\n%s  servers:\n"
                                   "   - 127.0.0.1:%d:1 one\n   - 127.0.0.1:%d:1 two\n",
                                   port_.number(), settings, one_.port(), two_.port()),
                   {port_.number()}, {"-m", "512"});
    client_ = std::make_unique<Client>(port_.number());
  }

  std::string Ask(std::initializer_list<std::string> words) { return client_->Ask(words); }
  // The same of the server that has the key.
  std::string AskServer(const std::string& key, std::initializer_list<std::string> words) {
    Client one(one_.port());
    if (one.Ask({"EXISTS", key}) == ":1\r\n") return one.Ask(words);
    return Client(two_.port()).Ask(words);
  }

  // nutcracker closes the connection without a word; ours answers, and goes on.
  void ExpectRefused(const std::string& request, const std::string& our_answer) {
    SCOPED_TRACE(request);
    Client client(port_.number());
    client.Send(request);
    if (!ours()) {
      EXPECT_EQ("", client.ReadUntilClosed());
      return;
    }
    client.Send(Resp({"PING"}));
    EXPECT_THAT(client.ReadReplies(Protocol::kRedis, 2),
                ElementsAre(StartsWith(our_answer), "+PONG\r\n"));
  }
  // Both close the connection, ours with a reason.
  void ExpectClosed(const std::string& request, const std::string& our_answer) {
    SCOPED_TRACE(request);
    Client client(port_.number());
    client.Send(request);
    EXPECT_THAT(client.ReadUntilClosed(), StartsWith(Either("", our_answer)));
  }

  // The sum of a field of both servers once it has reached `value`, or else after the
  // deadline: nutcracker's statistics are late.
  int64_t AwaitSum(const std::string& field, int64_t value) const {
    const auto deadline = steady_clock::now() + kTestDeadline;
    while (true) {
      const FlatJson fields = *ReadFlatJson(proxy_->Stats());
      const int64_t sum =
          std::stoll(fields.at("p/one/" + field)) + std::stoll(fields.at("p/two/" + field));
      if (sum >= value || steady_clock::now() > deadline) return sum;
    }
  }
  bool AwaitLog(const std::string& text) const {
    const auto deadline = steady_clock::now() + kTestDeadline;
    while (steady_clock::now() < deadline) {
      if (proxy_->process().Log().find(text) != std::string::npos) return true;
      std::this_thread::yield();
    }
    return false;
  }

  RedisServer one_, two_;
  FreePort port_;
  std::unique_ptr<ProxyProcess> proxy_;
  std::unique_ptr<Client> client_;
};

TEST_P(TwemproxyChecksTest, SetAndGet) {
  StartPool();
  EXPECT_EQ("+OK\r\n", Ask({"SET", "k", "v"}));
  EXPECT_EQ(Bulk("v"), Ask({"GET", "k"}));
}

TEST_P(TwemproxyChecksTest, MsetnxOverSeveralServersIsRefused) {
  StartPool();
  ExpectRefused(Resp({"MSETNX", "a", "1", "b", "2", "c", "3", "d", "4"}), "-CROSSSLOT ");
}

TEST_P(TwemproxyChecksTest, KeysAndValuesMayBeEmpty) {
  StartPool();
  EXPECT_EQ("+OK\r\n", Ask({"SET", "", "v"}));
  EXPECT_EQ(Bulk("v"), Ask({"GET", ""}));
  EXPECT_EQ("+OK\r\n", Ask({"MSET", "", "w", "k", ""}));
  EXPECT_EQ(Bulk("w"), Ask({"GET", ""}));
  EXPECT_EQ(Bulk(""), Ask({"GET", "k"}));
}

TEST_P(TwemproxyChecksTest, Ping) {
  StartPool();
  EXPECT_EQ("+PONG\r\n", Ask({"PING"}));
  client_->Send(Resp({"PING"}) + Resp({"PING"}));
  EXPECT_THAT(client_->ReadReplies(Protocol::kRedis, 2), ElementsAre("+PONG\r\n", "+PONG\r\n"));
}

TEST_P(TwemproxyChecksTest, QuitClosesTheConnection) {
  StartPool();
  client_->Send(Resp({"GET", "none"}) + Resp({"QUIT"}) + Resp({"GET", "none"}));
  EXPECT_EQ("$-1\r\n" + Either("", "+OK\r\n"), client_->ReadUntilClosed());
  Client unread(port_.number());
  unread.Send(Resp({"QUIT"}));
  unread.Close();
  EXPECT_EQ("+PONG\r\n", Client(port_.number()).Ask({"PING"}));
}

TEST_P(TwemproxyChecksTest, ASlowScriptTimesOutAndAFastOneDoesNot) {
  StartPool("  timeout: 100\n");
  EXPECT_EQ(Bulk("done"), Ask({"EVAL", "return 'done'", "1", "k"}));
  EXPECT_THAT(Ask({"EVAL", "for i = 1, 3e8 do end return 'done'", "1", "k"}),
              StartsWith("-ERR Connection timed out"));
}

TEST_P(TwemproxyChecksTest, StatisticsCountRequestsAndResponses) {
  StartPool();
  std::vector<std::string> mget = {"MGET"};
  for (int i = 0; i < 10; ++i) {
    const std::string key = "key" + std::to_string(i);
    EXPECT_EQ("+OK\r\n", Ask({"SET", key, "v"}));
    EXPECT_EQ(Bulk("v"), Ask({"GET", key}));
    mget.push_back(key);
  }
  EXPECT_EQ(20, AwaitSum("requests", 20));
  EXPECT_EQ(20, AwaitSum("responses", 20));
  client_->Send(Resp(mget));
  EXPECT_THAT(client_->ReadReplies(Protocol::kRedis, 1), ElementsAre(StartsWith("*10\r\n")));
  EXPECT_EQ(22, AwaitSum("requests", 22));
  EXPECT_EQ(22, AwaitSum("responses", 22));
}

TEST_P(TwemproxyChecksTest, CleanClosesCountNoClientError) {
  StartPool();
  EXPECT_EQ("+PONG\r\n", Ask({"PING"}));
  client_->Close();
  Client quits(port_.number());
  quits.Send(Resp({"QUIT"}));
  quits.ReadUntilClosed();
  quits.Close();
  Client half(port_.number());
  half.Send(Resp({"GET", "none"}));
  half.SendEnd();
  EXPECT_EQ("$-1\r\n", half.ReadUntilClosed());
  half.Close();
  const auto deadline = steady_clock::now() + kTestDeadline;
  FlatJson fields;
  do {
    fields = *ReadFlatJson(proxy_->Stats());
    // With the one that waited for the port there were four.
  } while (fields["p/client_eof"] != "4" && steady_clock::now() < deadline);
  EXPECT_EQ("4", fields["p/client_eof"]);
  EXPECT_EQ("0", fields["p/client_err"]);
}

TEST_P(TwemproxyChecksTest, SignalsLeaveTheirNamesInTheLog) {
  StartPool();
  struct {
    int number;
    std::string name;
  } const signals[] = {{SIGHUP, "SIGHUP"},
                       {SIGTTIN, "SIGTTIN"},
                       {SIGTTOU, "SIGTTOU"},
                       {SIGUSR1, "SIGUSR1"},
                       {SIGUSR2, "SIGUSR2"}};
  for (const auto& signal : signals) {
    proxy_->process().Signal(signal.number);
    EXPECT_TRUE(AwaitLog("(" + signal.name + ") received")) << signal.name;
    EXPECT_EQ("+PONG\r\n", Ask({"PING"}));
  }
  proxy_->process().Signal(SIGSEGV);
  EXPECT_TRUE(AwaitLog("(SIGSEGV) received"));
  const std::optional<int> status = proxy_->process().AwaitExit();
  EXPECT_TRUE(status && WIFSIGNALED(*status) && WTERMSIG(*status) == SIGSEGV);
}

TEST_P(TwemproxyChecksTest, ScriptsMayAnswerNestedLists) {
  StartPool();
  EXPECT_EQ("*4\r\n:1\r\n:2\r\n*2\r\n:3\r\n$1\r\na\r\n$-1\r\n",
            Ask({"EVAL", "return {1, 2, {3, 'a'}, false}", "1", "k"}));
  constexpr int kDepth = 19;
  std::string script = "return ", reply;
  for (int i = 0; i < kDepth; ++i) script += "{", reply += "*1\r\n";
  script += "'deep'" + std::string(kDepth, '}');
  EXPECT_EQ(reply + Bulk("deep"), Ask({"EVAL", script, "1", "k"}));
}

TEST_P(TwemproxyChecksTest, ListsAndExists) {
  StartPool();
  EXPECT_EQ(":0\r\n", Ask({"EXISTS", "list"}));
  EXPECT_EQ(":2\r\n", Ask({"RPUSH", "list", "hello", "world"}));
  EXPECT_EQ(":3\r\n", Ask({"LINSERT", "list", "BEFORE", "world", "there"}));
  EXPECT_EQ(":4\r\n", Ask({"LPUSH", "list", "oh"}));
  EXPECT_EQ("*4\r\n" + Bulk("oh") + Bulk("hello") + Bulk("there") + Bulk("world"),
            Ask({"LRANGE", "list", "0", "-1"}));
  EXPECT_EQ(":1\r\n", Ask({"EXISTS", "list"}));
}

TEST_P(TwemproxyChecksTest, ScansOfOneKey) {
  StartPool();
  EXPECT_EQ(":2\r\n", Ask({"HSET", "small", "f1", "v1", "f2", "v2"}));
  EXPECT_EQ(":2\r\n", Ask({"ZADD", "zset", "1", "m1", "2", "m2"}));
  EXPECT_EQ(":2\r\n", Ask({"SADD", "set", "m1", "m2"}));
  for (int i = 0; i < 1000; ++i) {
    const std::string field = absl::StrFormat("%04d", i) + std::string(100, 'f');
    client_->Send(Resp({"HSET", "large", field, std::string(100, 'v')}));
  }
  client_->ReadReplies(Protocol::kRedis, 1000);
  EXPECT_EQ("*2\r\n$1\r\n0\r\n*4\r\n$2\r\nf1\r\n$2\r\nv1\r\n$2\r\nf2\r\n$2\r\nv2\r\n",
            Ask({"HSCAN", "small", "0"}));
  EXPECT_EQ("*2\r\n$1\r\n0\r\n*2\r\n$2\r\nf2\r\n$2\r\nv2\r\n",
            Ask({"HSCAN", "small", "0", "MATCH", "*2"}));
  const std::string all = Ask({"HSCAN", "large", "0", "COUNT", "5000"});
  EXPECT_EQ(all, AskServer("large", {"HSCAN", "large", "0", "COUNT", "5000"}));
  EXPECT_GT(all.size(), 200'000u);
  for (const auto& words : {std::initializer_list<std::string>{"HSCAN", "large", "0"},
                            {"ZSCAN", "zset", "0"},
                            {"SSCAN", "set", "0"}}) {
    EXPECT_EQ(Ask(words), AskServer(*(words.begin() + 1), words));
  }
}

TEST_P(TwemproxyChecksTest, RepliesOfAllTypesStayInOrder) {
  StartPool();
  client_->Send(Resp({"SET", "string", "1"}) + Resp({"INCR", "string"}) +
                Resp({"HSET", "hash", "f", "v"}) + Resp({"LPUSH", "list", "e"}) +
                Resp({"MGET", "string", "none"}) + Resp({"HGETALL", "hash"}) +
                Resp({"LRANGE", "list", "0", "-1"}) + Resp({"GET", "none"}));
  EXPECT_THAT(client_->ReadReplies(Protocol::kRedis, 8),
              ElementsAre("+OK\r\n", ":2\r\n", ":1\r\n", ":1\r\n", "*2\r\n$1\r\n2\r\n$-1\r\n",
                          "*2\r\n$1\r\nf\r\n$1\r\nv\r\n", "*1\r\n$1\r\ne\r\n", "$-1\r\n"));
}

TEST_P(TwemproxyChecksTest, AnErrorInTheMiddleDisturbsNothing) {
  StartPool();
  client_->Send(Resp({"SET", "a", "1"}) + Resp({"LPUSH", "a", "x"}) + Resp({"GET", "a"}));
  EXPECT_THAT(client_->ReadReplies(Protocol::kRedis, 3),
              ElementsAre("+OK\r\n", StartsWith("-WRONGTYPE "), Bulk("1")));
}

TEST_P(TwemproxyChecksTest, ZremWithTooFewArgumentsIsAnError) {
  StartPool();
  EXPECT_EQ("-ERR wrong number of arguments for 'zrem' command\r\n", Ask({"ZREM", "zset"}));
  EXPECT_EQ("+PONG\r\n", Ask({"PING"}));
}

TEST_P(TwemproxyChecksTest, OneByteAtATime) {
  StartPool();
  Client other(port_.number());
  for (const char byte : Resp({"SET", "key", "value"}) + Resp({"GET", "key"})) {
    client_->Send(std::string_view(&byte, 1));
    // The only thread for clients has seen it when it has answered this.
    EXPECT_EQ("+PONG\r\n", other.Ask({"PING"}));
  }
  EXPECT_THAT(client_->ReadReplies(Protocol::kRedis, 2), ElementsAre("+OK\r\n", Bulk("value")));
}

TEST_P(TwemproxyChecksTest, WhatIsNoRequestClosesTheConnection) {
  StartPool();
  for (const std::string request :
       {"*1\r\n$-1\r\nGET\r\n", "*x\r\n", "*2\r\n$3\r\nGETx\r\n$1\r\nk\r\n", "*1\n$4\nPING\n",
        "*1\r\n:4\r\n"}) {
    ExpectClosed(request, "-ERR Protocol error");
  }
  EXPECT_EQ("+PONG\r\n", Ask({"PING"}));
}

TEST_P(TwemproxyChecksTest, RequestsThatLackArgumentsAreRefused) {
  StartPool();
  ExpectRefused(Resp({"MSET", "a", "1", "b"}), "-ERR wrong number of arguments for 'mset'");
  ExpectRefused(Resp({"MSET", "a"}), "-ERR wrong number of arguments for 'mset'");
  ExpectRefused(Resp({"GET"}), "-ERR wrong number of arguments for 'get'");
}

// Against servers with a password.
class TwemproxyAuthChecksTest : public BothProgramsTest {
 protected:
  void StartPool(const std::string& settings) {
    proxy_ = Start(absl::StrFormat("p:\n  listen: 127.0.0.1:%d\n  redis: true\n%s  servers:\n"
                                   "   - 127.0.0.1:%d:1 one\n",
                                   port_.number(), settings, one_.port()),
                   {port_.number()});
    client_ = std::make_unique<Client>(port_.number());
  }

  RedisServer one_{{"--requirepass", "right"}};
  FreePort port_;
  std::unique_ptr<ProxyProcess> proxy_;
  std::unique_ptr<Client> client_;
};

TEST_P(TwemproxyAuthChecksTest, WithTheRightPassword) {
  StartPool("  redis_auth: right\n");
  EXPECT_EQ("-NOAUTH Authentication required\r\n", client_->Ask({"PING"}));
  EXPECT_EQ("-ERR invalid password\r\n", client_->Ask({"AUTH", "wrong"}));
  EXPECT_EQ("-NOAUTH Authentication required\r\n", client_->Ask({"SET", "k", "v"}));
  EXPECT_EQ("+OK\r\n", client_->Ask({"AUTH", "right"}));
  EXPECT_EQ("+PONG\r\n", client_->Ask({"PING"}));
  EXPECT_EQ("+OK\r\n", client_->Ask({"SET", "k", "v"}));
  EXPECT_EQ("$1\r\nv\r\n", client_->Ask({"GET", "k"}));
}

TEST_P(TwemproxyAuthChecksTest, WithAWrongPassword) {
  StartPool("  redis_auth: wrong\n");
  EXPECT_EQ("-NOAUTH Authentication required\r\n", client_->Ask({"GET", "k"}));
  EXPECT_EQ("+OK\r\n", client_->Ask({"AUTH", "wrong"}));
  EXPECT_THAT(client_->Ask({"GET", "k"}),
              Either("-NOAUTH Authentication required.\r\n",
                     "-ERR AUTH failed: -WRONGPASS invalid username-password pair or user is "
                     "disabled. (server one)\r\n"));
}

TEST_P(TwemproxyAuthChecksTest, WithoutAPassword) {
  StartPool("");
  EXPECT_EQ("+PONG\r\n", client_->Ask({"PING"}));
  EXPECT_EQ("-ERR Client sent AUTH, but no password is set\r\n", client_->Ask({"AUTH", "right"}));
  EXPECT_EQ("-NOAUTH Authentication required.\r\n", client_->Ask({"GET", "k"}));
}

INSTANTIATE_TEST_SUITE_P(Both, TwemproxyChecksTest, BothPrograms(), ProgramName);
INSTANTIATE_TEST_SUITE_P(Both, TwemproxyAuthChecksTest, BothPrograms(), ProgramName);

}  // namespace
}  // namespace keyway

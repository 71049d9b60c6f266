#include "proxy/dispatch/fan_out.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "proxy/base/limits.h"
#include "proxy/dispatch/pool_testing.h"
#include "proxy/testing/wire.h"

namespace keyway {
namespace {

using std::chrono::milliseconds;

class FanOutTest : public ::testing::Test {
 protected:
  // A command with one key on each server.
  std::string OneKeyEach(const std::string& command) {
    return Resp({command, pool_.KeyOn(0), pool_.KeyOn(1), pool_.KeyOn(2)});
  }

  FakeLoop loop_;
  TestPool pool_{loop_, RedisPool(), 3};
  TestClient client_{pool_};
};

TEST_F(FanOutTest, ValuesComeBackInTheOrderOfTheKeys) {
  const std::string a = pool_.KeyOn(0, 0), b = pool_.KeyOn(1, 0), c = pool_.KeyOn(0, 1);
  client_.Send(Resp({"MGET", c, b, a, b}));
  EXPECT_EQ(pool_.Got(0), Resp({"mget", c, a}));
  EXPECT_EQ(pool_.Got(1), Resp({"mget", b, b}));
  pool_.Reply(1, "*2\r\n$1\r\nB\r\n$1\r\nb\r\n");
  pool_.Reply(0, "*2\r\n$-1\r\n$1\r\nA\r\n");
  EXPECT_EQ(client_.ReplyTo(0), "*4\r\n$-1\r\n$1\r\nB\r\n$1\r\nA\r\n$1\r\nb\r\n");
}

TEST_F(FanOutTest, RepliesInManyPieces) {
  client_.Send(OneKeyEach("MGET"));
  pool_.Got(0);
  const std::string value(3000, 'x');
  const std::string reply = "*1\r\n$3000\r\n" + value + "\r\n";
  for (size_t at = 0; at < reply.size(); at += 100) {
    for (size_t i = 0; i < 3; ++i) pool_.Reply(i, reply.substr(at, 100));
  }
  EXPECT_EQ(client_.ReplyTo(0), "*3\r\n" + reply.substr(4) + reply.substr(4) + reply.substr(4));
}

// --- Parts without a reply -------------------------------------------------------

enum class Fate { kAnswers, kError, kRefused, kEnds, kTimesOut };
constexpr Fate kFates[] = {Fate::kAnswers, Fate::kError, Fate::kRefused, Fate::kEnds,
                           Fate::kTimesOut};

struct SplitCommand {
  const char* name;
  const char* part;   // a server's answer
  const char* whole;  // if all answer
};

// All parts have their own fate: 125 combinations. Only if all answer is there a result,
// else an error that names a server and its cause.
void TryAllFates(const SplitCommand& command) {
  for (int combination = 0; combination < 125; ++combination) {
    FakeLoop loop;
    TestPool pool(loop, RedisPool(), 3);
    TestClient client(pool);
    const std::vector<Fate> fates = {kFates[combination % 5], kFates[combination / 5 % 5],
                                     kFates[combination / 25]};
    for (size_t i = 0; i < 3; ++i) {
      if (fates[i] == Fate::kRefused) pool.Refuse(i);
    }
    std::vector<std::string> words = {command.name};
    for (size_t i = 0; i < 3; ++i) {
      words.push_back(pool.KeyOn(i));
      if (words[0] == "MSET") words.push_back("value");
    }
    client.Send(Resp(words));
    bool all_answer = true, all_known = true;
    for (size_t i = 0; i < 3; ++i) {
      all_answer = all_answer && fates[i] == Fate::kAnswers;
      all_known = all_known && fates[i] != Fate::kTimesOut;
      if (fates[i] == Fate::kAnswers) pool.Reply(i, command.part);
      if (fates[i] == Fate::kError) pool.Reply(i, "-OOM command not allowed\r\n");
      if (fates[i] == Fate::kEnds) {
        pool.Got(i);
        pool.Refuse(i);
      }
    }
    loop.RunUntilIdle();
    EXPECT_EQ(client.finished(0), all_known) << combination;
    loop.Advance(milliseconds(400));
    const std::string reply = client.ReplyTo(0);
    if (all_answer) {
      EXPECT_EQ(reply, command.whole);
      continue;
    }
    EXPECT_THAT(reply, ::testing::MatchesRegex(
                           "-(ERR|OOM) .*(Connection refused|Connection timed out|server closed "
                           "the connection|command not allowed).*server s[123].*\r\n"))
        << combination;
    EXPECT_EQ(client.exchange(0).broken(), false);
    client.Leave();
    pool.DestroyDispatcher();
    loop.RunUntilIdle();
    EXPECT_EQ(loop.blocks().bytes_in_use(), 0u);
  }
}

TEST(FatesTest, OfDel) { TryAllFates({"DEL", ":2\r\n", ":6\r\n"}); }
TEST(FatesTest, OfMset) { TryAllFates({"MSET", "+OK\r\n", "+OK\r\n"}); }
TEST(FatesTest, OfMget) {
  TryAllFates({"MGET", "*1\r\n$1\r\nx\r\n", "*3\r\n$1\r\nx\r\n$1\r\nx\r\n$1\r\nx\r\n"});
}

TEST_F(FanOutTest, ItWaitsForAllPartsEvenIfOneHasFailed) {
  pool_.Refuse(0);
  client_.Send(OneKeyEach("DEL"));
  loop_.RunUntilIdle();
  pool_.Reply(1, ":1\r\n");
  EXPECT_FALSE(client_.finished(0)) << "what was sent may still be carried out";
  pool_.Reply(2, ":1\r\n");
  EXPECT_EQ(client_.ReplyTo(0), "-ERR Connection refused (server s1)\r\n");
  EXPECT_EQ(pool_.stats().forward_error.value(), 1);
}

TEST_F(FanOutTest, AReplyThatBreaksOffIsAnError) {
  client_.Send(OneKeyEach("MGET"));
  pool_.Reply(0, "*1\r\n$1\r\nx\r\n");
  pool_.Reply(1, "*1\r\n$10\r\n01234");
  pool_.Refuse(1);
  pool_.Reply(2, "*1\r\n$1\r\nx\r\n");
  EXPECT_EQ(client_.ReplyTo(0), "-ERR server closed the connection (server s2)\r\n");
}

TEST_F(FanOutTest, WhatIsOfNoUseIsLetGo) {
  client_.Send(OneKeyEach("MGET"));
  pool_.Got(0);
  const size_t before = loop_.blocks().bytes_in_use();
  const std::string value(100000, 'x');
  pool_.Reply(0, "*1\r\n$100000\r\n" + value + "\r\n");
  EXPECT_GE(loop_.blocks().bytes_in_use(), before + 100000);
  pool_.Refuse(1);
  EXPECT_EQ(loop_.blocks().bytes_in_use(), before);
  pool_.Reply(2, "*1\r\n$100000\r\n" + value + "\r\n");
  EXPECT_EQ(loop_.blocks().bytes_in_use(), before + kOutputBlockBytes) << "an error";
}

TEST_F(FanOutTest, AServerWithAFullQueue) {
  for (size_t i = 0; i <= kMaxServerQueueBytes / kStreamBytes; ++i) {
    client_.Send(Resp({"SET", pool_.KeyOn(0), std::string(kStreamBytes - 1, 'x')}));
  }
  TestClient other(pool_);
  other.Send(OneKeyEach("DEL"));
  pool_.Reply(1, ":1\r\n");
  pool_.Reply(2, ":1\r\n");
  EXPECT_EQ(other.ReplyTo(0), "-ERR too many requests are waiting (server s1)\r\n");
}

// --- The client goes away --------------------------------------------------------

TEST_F(FanOutTest, AClientThatLeavesTakesItsPartsAlong) {
  for (size_t answered = 0; answered < 3; ++answered) {
    TestClient client(pool_);
    client.Send(OneKeyEach("MGET"));
    for (size_t i = 0; i < answered; ++i) pool_.Reply(i, "*1\r\n$1\r\nx\r\n");
    pool_.Reply(2, "*1\r\n$10\r\n01234");
    client.Leave();
    pool_.Reply(2, "56789\r\n");
    for (size_t i = answered; i < 2; ++i) pool_.Reply(i, "*1\r\n$1\r\nx\r\n");
  }
  client_.Send(OneKeyEach("DEL"));
  for (size_t i = 0; i < 3; ++i) pool_.Reply(i, ":1\r\n");
  EXPECT_EQ(client_.ReplyTo(0), ":3\r\n");
  for (size_t i = 0; i < 3; ++i) EXPECT_EQ(pool_.connections(i), 1u);
}

TEST_F(FanOutTest, AClientThatLeavesFreesWhatWasCollected) {
  client_.Send(OneKeyEach("MGET"));
  pool_.Got(0);
  const size_t before = loop_.blocks().bytes_in_use();
  const std::string value(100000, 'x');
  pool_.Reply(0, "*1\r\n$100000\r\n" + value + "\r\n");
  client_.Leave();
  EXPECT_LE(loop_.blocks().bytes_in_use(), before);
}

TEST_F(FanOutTest, PartsOfALeftClientEndWithTheirConnections) {
  client_.Send(OneKeyEach("DEL"));
  pool_.Got(0);
  client_.Leave();
  for (size_t i = 0; i < 3; ++i) pool_.Refuse(i);
  EXPECT_EQ(pool_.stats().forward_error.value(), 0);
}

// --- Size ------------------------------------------------------------------------

// The same block comes again and again, so that the test needs no such memory.
TEST_F(FanOutTest, AReplyThatIsTooLargeIsAnError) {
  client_.Send(Resp({"GET", pool_.KeyOn(0)}));
  Failure failure;
  Exchange& before = client_.exchange(0);
  Connection& connection = *before.server->ForRequest(0, before, failure);
  pool_.Reply(0, "+OK\r\n");

  const ExchangePtr exchange = Exchange::Make(pool_.dispatcher().context(), client_);
  exchange->command = pool_.dispatcher().codec().FindCommand("mget");
  FanOut& fan_out = exchange->MakeFanOut(2, 2);
  const uint32_t ordinals[] = {0, 1};
  ReplySink& one = fan_out.AddPart(*before.server, std::span(ordinals, 1));
  ReplySink& two = fan_out.AddPart(*before.server, std::span(ordinals + 1, 1));
  fan_out.Start();
  const BlockRef block = loop_.blocks().Get(1024 * 1024);
  const std::string_view piece(block->data(), block->capacity());
  const size_t half = kMaxGatheredBytes / 2 / piece.size() + 1;
  for (size_t i = 0; i < half; ++i) one.OnReply(connection, block.get(), piece, i + 1 == half);
  EXPECT_TRUE(block->shared());
  for (size_t i = 0; i < half; ++i) two.OnReply(connection, block.get(), piece, i + 1 == half);
  EXPECT_TRUE(exchange->finished());
  EXPECT_FALSE(block->shared()) << "nothing of it is kept";
  OutputBuffer reply(loop_.blocks());
  exchange->Release(reply);
  EXPECT_EQ(TextOf(reply), "-ERR the merged reply would be too large\r\n");
}

}  // namespace
}  // namespace keyway

// What every event loop must do, run against each of them.
#include "proxy/net/event_loop.h"

#include <cerrno>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "proxy/net/event_loop_testing.h"

namespace keyway {
namespace {

using std::chrono::milliseconds;
using ::testing::Each;

TEST_P(EventLoopTest, PostedTasksRunInOrderInALaterTurn) {
  std::string order;
  loop->Post([&] {
    loop->Post([&] {
      order += "c";
      loop->Stop();
    });
    loop->AtEndOfTurn([&] { order += "b"; });
    order += "a";
  });
  EXPECT_EQ("", order);
  loop->Run();
  EXPECT_EQ("abc", order);
}

TEST_P(EventLoopTest, RunsAgainAfterStop) {
  for (int i = 0; i < 3; ++i) {
    int runs = 0;
    loop->Post([&] {
      ++runs;
      loop->Stop();
    });
    loop->Run();
    EXPECT_EQ(1, runs);
  }
}

TEST_P(EventLoopTest, TimersRunByTimeAndNotEarly) {
  std::string order;
  const Time start = loop->Now();
  const Timer third = loop->After(milliseconds(3), [&] {
    order += "3";
    EXPECT_GE(loop->Now() - start, milliseconds(3));
    loop->Stop();
  });
  const Timer first = loop->After(milliseconds(1), [&] {
    order += "1";
    EXPECT_GE(loop->Now() - start, milliseconds(1));
  });
  const Timer second = loop->After(milliseconds(2), [&] { order += "2"; });
  loop->Run();
  EXPECT_EQ("123", order);
}

TEST_P(EventLoopTest, DestroyedOrReplacedTimersDoNotRun) {
  int runs = 0;
  Timer replaced = loop->After(milliseconds(1), [&] { runs += 100; });
  {
    const Timer destroyed = loop->After(milliseconds(1), [&] { runs += 100; });
  }
  Timer victim;
  // Due at the same time, so that it is cancelled when both are ready to run.
  const Timer killer = loop->After(milliseconds(1), [&] { victim = Timer(); });
  victim = loop->After(milliseconds(1), [&] { runs += 100; });
  replaced = loop->After(milliseconds(2), [&] {
    ++runs;
    loop->Stop();
  });
  loop->Run();
  EXPECT_EQ(1, runs);
}

TEST_P(EventLoopTest, ATimerMayReplaceItselfWhileItRuns) {
  int runs = 0;
  Timer timer;
  std::function<void()> tick = [&] {
    if (++runs == 3) return loop->Stop();
    timer = loop->After(milliseconds(1), [&] { tick(); });
  };
  timer = loop->After(Duration::zero(), [&] { tick(); });
  loop->Run();
  EXPECT_EQ(3, runs);
}

TEST_P(EventLoopTest, TimeStandsStillDuringATurn) {
  Time in_timer, at_end;
  const Timer timer = loop->After(milliseconds(1), [&] {
    in_timer = loop->Now();
    loop->AtEndOfTurn([&] {
      at_end = loop->Now();
      loop->Stop();
    });
  });
  loop->Run();
  EXPECT_EQ(in_timer, at_end);
}

TEST_P(EventLoopTest, ConnectingToNobodyFailsInALaterTurn) {
  Connect();
  EXPECT_EQ(0, client->failed);
  RunUntil([this] { return client->failed == 1; });
  EXPECT_EQ(GetParam().tcp ? ECONNREFUSED : client->error, client->error);
  EXPECT_EQ(0, client->connected);
}

TEST_P(EventLoopTest, AnIncomingConnectionMayBeOpenedLater) {
  open_at_once = false;
  Listen();
  Connect();
  client->Write("patience");
  RunUntil([this] { return waiting.size() == 1; });
  RunQuietly();
  server = MakeEnd();
  server->stream = waiting[0]->Open(*loop, *server);
  waiting.clear();
  RunUntil([this] { return server->received == "patience"; });
}

TEST_P(EventLoopTest, AnIncomingConnectionNobodyOpensIsClosed) {
  open_at_once = false;
  on_accept = [this] { waiting.clear(); };
  Listen();
  Connect();
  RunUntil([this] { return client->over(); });
}

TEST_P(EventLoopTest, ConnectionsForWhichThereIsNoRoomWait) {
  has_room = false;
  Listen();
  Connect();
  RunQuietly();
  EXPECT_EQ(server, nullptr);
  EXPECT_FALSE(client->over());
  EXPECT_THAT(without_room, Each(1u));
  has_room = true;
  RunUntil([this] { return server != nullptr && client->connected == 1; });
  RunQuietly();
  EXPECT_EQ(without_room.back(), 0u);
}

TEST_P(EventLoopTest, AListenerMayBeDestroyedInOnAccept) {
  on_accept = [this] { listener.reset(); };
  Listen();
  Connect();
  RunUntil([this] { return server != nullptr && client->connected == 1; });
  auto first = std::move(client);
  Connect();
  RunUntil([this] { return client->over(); });
  first->Write("still here");
  RunUntil([this] { return server->received == "still here"; });
}

TEST_P(EventLoopTest, AnAddressHasOneListenerUnlessItIsShared) {
  if (!GetParam().tcp) return;  // sharing is for ports
  Listen();
  EXPECT_FALSE(loop->Listen(address, {}, *this).ok());
  address = FreePort();
  auto one = loop->Listen(address, {.share_port = true}, *this);
  auto two = loop->Listen(address, {.share_port = true}, *this);
  EXPECT_TRUE(one.ok() && two.ok());
}

TEST_P(EventLoopTest, BuffersAreGivenBack) {
  MakePair();
  server->keep_bytes = 1000;
  client->Write(Pattern(3 << 20));
  RunUntil([this] { return server->received.size() == (3 << 20) - 1000; });
  server->keep_bytes = 0;
  client->Write("x");
  RunUntil([this] { return server->received.size() == (3 << 20) + 1; });
  loop->Post([this] { loop->Stop(); });
  loop->Run();
  EXPECT_LE(loop->blocks().bytes_in_use(), kReceiveBlockBytes);
}

// What takes a second thread.
using KernelLoopTest = EventLoopTest;

TEST_P(KernelLoopTest, PostFromAnotherThreadWakesTheLoop) {
  constexpr int kTasks = 1000;
  int runs = 0;
  std::thread poster([&] {
    for (int i = 0; i < kTasks; ++i) {
      loop->Post([&] {
        if (++runs == kTasks) loop->Stop();
      });
    }
  });
  loop->Run();
  poster.join();
  EXPECT_EQ(kTasks, runs);
}

TEST_P(KernelLoopTest, StopFromAnotherThreadEndsRun) {
  std::thread stopper([&] { loop->Stop(); });
  loop->Run();
  stopper.join();
}

INSTANTIATE_TEST_SUITE_P(Fake, EventLoopTest, ::testing::ValuesIn(kFakeLoops), NameOf);
INSTANTIATE_TEST_SUITE_P(Kernel, EventLoopTest, ::testing::ValuesIn(kKernelLoops), NameOf);
INSTANTIATE_TEST_SUITE_P(Kernel, KernelLoopTest, ::testing::ValuesIn(kKernelLoops), NameOf);

}  // namespace
}  // namespace keyway

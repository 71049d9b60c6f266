#include "proxy/net/fake_loop.h"

#include <netinet/in.h>

#include <cerrno>
#include <memory>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace keyway {
namespace {

using std::chrono::milliseconds;

Address Port(uint16_t port) {
  Address address;
  auto* place = reinterpret_cast<sockaddr_in*>(&address.storage);
  place->sin_family = AF_INET;
  place->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  place->sin_port = htons(port);
  address.size = sizeof(sockaddr_in);
  return address;
}

struct End : StreamHandler {
  void OnConnected() override { events += "connected "; }
  void OnData(InputBuffer& input) override {
    reads.push_back(input.bytes().size());
    received += input.bytes();
    input.Consume(input.bytes().size());
  }
  void OnEnd() override { events += "end "; }
  void OnFailed(int error) override { events += std::string(strerrorname_np(error)) + " "; }

  void Write(std::string_view bytes) {
    stream->output().Append(bytes);
    stream->Flush();
  }

  std::unique_ptr<Stream> stream;
  std::string events, received;
  std::vector<size_t> reads;
};

struct Acceptor : AcceptHandler {
  explicit Acceptor(EventLoop& event_loop) : loop(event_loop) {}
  void OnAccept(std::unique_ptr<Incoming> incoming) override {
    auto end = std::make_unique<End>();
    end->stream = incoming->Open(loop, *end);
    ends.push_back(std::move(end));
  }
  EventLoop& loop;
  std::vector<std::unique_ptr<End>> ends;
};

// A loop with one connection.
struct Pair {
  explicit Pair(FakeLoop::Options options = {}) : loop(options), acceptor(loop) {
    listener = *loop.Listen(Port(1), {}, acceptor);
    client.stream = loop.Connect(Port(1), {}, client);
    loop.RunUntilIdle();
  }
  End& server() { return *acceptor.ends.front(); }

  FakeLoop loop;
  Acceptor acceptor;
  std::unique_ptr<Listener> listener;
  End client;
};

TEST(FakeLoopTest, AdvanceStopsAtEachTimerOnTheWay) {
  FakeLoop loop;
  const Time start = loop.Now();
  const WallTime wall = loop.WallNow();
  std::vector<Duration> at;
  Timer inner;
  const Timer outer = loop.After(milliseconds(10), [&] {
    at.push_back(loop.Now() - start);
    inner = loop.After(milliseconds(5), [&] { at.push_back(loop.Now() - start); });
  });
  const Timer later = loop.After(milliseconds(100), [&] { at.push_back(loop.Now() - start); });
  loop.Advance(milliseconds(50));
  EXPECT_EQ((std::vector<Duration>{milliseconds(10), milliseconds(15)}), at);
  EXPECT_EQ(milliseconds(50), loop.Now() - start);
  EXPECT_EQ(milliseconds(50), loop.WallNow() - wall);
  EXPECT_EQ(start + milliseconds(100), loop.NextTimer());
}

TEST(FakeLoopTest, TimersOfOneInstantRunInTheOrderOfTheirMaking) {
  FakeLoop loop;
  std::string order;
  const Timer a = loop.After(milliseconds(1), [&] { order += "a"; });
  const Timer b = loop.After(milliseconds(1), [&] { order += "b"; });
  loop.Advance(milliseconds(1));
  EXPECT_EQ("ab", order);
}

TEST(FakeLoopTest, RunWithoutAnythingLeftToWaitForReturns) {
  FakeLoop loop;
  int runs = 0;
  const Timer timer = loop.After(std::chrono::hours(5), [&] { ++runs; });
  loop.Run();
  EXPECT_EQ(1, runs);
}

TEST(FakeLoopTest, NobodyListensIsRefused) {
  FakeLoop loop;
  End end;
  end.stream = loop.Connect(Port(9), {}, end);
  EXPECT_EQ("", end.events);
  loop.RunUntilIdle();
  EXPECT_EQ("ECONNREFUSED ", end.events);
}

TEST(FakeLoopTest, ASilentAddressNeitherAcceptsNorRefuses) {
  FakeLoop loop;
  Acceptor acceptor(loop);
  auto listener = *loop.Listen(Port(1), {}, acceptor);
  loop.SetSilent(Port(1), true);
  End end;
  end.stream = loop.Connect(Port(1), {}, end);
  loop.Advance(std::chrono::hours(1));
  EXPECT_EQ("", end.events);
  loop.SetSilent(Port(1), false);
  loop.RunUntilIdle();
  EXPECT_EQ("connected ", end.events);
}

TEST(FakeLoopTest, SocketsHoldNoMoreThanTheirSize) {
  Pair pair({.socket_bytes = 1000});
  pair.server().stream->SetReading(false);
  pair.client.Write(std::string(5000, 'x'));
  pair.loop.RunUntilIdle();
  EXPECT_EQ(4000u, pair.client.stream->output().size());
  pair.server().stream->SetReading(true);
  pair.loop.RunUntilIdle();
  EXPECT_EQ(5000u, pair.server().received.size());
  EXPECT_EQ(std::vector<size_t>(5, 1000), pair.server().reads);
}

TEST(FakeLoopTest, ReadsAreCutByTheSeed) {
  std::vector<std::vector<size_t>> reads;
  for (const uint64_t seed : {1, 1, 2}) {
    Pair pair({.max_read_bytes = 3, .seed = seed});
    pair.client.Write("a line of some length");
    pair.loop.RunUntilIdle();
    EXPECT_EQ("a line of some length", pair.server().received);
    for (const size_t size : pair.server().reads) EXPECT_LE(size, 3u);
    reads.push_back(pair.server().reads);
  }
  EXPECT_EQ(reads[0], reads[1]);
  EXPECT_NE(reads[0], reads[2]);
}

TEST(FakeLoopTest, HalfCloseComesAfterTheBytesAndLeavesTheOtherDirection) {
  Pair pair({.socket_bytes = 2});
  pair.client.Write("request");
  pair.client.stream->SendEnd();
  pair.loop.RunUntilIdle();
  EXPECT_EQ("request", pair.server().received);
  EXPECT_EQ("end ", pair.server().events);
  pair.server().Write("reply");
  pair.loop.RunUntilIdle();
  EXPECT_EQ("reply", pair.client.received);
  EXPECT_EQ("connected ", pair.client.events);
}

TEST(FakeLoopTest, ResetLosesWhatWasUnderWay) {
  Pair pair;
  pair.server().stream->SetReading(false);
  pair.client.Write("lost");
  pair.loop.RunUntilIdle();
  FakeStream::Of(*pair.client.stream).Reset();
  pair.loop.RunUntilIdle();
  EXPECT_EQ("ECONNRESET ", pair.server().events);
  EXPECT_EQ("", pair.server().received);
  EXPECT_EQ("connected ", pair.client.events);
}

TEST(FakeLoopTest, ListenersOfASharedPortTakeTurns) {
  FakeLoop loop;
  Acceptor one(loop), two(loop);
  auto first = *loop.Listen(Port(1), {.share_port = true}, one);
  auto second = *loop.Listen(Port(1), {.share_port = true}, two);
  End ends[4];
  for (End& end : ends) end.stream = loop.Connect(Port(1), {}, end);
  loop.RunUntilIdle();
  EXPECT_EQ(2u, one.ends.size());
  EXPECT_EQ(2u, two.ends.size());
}

TEST(FakeLoopTest, NothingIsKeptOfClosedConnections) {
  Pair pair;
  pair.client.Write(std::string(100'000, 'x'));
  pair.loop.RunUntilIdle();
  EXPECT_EQ(2u, pair.loop.open_sockets());
  pair.client.stream.reset();
  pair.acceptor.ends.clear();
  pair.loop.RunUntilIdle();
  EXPECT_EQ(0u, pair.loop.open_sockets());
  EXPECT_EQ(0u, pair.loop.blocks().bytes_in_use());
}

}  // namespace
}  // namespace keyway

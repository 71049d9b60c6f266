// What every stream must do, on each event loop.
#include "proxy/net/stream.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "proxy/base/limits.h"
#include "proxy/net/event_loop_testing.h"

namespace keyway {
namespace {

using StreamTest = EventLoopTest;

TEST_P(StreamTest, BytesGoBothWays) {
  MakePair();
  client->Write("hello");
  server->Write("good day");
  RunUntil([this] { return server->received == "hello" && client->received == "good day"; });
  EXPECT_FALSE(client->stream->peer().empty());
  EXPECT_FALSE(server->stream->peer().empty());
}

TEST_P(StreamTest, OutputIsSentOncePerTurn) {
  MakePair();
  loop->Post([this] {
    client->Write("a");
    client->Write("b");
    loop->AtEndOfTurn([this] { client->Write("c"); });
  });
  RunUntil([this] { return !server->received.empty(); });
  EXPECT_EQ("abc", server->received);
  EXPECT_EQ(1, server->reads);
}

TEST_P(StreamTest, NothingIsSentWithoutFlush) {
  MakePair();
  client->stream->output().Append("a");
  RunQuietly();
  EXPECT_EQ("", server->received);
  client->stream->Flush();
  RunUntil([this] { return server->received == "a"; });
}

TEST_P(StreamTest, OutputWrittenBeforeTheConnectionStandsIsSent) {
  Listen();
  Connect();
  client->Write("early");
  RunUntil([this] { return server != nullptr && server->received == "early"; });
  EXPECT_EQ(1, client->connected);
}

TEST_P(StreamTest, UnconsumedBytesComeAgainWithTheNext) {
  MakePair();
  server->keep_bytes = 100;
  client->Write("abc");
  RunUntil([this] { return server->reads == 1; });
  EXPECT_EQ("abc", server->seen);
  RunQuietly();
  EXPECT_EQ(1, server->reads) << "it was called without new bytes";
  client->Write("def");
  RunUntil([this] { return server->reads == 2; });
  EXPECT_EQ("abcdef", server->seen);
}

TEST_P(StreamTest, ResumingPresentsUnconsumedBytesAgain) {
  MakePair();
  server->keep_bytes = 2;
  server->on_data = [this] { server->stream->SetReading(false); };
  client->Write("abc");
  RunUntil([this] { return server->reads == 1; });
  server->keep_bytes = 0;
  server->stream->SetReading(true);
  EXPECT_EQ(1, server->reads);
  RunUntil([this] { return server->reads == 2; });
  EXPECT_EQ("bc", server->seen);
  RunQuietly();
  EXPECT_EQ(2, server->reads);
}

TEST_P(StreamTest, ManyBytesArriveInOrderThroughSmallSocketBuffers) {
  MakePair();
  const std::string bytes = Pattern(4 << 20);
  BlockRef block = loop->blocks().Get(bytes.size());
  std::memcpy(block->data(), bytes.data(), bytes.size());
  // More pieces than one call to the kernel takes, copied and linked ones in turn.
  for (size_t at = 0, piece = 1; at < bytes.size(); at += piece, piece = piece * 7 % 65521) {
    piece = std::min(piece, bytes.size() - at);
    client->stream->output().Append(block.get(), {block->data() + at, piece});
  }
  client->stream->Flush();
  block = BlockRef();
  server->Write(bytes);
  RunUntil([&] {
    return server->received.size() == bytes.size() && client->received.size() == bytes.size();
  });
  EXPECT_TRUE(server->received == bytes);
  EXPECT_TRUE(client->received == bytes);
  EXPECT_EQ(bytes.size(), client->written);
  EXPECT_EQ(bytes.size(), server->written);
}

TEST_P(StreamTest, AnEndThatDoesNotReadHoldsItsPeerBack) {
  MakePair();
  server->stream->SetReading(false);
  const std::string bytes = Pattern(GetParam().stuck_bytes);
  client->Write(bytes);
  RunQuietly();
  EXPECT_EQ(0, server->reads);
  EXPECT_GT(client->stream->output().size(), 1u << 20);
  server->stream->SetReading(true);
  RunUntil([&] { return server->received.size() == bytes.size(); });
  EXPECT_TRUE(server->received == bytes);
}

TEST_P(StreamTest, ReadingCanStopAndResumeWithinOnData) {
  MakePair();
  server->on_data = [this] { server->stream->SetReading(false); };
  const std::string bytes = Pattern(1 << 20);
  client->Write(bytes);
  while (server->received.size() < bytes.size()) {
    const int reads = server->reads;
    server->stream->SetReading(true);
    RunUntil([&] { return server->reads > reads; });
    EXPECT_EQ(reads + 1, server->reads);
  }
  EXPECT_TRUE(server->received == bytes);
}

TEST_P(StreamTest, OnSentComesOnceAndNotBeforeTheEndOfTheTurn) {
  MakePair();
  std::string order;
  client->on_sent = [&] { order += "sent "; };
  loop->Post([&] {
    client->Write("x");
    client->stream->TellWhenSent();
    order += "task ";
    loop->AtEndOfTurn([&] { order += "end "; });
  });
  RunUntil([this] { return client->sent == 1 && server->received == "x"; });
  RunQuietly();
  EXPECT_EQ("task end sent ", order);
  client->stream->TellWhenSent();  // with nothing to send
  RunUntil([this] { return client->sent == 2; });
}

TEST_P(StreamTest, OnSentWaitsForTheLastByteThatHadNoRoom) {
  MakePair();
  server->stream->SetReading(false);
  client->Write(Pattern(GetParam().stuck_bytes));
  client->stream->TellWhenSent();
  RunQuietly();
  EXPECT_EQ(0, client->sent);
  server->stream->SetReading(true);
  RunUntil([this] { return client->sent == 1; });
  EXPECT_TRUE(client->stream->output().empty());
}

TEST_P(StreamTest, OnSentMaySendMore) {
  MakePair();
  client->on_sent = [this] {
    if (client->sent == 4) return;
    client->Write("x");
    client->stream->TellWhenSent();
  };
  client->stream->TellWhenSent();
  RunUntil([this] { return server->received == "xxx"; });
}

TEST_P(StreamTest, DestroyingAStreamEndsItsPeerAfterItsBytes) {
  MakePair();
  client->Write("last words");
  client->stream->TellWhenSent();
  client->on_sent = [this] { client->stream.reset(); };
  RunUntil([this] { return server->over(); });
  EXPECT_EQ("last words", server->received);
  EXPECT_EQ(1, server->ended);
}

TEST_P(StreamTest, OnEndIsToldOnce) {
  MakePair();
  client->stream.reset();
  RunUntil([this] { return server->ended == 1; });
  RunQuietly();
  EXPECT_EQ(1, server->ended);
  // A unix socket, unlike TCP, knows at once that nobody will read either.
  EXPECT_LE(server->failed, GetParam().tcp ? 0 : 1);
}

TEST_P(StreamTest, SendEndComesAfterTheOutputAndLeavesTheOtherDirection) {
  MakePair();
  client->Write(Pattern(1 << 20));
  client->stream->SendEnd();
  RunUntil([this] { return server->ended == 1; });
  EXPECT_TRUE(server->received == Pattern(1 << 20));
  server->Write("reply");
  RunUntil([this] { return client->received == "reply"; });
  EXPECT_FALSE(client->over());
}

TEST_P(StreamTest, NothingIsSentBehindTheEnd) {
  MakePair();
  client->Write("last");
  client->stream->SendEnd();
  RunUntil([this] { return server->ended == 1; });
  client->Write("too late");
  RunQuietly();
  EXPECT_EQ("last", server->received);
}

TEST_P(StreamTest, WritingToAPeerThatIsGoneFails) {
  MakePair();
  client->stream.reset();
  RunUntil([this] { return server->ended == 1; });
  std::function<void()> write = [&] {
    if (server->failed != 0) return;
    server->Write("anybody?");
    loop->Post([&] { write(); });
  };
  loop->Post([&] { write(); });
  RunUntil([this] { return server->failed == 1; });
  EXPECT_THAT(server->error, ::testing::AnyOf(EPIPE, ECONNRESET));
  RunQuietly();
  EXPECT_EQ(1, server->failed) << "it was not the last call";
}

TEST_P(StreamTest, ClosingWithUnreadBytesFailsThePeer) {
  MakePair();
  server->stream->SetReading(false);
  client->Write("unread");
  client->stream->TellWhenSent();
  RunUntil([this] { return client->sent == 1; });
  server->stream.reset();
  RunUntil([this] { return client->over(); });
  EXPECT_EQ(1, client->failed);
}

TEST_P(StreamTest, AStreamMayBeDestroyedInEachCallWithItsHandler) {
  Listen();
  Connect();
  client->on_connected = [this] { client.reset(); };
  RunUntil([this] { return server != nullptr && server->over(); });

  server.reset();
  Connect();
  RunUntil([this] { return server != nullptr; });
  server->on_data = [this] { server.reset(); };
  client->Write("x");
  RunUntil([this] { return client->over(); });

  Connect();
  RunUntil([this] { return server != nullptr; });
  server->on_end = [this] { server.reset(); };
  client->stream.reset();
  RunUntil([this] { return server == nullptr; });

  Connect();
  RunUntil([this] { return server != nullptr && client->connected == 1; });
  client->on_sent = [this] { client.reset(); };
  client->Write("x");
  client->stream->TellWhenSent();
  RunUntil([this] { return client == nullptr && server->over(); });

  listener.reset();
  address = MakeAddress();
  Connect();
  client->on_failed = [this] { client.reset(); };
  RunUntil([this] { return client == nullptr; });
}

TEST_P(StreamTest, AStreamDestroyedByAnotherStreamsHandlerIsNotCalled) {
  Listen();
  std::vector<std::unique_ptr<End>> ends;
  std::vector<std::unique_ptr<End>> servers;
  on_accept = [&] { servers.push_back(std::move(server)); };
  for (int i = 0; i < 8; ++i) {
    Connect();
    ends.push_back(std::move(client));
  }
  RunUntil([&] { return servers.size() == 8 && ends.back()->connected; });
  // All are ready in the same turn; the first to be called destroys the others.
  End* survivor = nullptr;
  for (auto& end : servers) {
    end->on_data = [&, self = end.get()] {
      ASSERT_EQ(nullptr, survivor);
      survivor = self;
      for (auto& other : servers) {
        if (other.get() != self) other.reset();
      }
    };
  }
  for (auto& end : ends) end->Write("x");
  RunUntil([&] { return survivor != nullptr; });
  RunQuietly();
  EXPECT_EQ(1, survivor->reads);
}

// A plain socket at the other end.
class KernelStreamTest : public EventLoopTest {
 protected:
  ~KernelStreamTest() override {
    if (socket_ >= 0) ::close(socket_);
  }

  void ConnectPlainly() {
    Listen();
    socket_ = ::socket(address.storage.ss_family, SOCK_STREAM, 0);
    ASSERT_EQ(0, ::connect(socket_, address.get(), address.size));
    RunUntil([this] { return server != nullptr; });
  }

  int socket_ = -1;
};

TEST_P(KernelStreamTest, AResetFailsAlsoWhoDoesNotRead) {
  if (!GetParam().tcp) return;
  ConnectPlainly();
  server->stream->SetReading(false);
  const linger now = {.l_onoff = 1, .l_linger = 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
  ::close(std::exchange(socket_, -1));
  RunUntil([this] { return server->failed == 1; });
  EXPECT_EQ(ECONNRESET, server->error);
}

// --- Patience --------------------------------------------------------------------

TEST_P(KernelStreamTest, PatientOutputGoesOutWithWhatTheNextTurnAdds) {
  options.patient = true;
  MakePair();
  loop->Post([this] {
    client->Write("a");
    loop->Post([this] { client->Write("b"); });
  });
  RunUntil([this] { return !server->received.empty(); });
  EXPECT_EQ("ab", server->received);
  EXPECT_EQ(1, server->reads);
}

TEST_P(KernelStreamTest, MuchOutputIsNotPatient) {
  options.patient = true;
  MakePair();
  const std::string much(kPatientBytes, 'x');
  loop->Post([&] {
    client->Write(much);
    loop->Post([this] { client->Write("b"); });
  });
  RunUntil([this] { return !server->received.empty(); });
  EXPECT_EQ(much, server->received);
}

// Always something to do: only time can end the wait.
TEST_P(KernelStreamTest, PatienceHasAnEnd) {
  options.patient = true;
  MakePair();
  client->Write("a");
  std::function<void()> go_on = [&] { loop->Post(go_on); };
  go_on();
  RunUntil([this] { return server->received == "a"; });
  go_on = [] {};
  RunQuietly();
}

TEST_P(KernelStreamTest, ManyBytesThatArePassedOnByReferenceAreReadSeveralTimesInATurn) {
  for (const bool linked : {true, false}) {
    MakePair();
    OutputBuffer passed_on(loop->blocks());
    if (linked) server->linked = &passed_on;
    server->stream->SetReading(false);
    const std::string bytes = Pattern(1 << 20);
    client->Write(bytes);
    RunQuietly();
    int in_turn = 0;
    int most = 0;
    server->on_data = [&] {
      if (in_turn++ == 0) loop->AtEndOfTurn([&] { in_turn = 0; });
      most = std::max(most, in_turn);
    };
    server->stream->SetReading(true);
    RunUntil([&] { return server->received.size() == bytes.size(); });
    EXPECT_TRUE(server->received == bytes);
    if (linked) {
      EXPECT_GT(most, 1);
      EXPECT_LE(most, kReadsPerTurn);
      EXPECT_TRUE(passed_on.Flatten().bytes == bytes);
    } else {
      EXPECT_EQ(most, 1);
    }
    passed_on.Clear();
    client.reset();
    server.reset();
    listener.reset();
    address = MakeAddress();
  }
}

TEST_P(KernelStreamTest, ManyConnectionsTogetherDoNotMakeATurnLong) {
  constexpr int kPairs = kFurtherReadsPerTurn / 2;
  constexpr size_t kBytes = 1 << 20;
  Listen();
  OutputBuffer passed_on(loop->blocks());
  std::vector<std::unique_ptr<End>> clients;
  std::vector<std::unique_ptr<End>> servers;
  int in_turn = 0;
  int most = 0;
  for (int i = 0; i < kPairs; ++i) {
    server.reset();
    Connect();
    RunUntil([this] { return server != nullptr && client->connected == 1; });
    server->linked = &passed_on;
    server->stream->SetReading(false);
    server->on_data = [&] {
      if (in_turn++ == 0) loop->AtEndOfTurn([&] { in_turn = 0; });
      most = std::max(most, in_turn);
    };
    client->Write(Pattern(kBytes));
    clients.push_back(std::move(client));
    servers.push_back(std::move(server));
  }
  RunQuietly();
  for (auto& each : servers) each->stream->SetReading(true);
  RunUntil([&] {
    return std::ranges::all_of(servers, [](auto& each) { return each->received.size() == kBytes; });
  });
  EXPECT_GT(most, kPairs);
  EXPECT_LE(most, kPairs + kFurtherReadsPerTurn);
  passed_on.Clear();
  clients.clear();
  servers.clear();
}

INSTANTIATE_TEST_SUITE_P(Fake, StreamTest, ::testing::ValuesIn(kFakeLoops), NameOf);
INSTANTIATE_TEST_SUITE_P(Kernel, StreamTest, ::testing::ValuesIn(kKernelLoops), NameOf);
INSTANTIATE_TEST_SUITE_P(Kernel, KernelStreamTest, ::testing::ValuesIn(kKernelLoops), NameOf);

}  // namespace
}  // namespace keyway

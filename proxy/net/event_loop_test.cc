// What every event loop must do, run against each of them.
#include "proxy/net/event_loop.h"

#include <netinet/in.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "proxy/net/epoll_loop.h"
#include "proxy/net/fake_loop.h"

namespace keyway {
namespace {

using std::chrono::milliseconds;

struct LoopCase {
  const char* name;
  std::unique_ptr<EventLoop> (*make)();
  bool tcp;  // else a unix socket
};

Address UnixAddress(const std::string& path) {
  Address address;
  auto* place = reinterpret_cast<sockaddr_un*>(&address.storage);
  place->sun_family = AF_UNIX;
  std::memcpy(place->sun_path, path.c_str(), path.size() + 1);
  address.size = sizeof(sockaddr_un);
  return address;
}

// A port that nobody listens on now.
Address FreePort() {
  Address address;
  auto* place = reinterpret_cast<sockaddr_in*>(&address.storage);
  place->sin_family = AF_INET;
  place->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.size = sizeof(sockaddr_in);
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  EXPECT_EQ(0, ::bind(socket, address.get(), address.size));
  EXPECT_EQ(0, ::getsockname(socket, reinterpret_cast<sockaddr*>(place), &address.size));
  ::close(socket);
  return address;
}

// One end of a connection: notes what it is told, and does in each call what the
// test wants.
class End : public StreamHandler {
 public:
  explicit End(std::function<void()> changed) : changed_(std::move(changed)) {}

  void OnConnected() override {
    ++connected;
    Act(on_connected);
  }
  void OnData(InputBuffer& input) override {
    ++reads;
    const size_t keep = std::min(keep_bytes, input.bytes().size());
    seen = std::string(input.bytes());
    received += input.bytes().substr(0, input.bytes().size() - keep);
    input.Consume(input.bytes().size() - keep);
    Act(on_data);
  }
  void OnEnd() override {
    ++ended;
    Act(on_end);
  }
  void OnFailed(int code) override {
    ++failed;
    error = code;
    Act(on_failed);
  }
  void OnWritten(size_t count) override { written += count; }
  void OnSent() override {
    ++sent;
    Act(on_sent);
  }

  void Write(std::string_view bytes) {
    stream->output().Append(bytes);
    stream->Flush();
  }
  bool over() const { return ended + failed > 0; }

  std::unique_ptr<Stream> stream;
  int connected = 0, reads = 0, ended = 0, failed = 0, sent = 0, error = 0;
  size_t written = 0;
  size_t keep_bytes = 0;  // left unconsumed in each OnData
  std::string received;   // all that was consumed
  std::string seen;       // by the last OnData
  std::function<void()> on_connected, on_data, on_end, on_failed, on_sent;

 private:
  // The action may destroy this end.
  void Act(const std::function<void()>& action) {
    const std::function<void()> changed = changed_;
    if (const std::function<void()> copy = action) copy();
    changed();
  }

  const std::function<void()> changed_;
};

class EventLoopTest : public ::testing::TestWithParam<LoopCase>, public AcceptHandler {
 protected:
  EventLoopTest() : loop(GetParam().make()) {
    char folder[] = "/tmp/k.XXXXXX";
    folder_ = ::mkdtemp(folder);
    address = MakeAddress();
  }
  ~EventLoopTest() override {
    listener.reset();
    waiting.clear();
    client.reset();
    server.reset();
    loop.reset();
    for (int i = 0; i < addresses_; ++i) ::unlink(Path(i).c_str());
    ::rmdir(folder_.c_str());
  }

  Address MakeAddress() { return GetParam().tcp ? FreePort() : UnixAddress(Path(addresses_++)); }

  std::unique_ptr<End> MakeEnd() {
    return std::make_unique<End>([this] { Changed(); });
  }

  bool HasRoom() override { return has_room; }
  void OnAccept(std::unique_ptr<Incoming> incoming) override {
    if (open_at_once) {
      server = MakeEnd();
      server->stream = incoming->Open(*loop, *server);
    } else {
      waiting.push_back(std::move(incoming));
    }
    if (on_accept) on_accept();
    Changed();
  }

  void Listen() {
    auto made = loop->Listen(address, {}, *this);
    ASSERT_TRUE(made.ok()) << made.status();
    listener = *std::move(made);
  }

  void Connect() {
    client = MakeEnd();
    client->stream = loop->Connect(address, {}, *client);
  }

  // Two connected ends.
  void MakePair() {
    Listen();
    Connect();
    RunUntil([this] { return server != nullptr && client->connected == 1; });
  }

  // Runs the loop until `done` holds after some call of a handler.
  void RunUntil(std::function<bool()> done) {
    if (done()) return;
    bool late = false;
    const Timer deadline = loop->After(std::chrono::seconds(10), [&] {
      late = true;
      loop->Stop();
    });
    done_ = std::move(done);
    loop->Run();
    done_ = nullptr;
    ASSERT_FALSE(late) << "what was waited for did not happen";
  }

  // Runs for long enough that anything that must not happen would have.
  void RunQuietly() {
    const Timer end = loop->After(milliseconds(20), [this] { loop->Stop(); });
    loop->Run();
  }

  void Changed() {
    if (done_ && done_()) loop->Stop();
  }

  std::unique_ptr<EventLoop> loop;
  Address address;
  std::unique_ptr<Listener> listener;
  std::vector<std::unique_ptr<Incoming>> waiting;
  std::unique_ptr<End> client, server;
  bool has_room = true;
  bool open_at_once = true;
  std::function<void()> on_accept;

 private:
  std::string Path(int i) const { return folder_ + "/" + std::to_string(i); }

  std::string folder_;
  int addresses_ = 0;
  std::function<bool()> done_;
};

std::string Pattern(size_t size) {
  std::string bytes(size, '\0');
  char* byte = bytes.data();
  for (size_t i = 0; i < size; ++i) *byte++ = static_cast<char>(i * 131 + i / 251);
  return bytes;
}

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

TEST_P(EventLoopTest, BytesGoBothWays) {
  MakePair();
  client->Write("hello");
  server->Write("good day");
  RunUntil([this] { return server->received == "hello" && client->received == "good day"; });
  EXPECT_FALSE(client->stream->peer().empty());
  EXPECT_FALSE(server->stream->peer().empty());
}

TEST_P(EventLoopTest, OutputIsSentOncePerTurn) {
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

TEST_P(EventLoopTest, NothingIsSentWithoutFlush) {
  MakePair();
  client->stream->output().Append("a");
  RunQuietly();
  EXPECT_EQ("", server->received);
  client->stream->Flush();
  RunUntil([this] { return server->received == "a"; });
}

TEST_P(EventLoopTest, OutputWrittenBeforeTheConnectionStandsIsSent) {
  Listen();
  Connect();
  client->Write("early");
  RunUntil([this] { return server != nullptr && server->received == "early"; });
  EXPECT_EQ(1, client->connected);
}

TEST_P(EventLoopTest, ConnectingToNobodyFailsInALaterTurn) {
  Connect();
  EXPECT_EQ(0, client->failed);
  RunUntil([this] { return client->failed == 1; });
  EXPECT_EQ(GetParam().tcp ? ECONNREFUSED : client->error, client->error);
  EXPECT_EQ(0, client->connected);
}

TEST_P(EventLoopTest, UnconsumedBytesComeAgainWithTheNext) {
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

TEST_P(EventLoopTest, ResumingPresentsUnconsumedBytesAgain) {
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

TEST_P(EventLoopTest, ManyBytesArriveInOrderThroughSmallSocketBuffers) {
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

TEST_P(EventLoopTest, AnEndThatDoesNotReadHoldsItsPeerBack) {
  MakePair();
  server->stream->SetReading(false);
  client->Write(Pattern(16 << 20));
  RunQuietly();
  EXPECT_EQ(0, server->reads);
  EXPECT_GT(client->stream->output().size(), 1u << 20);
  server->stream->SetReading(true);
  RunUntil([this] { return server->received.size() == 16 << 20; });
  EXPECT_TRUE(server->received == Pattern(16 << 20));
}

TEST_P(EventLoopTest, ReadingCanStopAndResumeWithinOnData) {
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

TEST_P(EventLoopTest, OnSentComesOnceAndNotBeforeTheEndOfTheTurn) {
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

TEST_P(EventLoopTest, OnSentWaitsForTheLastByteThatHadNoRoom) {
  MakePair();
  server->stream->SetReading(false);
  client->Write(Pattern(16 << 20));
  client->stream->TellWhenSent();
  RunQuietly();
  EXPECT_EQ(0, client->sent);
  server->stream->SetReading(true);
  RunUntil([this] { return client->sent == 1; });
  EXPECT_TRUE(client->stream->output().empty());
}

TEST_P(EventLoopTest, OnSentMaySendMore) {
  MakePair();
  client->on_sent = [this] {
    if (client->sent == 4) return;
    client->Write("x");
    client->stream->TellWhenSent();
  };
  client->stream->TellWhenSent();
  RunUntil([this] { return server->received == "xxx"; });
}

TEST_P(EventLoopTest, DestroyingAStreamEndsItsPeerAfterItsBytes) {
  MakePair();
  client->Write("last words");
  client->stream->TellWhenSent();
  client->on_sent = [this] { client->stream.reset(); };
  RunUntil([this] { return server->over(); });
  EXPECT_EQ("last words", server->received);
  EXPECT_EQ(1, server->ended);
}

TEST_P(EventLoopTest, OnEndIsToldOnce) {
  MakePair();
  client->stream.reset();
  RunUntil([this] { return server->ended == 1; });
  RunQuietly();
  EXPECT_EQ(1, server->ended);
  // A unix socket, unlike TCP, knows at once that nobody will read either.
  EXPECT_LE(server->failed, GetParam().tcp ? 0 : 1);
}

TEST_P(EventLoopTest, SendEndComesAfterTheOutputAndLeavesTheOtherDirection) {
  MakePair();
  client->Write(Pattern(1 << 20));
  client->stream->SendEnd();
  RunUntil([this] { return server->ended == 1; });
  EXPECT_TRUE(server->received == Pattern(1 << 20));
  server->Write("reply");
  RunUntil([this] { return client->received == "reply"; });
  EXPECT_FALSE(client->over());
}

TEST_P(EventLoopTest, NothingIsSentBehindTheEnd) {
  MakePair();
  client->Write("last");
  client->stream->SendEnd();
  RunUntil([this] { return server->ended == 1; });
  client->Write("too late");
  RunQuietly();
  EXPECT_EQ("last", server->received);
}

TEST_P(EventLoopTest, WritingToAPeerThatIsGoneFails) {
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

TEST_P(EventLoopTest, ClosingWithUnreadBytesFailsThePeer) {
  MakePair();
  server->stream->SetReading(false);
  client->Write("unread");
  client->stream->TellWhenSent();
  RunUntil([this] { return client->sent == 1; });
  server->stream.reset();
  RunUntil([this] { return client->over(); });
  EXPECT_EQ(1, client->failed);
}

TEST_P(EventLoopTest, AStreamMayBeDestroyedInEachCallWithItsHandler) {
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

TEST_P(EventLoopTest, AStreamDestroyedByAnotherStreamsHandlerIsNotCalled) {
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
  has_room = true;
  RunUntil([this] { return server != nullptr && client->connected == 1; });
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

// What takes a real socket or a second thread.
class KernelLoopTest : public EventLoopTest {
 protected:
  ~KernelLoopTest() override {
    if (socket_ >= 0) ::close(socket_);
  }

  // Connects a plain blocking socket to the listener.
  void ConnectPlainly() {
    Listen();
    socket_ = ::socket(address.storage.ss_family, SOCK_STREAM, 0);
    ASSERT_EQ(0, ::connect(socket_, address.get(), address.size));
    RunUntil([this] { return server != nullptr; });
  }

  int socket_ = -1;
};

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

TEST_P(KernelLoopTest, AResetFailsAlsoWhoDoesNotRead) {
  if (!GetParam().tcp) return;
  ConnectPlainly();
  server->stream->SetReading(false);
  const linger now = {.l_onoff = 1, .l_linger = 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
  ::close(std::exchange(socket_, -1));
  RunUntil([this] { return server->failed == 1; });
  EXPECT_EQ(ECONNRESET, server->error);
}

std::string NameOf(const ::testing::TestParamInfo<LoopCase>& test) { return test.param.name; }

std::unique_ptr<EventLoop> MakeFakeLoop() { return std::make_unique<FakeLoop>(); }
std::unique_ptr<EventLoop> MakeShuffledLoop() {
  return std::make_unique<FakeLoop>(FakeLoop::Options{.shuffle = true, .seed = 7});
}

constexpr LoopCase kFakeLoops[] = {{"Fake", MakeFakeLoop, true},
                                   {"FakeShuffled", MakeShuffledLoop, false}};
constexpr LoopCase kKernelLoops[] = {{"EpollTcp", MakeEpollLoop, true},
                                     {"EpollUnix", MakeEpollLoop, false}};

INSTANTIATE_TEST_SUITE_P(Fake, EventLoopTest, ::testing::ValuesIn(kFakeLoops), NameOf);
INSTANTIATE_TEST_SUITE_P(Kernel, EventLoopTest, ::testing::ValuesIn(kKernelLoops), NameOf);
INSTANTIATE_TEST_SUITE_P(Kernel, KernelLoopTest, ::testing::ValuesIn(kKernelLoops), NameOf);

}  // namespace
}  // namespace keyway

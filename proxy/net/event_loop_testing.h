// What the tests of event loops share: a place to listen, and two ends of a connection
// that note what they are told.
#ifndef KEYWAY_PROXY_NET_EVENT_LOOP_TESTING_H_
#define KEYWAY_PROXY_NET_EVENT_LOOP_TESTING_H_

#include <netinet/in.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "proxy/net/epoll_loop.h"
#include "proxy/net/event_loop.h"
#include "proxy/net/fake_loop.h"

namespace keyway {

struct LoopCase {
  const char* name;
  std::unique_ptr<EventLoop> (*make)();
  bool tcp;            // else a unix socket
  size_t stuck_bytes;  // some are left to the sender when the receiver does not read
};

inline Address UnixAddress(const std::string& path) {
  Address address;
  auto* place = reinterpret_cast<sockaddr_un*>(&address.storage);
  place->sun_family = AF_UNIX;
  std::memcpy(place->sun_path, path.c_str(), path.size() + 1);
  address.size = sizeof(sockaddr_un);
  return address;
}

// A port that nobody listens on now.
inline Address FreePort() {
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
    if (linked != nullptr) linked->Append(input.block(), input.bytes());
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
  size_t keep_bytes = 0;           // left unconsumed in each OnData
  OutputBuffer* linked = nullptr;  // where what comes is passed on to, if anywhere
  std::string received;            // all that was consumed
  std::string seen;                // by the last OnData
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
  void OnWaiting(size_t connections) override { without_room.push_back(connections); }
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
    client->stream = loop->Connect(address, options, *client);
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
    const Timer end = loop->After(std::chrono::milliseconds(20), [this] { loop->Stop(); });
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
  StreamOptions options;  // of the client's stream
  bool has_room = true;
  std::vector<size_t> without_room;  // as told
  bool open_at_once = true;
  std::function<void()> on_accept;

 private:
  std::string Path(int i) const { return folder_ + "/" + std::to_string(i); }

  std::string folder_;
  int addresses_ = 0;
  std::function<bool()> done_;
};

// Bytes of which no two stretches near each other are alike.
inline std::string Pattern(size_t size) {
  std::string period(std::min<size_t>(size, 65521), '\0');
  for (size_t i = 0; i < period.size(); ++i) period[i] = static_cast<char>(i * 131 + i / 251);
  std::string bytes;
  bytes.reserve(size + period.size());
  while (bytes.size() < size) bytes += period;
  bytes.resize(size);
  return bytes;
}

inline std::unique_ptr<EventLoop> MakeFakeLoop() { return std::make_unique<FakeLoop>(); }
inline std::unique_ptr<EventLoop> MakeShuffledLoop() {
  return std::make_unique<FakeLoop>(FakeLoop::Options{.shuffle = true, .seed = 7});
}

inline constexpr LoopCase kFakeLoops[] = {{"Fake", MakeFakeLoop, true, 2 << 20},
                                          {"FakeShuffled", MakeShuffledLoop, false, 2 << 20}};
// The kernel lets the buffers of a TCP connection grow to megabytes.
inline constexpr LoopCase kKernelLoops[] = {{"EpollTcp", MakeEpollLoop, true, 16 << 20},
                                            {"EpollUnix", MakeEpollLoop, false, 2 << 20}};

inline std::string NameOf(const ::testing::TestParamInfo<LoopCase>& test) {
  return test.param.name;
}

}  // namespace keyway

#endif  // KEYWAY_PROXY_NET_EVENT_LOOP_TESTING_H_

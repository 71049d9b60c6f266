// Fake servers that cost next to nothing: all in one thread, each on a port or unix socket of
// its own, which is printed, one a line. They end with their standard input.
//
//     bazel run --config=opt //tools/bench:servers -- --count=4
#include <unistd.h>

#include <cstdio>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/flags/usage.h"
#include "absl/status/status.h"
#include "tools/bench/answer.h"
#include "tools/bench/poll.h"
#include "tools/bench/socket.h"

ABSL_FLAG(uint32_t, count, 4, "So many servers.");
ABSL_FLAG(std::string, folder, "", "Listen on unix sockets in this folder instead of ports.");

namespace keyway::bench {
namespace {

constexpr size_t kReceiveBytes = 1 << 18;

// What a socket that is ready belongs to: a connection, or else one who listens.
struct Peer {
  Descriptor socket;
  Listener* listener = nullptr;
  std::string input;
  Output output;
  bool writable_wanted = false;
};

class Servers {
 public:
  absl::Status Start(size_t count, const std::string& folder);
  void Serve();

 private:
  void AcceptAll(Listener& listener);
  bool Read(Peer& peer);
  bool Write(Peer& peer);

  Poll poll_;
  std::vector<std::unique_ptr<Listener>> listeners_;
  std::unordered_map<Peer*, std::unique_ptr<Peer>> peers_;
  Answerer answerer_;
  std::vector<char> buffer_ = std::vector<char>(kReceiveBytes);
};

absl::Status Servers::Start(size_t count, const std::string& folder) {
  for (size_t i = 0; i < count; ++i) {
    auto listener =
        folder.empty() ? ListenOnFreePort() : ListenAt(folder + "/" + std::to_string(i) + ".sock");
    if (!listener.ok()) return listener.status();
    listeners_.push_back(std::make_unique<Listener>(*std::move(listener)));
    auto peer = std::make_unique<Peer>();
    peer->listener = listeners_.back().get();
    poll_.Add(peer->listener->socket.get(), peer.get());
    peers_.emplace(peer.get(), std::move(peer));
    printf("%s\n", listeners_.back()->endpoint.c_str());
  }
  fflush(stdout);
  return absl::OkStatus();
}

void Servers::AcceptAll(Listener& listener) {
  while (true) {
    auto peer = std::make_unique<Peer>();
    peer->socket = Accept(listener);
    if (peer->socket.get() < 0) return;
    poll_.Add(peer->socket.get(), peer.get());
    peers_.emplace(peer.get(), std::move(peer));
  }
}

bool Servers::Read(Peer& peer) {
  size_t size = 0;
  const Received received = ReceiveSome(peer.socket.get(), buffer_.data(), buffer_.size(), size);
  if (received != Received::kBytes) return received == Received::kNothing;
  std::string_view input(buffer_.data(), size);
  const bool had_some = !peer.input.empty();
  if (had_some) input = peer.input.append(input);
  const bool good = answerer_.Answer(input, peer.output.bytes);
  if (had_some) {
    peer.input.erase(0, peer.input.size() - input.size());
  } else {
    peer.input = input;
  }
  return good;
}

bool Servers::Write(Peer& peer) {
  if (!peer.output.empty() && !SendSome(peer.socket.get(), peer.output)) return false;
  const bool more = !peer.output.empty();
  if (more != peer.writable_wanted) poll_.WantWritable(peer.socket.get(), &peer, more);
  peer.writable_wanted = more;
  return true;
}

void Servers::Serve() {
  // Standard input has no owner.
  poll_.Add(STDIN_FILENO, nullptr);
  while (true) {
    for (const epoll_event& event : poll_.Wait(std::chrono::hours(1))) {
      auto* peer = static_cast<Peer*>(event.data.ptr);
      if (peer == nullptr) return;
      if (peer->listener != nullptr) {
        AcceptAll(*peer->listener);
      } else if (!Read(*peer) || !Write(*peer)) {
        peers_.erase(peer);
      }
    }
  }
}

int Main() {
  RaiseFileLimit();
  Servers servers;
  const absl::Status status =
      servers.Start(absl::GetFlag(FLAGS_count), absl::GetFlag(FLAGS_folder));
  if (!status.ok()) {
    fprintf(stderr, "servers: %s\n", std::string(status.message()).c_str());
    return 1;
  }
  servers.Serve();
  return 0;
}

}  // namespace
}  // namespace keyway::bench

int main(int argc, char* argv[]) {
  absl::SetProgramUsageMessage(
      "Servers that answer at once and store nothing. Prints the endpoint of each, and ends with "
      "its standard input.");
  absl::ParseCommandLine(argc, argv);
  return keyway::bench::Main();
}

#include "sim/source/live/memcached.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_format.h"
#include "proxy/config/problem.h"
#include "sim/source/bytes/byte_stream.h"
#include "sim/source/format/format.h"
#include "sim/source/live/connection.h"

namespace keyway::sim {
namespace {

constexpr std::string_view kFormat = "metadump";
constexpr std::string_view kRequest = "lru_crawler metadump all\r\n";
// The last line of the answer; only lines of keys come before it.
constexpr std::string_view kEnd = "END\r\n";
constexpr std::string_view kKey = "key=";
// What it says while it looks for expired items, or for somebody else, and how soon it is
// asked again.
constexpr std::string_view kBusy = "BUSY";
constexpr auto kBusyPause = std::chrono::milliseconds(50);
static_assert(kBusy.size() == kKey.size());
// What some versions say when they are empty.
constexpr std::string_view kNoItems = "NOTSTARTED no items to crawl";
// For the first line of any other answer.
constexpr size_t kMostErrorBytes = 200;

// The answer to one request, of which the connection is not closed at the end.
class AnswerStream final : public ByteStream {
 public:
  explicit AnswerStream(std::unique_ptr<Connection> connection)
      : connection_(std::move(connection)) {}

  absl::StatusOr<size_t> Read(std::span<char> space) override {
    if (ended_) return size_t{0};
    const absl::StatusOr<size_t> size = connection_->Read(space);
    if (!size.ok()) return size.status();
    if (*size == 0) return connection_->Error("the server has closed the connection too early");
    done_ += *size;
    Follow(std::string_view(space.data(), *size));
    return *size;
  }

  const std::string& name() const override { return connection_->name(); }
  uint64_t done() const override { return done_; }
  uint64_t in_all() const override { return 0; }

 private:
  // The end of what came is `kEnd` on a line of its own, or an error's only line.
  void Follow(std::string_view bytes) {
    tail_ += bytes.substr(bytes.size() - std::min(bytes.size(), kEnd.size() + 1));
    if (tail_.size() > kEnd.size() + 1) tail_.erase(0, tail_.size() - kEnd.size() - 1);
    ended_ = tail_ == kEnd || (tail_.ends_with(kEnd) && tail_.starts_with('\n'));
  }

  const std::unique_ptr<Connection> connection_;
  std::atomic<uint64_t> done_ = 0;
  std::string tail_;  // the last bytes that came
  bool ended_ = false;
};

class EmptyStream final : public ByteStream {
 public:
  explicit EmptyStream(std::string name) : name_(std::move(name)) {}

  absl::StatusOr<size_t> Read(std::span<char>) override { return size_t{0}; }
  const std::string& name() const override { return name_; }
  uint64_t done() const override { return 0; }
  uint64_t in_all() const override { return 0; }

 private:
  const std::string name_;
};

// What the server says in place of keys, which is one line.
absl::Status Refusal(const Connection& connection, PeekStream& stream) {
  std::string line;
  while (line.find('\n') == std::string::npos && line.size() < kMostErrorBytes) {
    const absl::StatusOr<std::string_view> more = stream.Peek(line.size() + 1);
    if (!more.ok()) return more.status();
    line = *more;
  }
  const std::string answer = Quoted(line.substr(0, line.find_first_of("\r\n")));
  return connection.Error(
      answer.find(kBusy) != std::string::npos
          ? absl::StrFormat("says %s; try again when its crawler is done", answer)
          : absl::StrFormat("says %s to lru_crawler metadump; that takes memcached 1.4.31 or "
                            "later, with its crawler on",
                            answer));
}

const FormatSpec& Metadump() {
  return *std::ranges::find(AllFormatSpecs(), kFormat, &FormatSpec::name);
}

absl::StatusOr<std::unique_ptr<Source>> AskCrawler(const LiveServer& server, bool& busy) {
  absl::StatusOr<std::unique_ptr<Connection>> opened = Connection::Open(server);
  if (!opened.ok()) return opened.status();
  const Connection& connection = **opened;
  const absl::Status asked = (*opened)->Write(kRequest);
  if (!asked.ok()) return asked;
  auto stream = std::make_unique<PeekStream>(std::make_unique<AnswerStream>(*std::move(opened)));
  const absl::StatusOr<std::string_view> head = stream->Peek(kKey.size());
  if (!head.ok()) return head.status();
  busy = *head == kBusy;
  if (kNoItems.starts_with(*head)) {
    return OpenFormat(Metadump(), "",
                      std::make_unique<PeekStream>(std::make_unique<EmptyStream>(stream->name())));
  }
  if (*head != kKey && !kEnd.starts_with(*head)) return Refusal(connection, *stream);
  return OpenFormat(Metadump(), "", std::move(stream));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Source>> OpenMemcached(const LiveServer& server) {
  const auto deadline = std::chrono::steady_clock::now() + server.busy_patience;
  for (;;) {
    bool busy = false;
    absl::StatusOr<std::unique_ptr<Source>> source = AskCrawler(server, busy);
    if (!busy || std::chrono::steady_clock::now() >= deadline) return source;
    std::this_thread::sleep_for(kBusyPause);
  }
}

}  // namespace keyway::sim

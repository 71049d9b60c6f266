// One connection of the load generator.
#ifndef KEYWAY_TOOLS_BENCH_CLIENT_H_
#define KEYWAY_TOOLS_BENCH_CLIENT_H_

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tools/bench/reply_check.h"
#include "tools/bench/socket.h"

namespace keyway::bench {

// Which items the requests of a run are for: a pure function of the request's number, so
// that a reply can be checked without a record of what was asked.
struct ItemChoice {
  uint32_t items = 10'000;
  uint32_t value_bytes = 16;
  size_t per_request = 1;
  bool in_order = false;  // one after the other; else by chance

  void ItemsOf(uint64_t request, std::vector<Item>& result) const;
};

// Clients that all do the same.
struct Group {
  RequestKind kind;
  ItemChoice choice;
  size_t clients = 0;
  size_t pipeline = 1;  // requests that each sends before it waits
};

// Sends requests and checks the replies, each against the oldest request without one.
class Client {
 public:
  Client(Descriptor socket, const Group& group)
      : socket_(std::move(socket)), group_(group), check_(group.kind) {}

  // Appends a request to what will be sent. Its latency counts from `due_ns`.
  void Ask(uint64_t request, int64_t due_ns);
  // Sends what goes; false if the connection is gone.
  bool Flush() { return output_.empty() || SendSome(fd(), output_); }

  // Checks received bytes. Calls `replied(due_ns)` for each reply that is complete. False
  // if one is wrong; complaint() says what.
  template <typename Replied>
  bool OnBytes(std::string_view bytes, Replied replied);

  const Group& group() const { return group_; }
  int fd() const { return socket_.get(); }
  bool has_output() const { return !output_.empty(); }
  size_t waiting() const { return waiting_.size(); }
  std::string complaint() const;

  bool writable_wanted = false;  // by the one who polls

 private:
  struct Asked {
    uint64_t request = 0;
    int64_t due_ns = 0;
  };

  void ExpectFront();

  Descriptor socket_;
  const Group& group_;
  ReplyCheck check_;
  std::deque<Asked> waiting_;
  Output output_;
  std::vector<Item> items_;  // kept for its memory
  uint64_t replies_ = 0;
  bool unasked_ = false;  // bytes came when none were due
};

template <typename Replied>
bool Client::OnBytes(std::string_view bytes, Replied replied) {
  while (!bytes.empty()) {
    if (waiting_.empty()) {
      unasked_ = true;
      return false;
    }
    const ReplyCheck::Verdict verdict = check_.Take(bytes);
    if (verdict == ReplyCheck::Verdict::kWrong) return false;
    if (verdict == ReplyCheck::Verdict::kIncomplete) return true;
    ++replies_;
    replied(waiting_.front().due_ns);
    waiting_.pop_front();
    if (!waiting_.empty()) ExpectFront();
  }
  return true;
}

}  // namespace keyway::bench

#endif  // KEYWAY_TOOLS_BENCH_CLIENT_H_

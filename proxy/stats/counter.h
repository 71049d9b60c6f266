// Numbers and texts that one thread writes and any thread reads.
#ifndef KEYWAY_PROXY_STATS_COUNTER_H_
#define KEYWAY_PROXY_STATS_COUNTER_H_

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

namespace keyway {

// A number with one writing thread. No read-modify-write: one writer needs none.
class Counter {
 public:
  void Add(int64_t count = 1) {
    value_.store(value_.load(std::memory_order_relaxed) + count, std::memory_order_relaxed);
  }
  void Set(int64_t value) { value_.store(value, std::memory_order_relaxed); }
  int64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<int64_t> value_ = 0;
};

// A short text. Not for the data path: it takes a lock.
class Note {
 public:
  // Keeps the first kMaxNoteBytes. What does not print, and may come from a peer,
  // becomes '?'.
  void Set(std::string_view text);
  std::string text() const;

 private:
  mutable std::mutex mutex_;
  std::string text_;
};

}  // namespace keyway

#endif  // KEYWAY_PROXY_STATS_COUNTER_H_

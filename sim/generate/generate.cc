#include "sim/generate/generate.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

#include "absl/status/status.h"

namespace keyway::sim {
namespace {

// So much text is compressed and written at a time.
constexpr size_t kPieceBytes = 1 << 20;

// Copies of a block's records.
class Records final : public RecordSink {
 public:
  struct Entry {
    size_t key_end = 0;  // in the bytes of all keys
    Weight weight = {};
  };

  void Read(Block& block) {
    keys_.clear();
    entries_.clear();
    block.Parse(*this);
    Flush();
  }

  std::span<char> Room(size_t bytes) override {
    if (room_.size() - room_used_ < bytes) {
      Flush();
      if (room_.size() < bytes) room_.resize(bytes);
    }
    room_used_ += bytes;
    return {room_.data() + room_used_ - bytes, bytes};
  }

  void Bad(uint64_t, std::string_view, std::string_view) override { ++bad_lines_; }
  void Skip(std::string_view, uint64_t) override {}

  const std::string& keys() const { return keys_; }
  std::span<const Entry> entries() const { return entries_; }
  uint64_t bad_lines() const { return bad_lines_; }

 protected:
  void Flush() override {
    for (size_t i = 0; i < batch_.size; ++i) {
      keys_ += batch_.keys[i];
      entries_.push_back(
          {.key_end = keys_.size(), .weight = batch_.weighted ? batch_.weights[i] : Weight{}});
    }
    batch_.size = 0;
    batch_.weighted = false;
    room_used_ = 0;
  }

 private:
  std::string keys_;
  std::vector<Entry> entries_;
  std::vector<char> room_ = std::vector<char>(size_t{256} * 1024);
  size_t room_used_ = 0;
  uint64_t bad_lines_ = 0;
};

// How many items a record is; 0 for one that stands for keys without names.
uint64_t ItemsOf(const Weight& weight) {
  const uint64_t requests = weight.reads + weight.writes;
  return requests > 0 ? requests : weight.keys <= 1;
}

// Gives out the blocks of all sources, and lets the threads number and write them in that
// order. Whoever has the earliest block never waits, so the others come to an end too.
class Sequence {
 public:
  Sequence(std::vector<std::unique_ptr<Source>> sources, std::ostream& out)
      : sources_(std::move(sources)), out_(out) {}

  // The next block and its place in the order; null at the end and after a failure.
  std::unique_ptr<Block> Next(uint64_t& ordinal) {
    const std::lock_guard reading(reading_);
    while (source_ < sources_.size()) {
      absl::StatusOr<std::unique_ptr<Block>> block = sources_[source_]->Next();
      if (!block.ok()) {
        Fail(block.status());
        return nullptr;
      }
      if (*block != nullptr && !failed()) {
        ordinal = given_out_++;
        return *std::move(block);
      }
      if (failed()) return nullptr;
      ++source_;
    }
    return nullptr;
  }

  // The number of the first of `items` items of that block.
  uint64_t TakeNumbers(uint64_t ordinal, uint64_t items) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return numbered_ == ordinal || !status_.ok(); });
    ++numbered_;
    changed_.notify_all();
    return std::exchange(items_, items_ + items);
  }

  // Writes a piece of that block. False after a failure.
  bool Write(uint64_t ordinal, std::string_view text) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return written_ == ordinal || !status_.ok(); });
    if (!status_.ok()) return false;
    lock.unlock();
    if (out_.write(text.data(), static_cast<std::streamsize>(text.size()))) return true;
    Fail(absl::UnavailableError("the output cannot be written"));
    return false;
  }

  // All pieces of that block are written.
  void Finish(uint64_t ordinal) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return written_ == ordinal || !status_.ok(); });
    ++written_;
    changed_.notify_all();
  }

  void Fail(absl::Status status) {
    const std::lock_guard lock(mutex_);
    status_.Update(std::move(status));
    changed_.notify_all();
  }

  bool failed() {
    const std::lock_guard lock(mutex_);
    return !status_.ok();
  }

  absl::Status status() const { return status_; }

  std::pair<uint64_t, uint64_t> Progress() const {
    uint64_t done = 0, in_all = 0;
    bool known = true;
    for (const auto& source : sources_) {
      done += source->done();
      in_all += source->in_all();
      known = known && source->in_all() > 0;
    }
    return {done, known ? in_all : 0};
  }

 private:
  const std::vector<std::unique_ptr<Source>> sources_;
  std::ostream& out_;
  std::mutex reading_;  // taken before the other one
  size_t source_ = 0;
  uint64_t given_out_ = 0;

  std::mutex mutex_;
  std::condition_variable changed_;
  absl::Status status_;
  uint64_t numbered_ = 0;  // blocks
  uint64_t written_ = 0;   // blocks
  uint64_t items_ = 0;
};

// One thread's work.
class Worker {
 public:
  Worker(const GenerateOptions& options, Sequence& sequence)
      : options_(options), sequence_(sequence) {}

  void Run() {
    uint64_t ordinal = 0;
    while (const std::unique_ptr<Block> block = sequence_.Next(ordinal)) {
      records_.Read(*block);
      uint64_t items = 0;
      for (const Records::Entry& entry : records_.entries()) items += ItemsOf(entry.weight);
      number_ = sequence_.TakeNumbers(ordinal, items);
      WriteRecords(ordinal);
      sequence_.Finish(ordinal);
    }
  }

  Generated result() const {
    return {.items = written_, .left_out = left_out_, .bad_lines = records_.bad_lines()};
  }

 private:
  void WriteRecords(uint64_t ordinal) {
    size_t key_begin = 0;
    for (const auto& [key_end, weight] : records_.entries()) {
      const std::string_view key(records_.keys().data() + key_begin, key_end - key_begin);
      key_begin = key_end;
      const uint64_t items = ItemsOf(weight);
      if (items == 0) ++left_out_;
      for (uint64_t item = 0; item < items; ++item) {
        AppendItem({.key = key, .bytes = weight.bytes / items, .read = item < weight.reads});
        if (text_.size() >= kPieceBytes && !WritePiece(ordinal)) return;
      }
    }
    WritePiece(ordinal);
  }

  void AppendItem(Item item) {
    item.time_us = static_cast<uint64_t>(static_cast<double>(number_++) / options_.rate * 1e6);
    ++(options_.format->append(item, text_) ? written_ : left_out_);
  }

  bool WritePiece(uint64_t ordinal) {
    bool written = true;
    if (options_.compressor == nullptr) {
      written = sequence_.Write(ordinal, text_);
    } else if (options_.compressor->compress(text_, options_.compressor->fast_level, compressed_)) {
      written = text_.empty() || sequence_.Write(ordinal, compressed_);
    } else {
      sequence_.Fail(absl::ResourceExhaustedError("the output cannot be compressed"));
      written = false;
    }
    text_.clear();
    return written;
  }

  const GenerateOptions& options_;
  Sequence& sequence_;
  Records records_;
  std::string text_;
  std::string compressed_;
  uint64_t number_ = 0;  // of the next item
  uint64_t written_ = 0;
  uint64_t left_out_ = 0;
};

absl::Status WriteHeader(const GenerateOptions& options, std::ostream& out) {
  const std::string_view header = options.format->header;
  if (options.compressor == nullptr || header.empty()) {
    out << header;
    return absl::OkStatus();
  }
  std::string compressed;
  if (!options.compressor->compress(header, options.compressor->fast_level, compressed)) {
    return absl::ResourceExhaustedError("the output cannot be compressed");
  }
  out << compressed;
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Generated> Generate(std::vector<std::unique_ptr<Source>> sources,
                                   const GenerateOptions& options, std::ostream& out) {
  if (absl::Status status = WriteHeader(options, out); !status.ok()) return status;
  Sequence sequence(std::move(sources), out);
  const size_t threads = options.threads > 0 ? static_cast<size_t>(options.threads)
                                             : std::max(1u, std::thread::hardware_concurrency());
  std::vector<Worker> workers(threads, Worker(options, sequence));
  std::mutex mutex;
  std::condition_variable finished;
  size_t working = threads;
  {
    std::vector<std::jthread> running;
    for (Worker& worker : workers) {
      running.emplace_back([&] {
        worker.Run();
        const std::lock_guard lock(mutex);
        --working;
        finished.notify_one();
      });
    }
    constexpr std::chrono::milliseconds kTellEvery(200);
    std::unique_lock lock(mutex);
    while (working > 0) {
      finished.wait_for(lock, kTellEvery);
      if (!options.on_progress) continue;
      const auto [done, in_all] = sequence.Progress();
      options.on_progress(done, in_all);
    }
  }
  if (!sequence.status().ok()) return sequence.status();
  if (!out.flush()) return absl::UnavailableError("the output cannot be written");

  Generated sum;
  for (const Worker& worker : workers) {
    const Generated part = worker.result();
    sum.items += part.items;
    sum.left_out += part.left_out;
    sum.bad_lines += part.bad_lines;
  }
  return sum;
}

}  // namespace keyway::sim

#include "sim/engine/worker.h"

#include <utility>

namespace keyway::sim {
namespace {

// Enough for a batch of long keys; for a longer one it grows.
constexpr size_t kRoomBytes = 256 * 1024;
constexpr size_t kMaxExampleBytes = 80;

}  // namespace

Worker::Worker(const Experiment& experiment, const Placements& placements, Feed& feed)
    : feed_(feed), counter_(experiment, placements), room_(kRoomBytes) {}

void Worker::Run() {
  Feed::Job job;
  while (feed_.Next(job)) {
    content_ = feed_.content(job.source);
    report_ = {};
    report_.lines = job.block->Parse(*this);
    Flush();
    job.block = nullptr;
    feed_.Finish(job, std::move(report_));
  }
}

void Worker::Flush() {
  if (batch_.size != 0) counter_.Count(batch_, content_);
  report_.records += batch_.size;
  batch_.size = 0;
  batch_.weighted = false;
  room_used_ = 0;
}

// Counting the batch frees its keys, and so the room.
std::span<char> Worker::Room(size_t bytes) {
  if (room_.size() - room_used_ < bytes) {
    Flush();
    if (room_.size() < bytes) room_.resize(bytes);
  }
  const std::span<char> room(room_.data() + room_used_, bytes);
  room_used_ += bytes;
  return room;
}

void Worker::Bad(uint64_t line, std::string_view text, std::string_view reason) {
  ++report_.bad_lines;
  if (report_.examples.size() == InputReport::kExamples) return;
  std::string shown(text.substr(0, kMaxExampleBytes));
  if (text.size() > kMaxExampleBytes) shown += "...";
  report_.examples.push_back(
      {.line = line, .text = std::move(shown), .reason = std::string(reason)});
}

void Worker::Skip(std::string_view reason, uint64_t records) {
  const auto found = report_.skipped.find(reason);
  if (found != report_.skipped.end()) {
    found->second += records;
  } else {
    report_.skipped.emplace(reason, records);
  }
}

}  // namespace keyway::sim

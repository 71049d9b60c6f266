// What one thread of an experiment does. Private to this folder.
#ifndef KEYWAY_SIM_ENGINE_WORKER_H_
#define KEYWAY_SIM_ENGINE_WORKER_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "sim/engine/counter.h"
#include "sim/engine/feed.h"
#include "sim/source/source.h"

namespace keyway::sim {

// Takes blocks and counts their records until there are no more.
class Worker : public RecordSink {
 public:
  // All outlive the worker.
  Worker(const Experiment& experiment, const Placements& placements, Feed& feed);

  void Run();

  // What it counted; once, when it has run.
  Tally TakeTally() { return counter_.TakeTally(); }

  std::span<char> Room(size_t bytes) override;
  void Bad(uint64_t line, std::string_view text, std::string_view reason) override;
  void Skip(std::string_view reason, uint64_t records) override;

 protected:
  void Flush() override;

 private:
  Feed& feed_;
  Counter counter_;
  Content content_ = Content::kKeys;
  BlockReport report_;
  // Decoded keys of the batch at hand, one after the other.
  std::vector<char> room_;
  size_t room_used_ = 0;
};

}  // namespace keyway::sim

#endif  // KEYWAY_SIM_ENGINE_WORKER_H_

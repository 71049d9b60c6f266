// Blocks for all threads, and what comes of them besides records. Private to this folder.
#ifndef KEYWAY_SIM_ENGINE_FEED_H_
#define KEYWAY_SIM_ENGINE_FEED_H_

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "sim/engine/input.h"
#include "sim/source/source.h"

namespace keyway::sim {

// What a block held that is not counted by server.
struct BlockReport {
  struct Example {
    uint64_t line = 0;  // within the block, from 0
    std::string text;
    std::string reason;
  };

  uint64_t records = 0;
  uint64_t lines = 0;
  uint64_t bad_lines = 0;
  std::vector<Example> examples;  // the first ones
  std::map<std::string, uint64_t, std::less<>> skipped;
};

// Gives out the blocks of some sources. Whoever asks reads the source himself while nobody
// else does: so as many threads work as there are, reading and counting in turn; a block
// is counted by the core that has just read it; and where reading takes longer than
// counting, some thread is always at it. Several sources are read at the same time.
//
// All methods may be called from any thread.
class Feed {
 public:
  explicit Feed(std::vector<std::unique_ptr<Source>> sources);

  struct Job {
    std::unique_ptr<Block> block;
    size_t source = 0;
    uint64_t ordinal = 0;  // within its source
  };

  Content content(size_t source) const { return channels_[source].source->content(); }

  // Waits for a block. None at the end, and once something has failed.
  bool Next(Job& job);

  // Takes in the report on a block that Next gave.
  void Finish(const Job& job, BlockReport report);

  // In units of the sources; in all 0 where one does not know.
  std::pair<uint64_t, uint64_t> Progress() const;

  // When nobody works any more.
  absl::Status status() const { return status_; }
  InputReport Report() const;

 private:
  struct Channel {
    std::unique_ptr<Source> source;
    bool reading = false;
    bool at_end = false;
    uint64_t given_out = 0;
    // Lines are numbered when all blocks before are finished.
    uint64_t numbered = 0;
    std::map<uint64_t, BlockReport> unnumbered;
    std::vector<BadLine> examples;
    InputReport::SourceReport report;
  };

  void Number(size_t source);

  std::vector<Channel> channels_;
  std::mutex mutex_;
  std::condition_variable changed_;
  absl::Status status_;
};

}  // namespace keyway::sim

#endif  // KEYWAY_SIM_ENGINE_FEED_H_

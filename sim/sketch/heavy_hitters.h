// Which keys have most of the weight (requests, bytes), in bounded memory.
#ifndef KEYWAY_SIM_SKETCH_HEAVY_HITTERS_H_
#define KEYWAY_SIM_SKETCH_HEAVY_HITTERS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"

namespace keyway::sim {

// A count-min sketch (Cormode, Muthukrishnan: An improved data stream summary, J. of
// Algorithms 55, 2005) says how heavy a key is, and a table of candidates what the heavy
// ones are called.
//
// Let `total` be all weight. A key of at least 2 total / kShare is always found, one of
// less than total / kShare never, and the estimates depend only on what was added, not on
// its order or on how it was divided into parts: whatever has 3 total / kShare or more in
// the estimate is the same for any parts that are merged. (The proof is in heavy_hitters.cc.)
//
// A value; takes no memory while it is empty, then up to 2 MB.
class HeavyHitters {
 public:
  static constexpr uint64_t kShare = 8192;
  static constexpr size_t kRows = 4;
  static constexpr size_t kWidth = 1 << 14;  // cells of a row
  // An estimate is never too low, and too high by more than kErrorShare of the total with
  // a probability of e^-kRows = 1.8 %, as the paper has it: e / kWidth.
  static constexpr double kErrorShare = 1.66e-4;
  static constexpr double kErrorProbability = 0.0183;
  static constexpr size_t kMaxCandidates = 1 << 14;
  // Longer names are cut.
  static constexpr size_t kMaxNameBytes = 256;

  struct Candidate {
    uint64_t fingerprint = 0;
    uint64_t seen = 0;  // weight since it became a candidate
    std::string name = {};
  };
  struct Heavy {
    std::string name;
    uint64_t estimate = 0;
  };

  HeavyHitters() = default;
  // What total(), cells() and candidates() gave.
  HeavyHitters(uint64_t total, std::span<const uint64_t> cells,
               std::span<const Candidate> candidates);

  // `fingerprint` is that of `key`.
  void Add(uint64_t fingerprint, std::string_view key, uint64_t weight);

  void Merge(const HeavyHitters& other);

  // The heaviest, at most `count`: by estimate, then by name.
  std::vector<Heavy> Top(size_t count) const;

  bool empty() const { return total_ == 0; }
  uint64_t total() const { return total_; }
  // kRows rows of kWidth, one after the other; nothing while it is empty.
  std::vector<uint64_t> cells() const;
  // By fingerprint.
  std::vector<Candidate> candidates() const;

 private:
  // Where a fingerprint counts: a cell of each row.
  using Cells = std::array<uint32_t, kRows>;
  static Cells CellsOf(uint64_t fingerprint);

  uint64_t Estimate(uint64_t fingerprint) const;
  void Allocate();
  void Settle();
  void AddToCandidate(uint64_t fingerprint, std::string_view key, uint64_t weight);
  void Sweep();

  uint64_t total_ = 0;
  uint64_t recent_total_ = 0;  // the part of it that is in recent_
  // A count is the sum of both. Small counters stay in the cache of a core; they are
  // added to the large ones before they can overflow.
  std::vector<uint32_t> recent_;
  std::vector<uint64_t> counts_;
  struct Seen {
    uint64_t weight = 0;
    std::string name = {};
  };
  absl::flat_hash_map<uint64_t, Seen> candidates_;
};

}  // namespace keyway::sim

#endif  // KEYWAY_SIM_SKETCH_HEAVY_HITTERS_H_

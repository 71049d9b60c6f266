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
// Nothing of what Top() tells depends on the order in which keys came, or on how they were
// divided into parts that were merged. Of all weight a key has to have about one part in
// kShare / 3 to be found. (How and how surely is said in heavy_hitters.cc.)
//
// A value; takes no memory while it is empty, then 1 to 2 MB.
class HeavyHitters {
 public:
  static constexpr uint64_t kShare = 8192;
  static constexpr size_t kRows = 2;
  static constexpr size_t kWidth = 1 << 15;  // cells of a row
  // An estimate is never too low, and by more than this part of all weight too high with
  // less than this probability: by Markov's inequality a cell has k / kWidth of the weight
  // of other keys with a probability below 1 / k, and each row would have to.
  static constexpr double kErrorShare = 10.0 / kWidth;
  static constexpr double kErrorProbability = 0.01;
  static constexpr size_t kMaxCandidates = 1 << 14;
  // Longer names are cut.
  static constexpr size_t kMaxNameBytes = 256;

  struct Candidate {
    uint64_t fingerprint = 0;
    uint64_t seen = 0;  // what was noted of its weight
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
  // Several keys, each once or with its weight.
  void AddEach(std::span<const uint64_t> fingerprints, std::span<const std::string_view> keys);
  void AddEach(std::span<const uint64_t> fingerprints, std::span<const std::string_view> keys,
               std::span<const uint64_t> weights);

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

  template <typename WeightOf>
  void AddSmall(std::span<const uint64_t> fingerprints, std::span<const std::string_view> keys,
                const WeightOf& weight_of);
  void NoteIfHeavy(uint64_t fingerprint, std::string_view key, uint64_t weight);
  bool MakeRoomInRecent(uint64_t weight);
  void Settle();
  uint64_t CountOf(uint32_t cell) const;
  uint64_t Estimate(uint64_t fingerprint) const;
  void Sweep();

  uint64_t total_ = 0;
  // The counts, and the part of `total_` that is in them. Before small counters could
  // overflow they are added to large ones, of which there are none until then.
  std::vector<uint32_t> recent_;
  uint64_t recent_total_ = 0;
  std::vector<uint64_t> settled_;

  struct Seen {
    uint64_t weight = 0;
    std::string name = {};
  };
  // Fingerprints are as good as hash values can be.
  struct AsItIs {
    size_t operator()(uint64_t fingerprint) const { return fingerprint; }
  };
  absl::flat_hash_map<uint64_t, Seen, AsItIs> candidates_;
};

}  // namespace keyway::sim

#endif  // KEYWAY_SIM_SKETCH_HEAVY_HITTERS_H_

// How many different keys there were, in 16 KB.
#ifndef KEYWAY_SIM_SKETCH_HYPER_LOG_LOG_H_
#define KEYWAY_SIM_SKETCH_HYPER_LOG_LOG_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace keyway::sim {

// Flajolet, Fusy, Gandouet, Meunier: HyperLogLog: the analysis of a near-optimal
// cardinality estimation algorithm (AofA 2007), with the estimator of Ertl: New cardinality
// estimation algorithms for HyperLogLog sketches, arXiv:1702.01284, which needs no
// correction for few or many keys.
//
// What it holds depends on which keys were added, not on their order or number: sketches
// of parts merge into the sketch of the whole. A value; takes no memory while it is empty.
class HyperLogLog {
 public:
  static constexpr int kPrecision = 14;  // bits that choose a register
  static constexpr size_t kRegisters = size_t{1} << kPrecision;
  // Relative, of an estimate: 1.04 / sqrt(kRegisters).
  static constexpr double kStandardError = 0.0081;

  HyperLogLog() = default;
  // `registers` as registers() gave them.
  explicit HyperLogLog(std::span<const uint8_t> registers);

  // A key, by its fingerprint.
  void Add(uint64_t fingerprint);

  void Merge(const HyperLogLog& other);

  // Not rounded.
  double Estimate() const;

  bool empty() const { return registers_.empty(); }
  // Nothing while it is empty, else kRegisters.
  std::span<const uint8_t> registers() const { return registers_; }

  friend bool operator==(const HyperLogLog&, const HyperLogLog&) = default;

 private:
  std::vector<uint8_t> registers_;
};

}  // namespace keyway::sim

#endif  // KEYWAY_SIM_SKETCH_HYPER_LOG_LOG_H_

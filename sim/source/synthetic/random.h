// Random numbers that can be asked for in any order, and are the same on every machine and
// in every version: what a seed gave once, it gives always.
#ifndef KEYWAY_SIM_SOURCE_SYNTHETIC_RANDOM_H_
#define KEYWAY_SIM_SOURCE_SYNTHETIC_RANDOM_H_

#include <array>
#include <cstdint>

namespace keyway::sim {

// 128 random bits for each counter and key. Salmon, Moraes, Dror, Shaw: Parallel Random
// Numbers: As Easy as 1, 2, 3 (SC 2011): Philox4x32 with ten rounds.
std::array<uint32_t, 4> Philox(std::array<uint32_t, 4> counter, std::array<uint32_t, 2> key);

// One of 2^96 sequences for each seed, each for a purpose and the number of a thing (a
// block, a key). Takes no time to begin, so that whatever is drawn for a thing can be
// drawn again. A value of one thread.
class Random {
 public:
  Random(uint64_t seed, uint32_t purpose, uint64_t thing);

  // 64 bits.
  uint64_t Next();
  // Between 0 and 1, and neither.
  double NextFraction();
  // Below `limit`, which is at least 1, each as likely. Lemire: Fast Random Integer
  // Generation in an Interval, arXiv:1805.10941.
  uint64_t NextBelow(uint64_t limit);
  // From a normal distribution of mean 0 and deviation 1. Box and Muller: A Note on the
  // Generation of Random Normal Deviates (1958).
  double NextNormal();

 private:
  const std::array<uint32_t, 2> key_;
  std::array<uint32_t, 4> counter_;  // the first counts on, the others say which sequence
  uint64_t left_ = 0;                // the second half of what was made last
  bool has_left_ = false;
};

}  // namespace keyway::sim

#endif  // KEYWAY_SIM_SOURCE_SYNTHETIC_RANDOM_H_

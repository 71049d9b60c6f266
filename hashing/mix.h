// Spreading and reducing 64-bit values. Private to this folder.
#ifndef KEYWAY_HASHING_MIX_H_
#define KEYWAY_HASHING_MIX_H_

#include <cstdint>

namespace keyway::hashing {

// A bijection of 64 bits in which every input bit moves every output bit with a
// probability near one half. Steele, Lea, Flood: Fast Splittable Pseudorandom Number
// Generators (OOPSLA 2014), the finalizer of SplitMix64, with its first increment.
constexpr uint64_t Mix(uint64_t value) {
  value += 0x9e3779b97f4a7c15;
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
  value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
  return value ^ (value >> 31);
}

// A value below `range`, each about as often if `bits` is uniform: the high half of
// the product. Lemire, arXiv:1805.10941.
constexpr uint32_t Scale(uint64_t bits, uint32_t range) {
  return static_cast<uint32_t>(((bits >> 32) * range) >> 32);
}

}  // namespace keyway::hashing

#endif  // KEYWAY_HASHING_MIX_H_

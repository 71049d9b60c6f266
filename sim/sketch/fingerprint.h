// What sketches know a key by.
#ifndef KEYWAY_SIM_SKETCH_FINGERPRINT_H_
#define KEYWAY_SIM_SKETCH_FINGERPRINT_H_

#include <cstdint>
#include <span>
#include <string_view>

namespace keyway::sim {

// 64 well mixed bits, the same on every machine and in every version, because they are
// part of partial results: XXH3 (Yann Collet) with seed 0. Among 10^8 keys the chance
// that any two have the same bits is 3 in 10,000.
uint64_t FingerprintOf(std::string_view key);

// Of several keys, each into its place in `fingerprints`.
void FingerprintsOf(std::span<const std::string_view> keys, std::span<uint64_t> fingerprints);

}  // namespace keyway::sim

#endif  // KEYWAY_SIM_SKETCH_FINGERPRINT_H_

#include "sim/sketch/fingerprint.h"

// Inline, a short key takes a third of the time.
#define XXH_INLINE_ALL
#include <xxhash.h>

#include <cstddef>

namespace keyway::sim {

uint64_t FingerprintOf(std::string_view key) { return XXH3_64bits(key.data(), key.size()); }

void FingerprintsOf(std::span<const std::string_view> keys, std::span<uint64_t> fingerprints) {
  for (size_t i = 0; i < keys.size(); ++i) fingerprints[i] = FingerprintOf(keys[i]);
}

}  // namespace keyway::sim

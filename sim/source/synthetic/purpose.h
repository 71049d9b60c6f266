// What random numbers are drawn for: each purpose has sequences of its own, so that a
// further option changes nothing of what the others gave.
#ifndef KEYWAY_SIM_SOURCE_SYNTHETIC_PURPOSE_H_
#define KEYWAY_SIM_SOURCE_SYNTHETIC_PURPOSE_H_

#include <cstdint>

namespace keyway::sim {

// The values are part of what a seed means.
enum Purpose : uint32_t {
  kForRequests = 1,      // for each block: which keys, and what is done
  kForSizes = 2,         // for each key
  kForHashes = 3,        // for each repetition of a study
  kForChanges = 4,       // for each repetition of a study
  kForPlaceholder = 16,  // for each key; and one more for each placeholder
};

}  // namespace keyway::sim

#endif  // KEYWAY_SIM_SOURCE_SYNTHETIC_PURPOSE_H_

// Redis Cluster's placement: which of 16384 slots a key belongs to. Who serves a slot is
// the cluster's to say, so this is not a distribution.
#ifndef KEYWAY_HASHING_SLOTS_H_
#define KEYWAY_HASHING_SLOTS_H_

#include <cstdint>
#include <string_view>

namespace keyway::hashing {

constexpr uint16_t kSlotCount = 16384;

// The slot of `key`, below kSlotCount: the CRC-16/XMODEM of the key, or of what is
// between its first "{" and the next "}" if that is not empty. As in the section "Key
// distribution model" of the Redis Cluster specification, and CLUSTER KEYSLOT.
uint16_t SlotOf(std::string_view key);

}  // namespace keyway::hashing

#endif  // KEYWAY_HASHING_SLOTS_H_

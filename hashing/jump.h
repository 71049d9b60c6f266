// The jump consistent hash itself. Private to this folder.
#ifndef KEYWAY_HASHING_JUMP_H_
#define KEYWAY_HASHING_JUMP_H_

#include <cstdint>

namespace keyway::hashing {

// A bucket below `buckets`, which is at least 1. Of all keys, those that a further bucket
// takes are the only ones that move when it is added. Lamping and Veach: A Fast, Minimal
// Memory, Consistent Hash Algorithm, arXiv:1406.2294.
uint32_t JumpHash(uint64_t key, uint32_t buckets);

}  // namespace keyway::hashing

#endif  // KEYWAY_HASHING_JUMP_H_

#include <xxhash.h>

#include "hashing/functions.h"

namespace keyway::hashing {

uint64_t Xxh64(std::string_view bytes) { return XXH64(bytes.data(), bytes.size(), 0); }

}  // namespace keyway::hashing

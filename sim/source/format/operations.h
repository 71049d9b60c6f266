// What the operations of cache traces are: reads or writes.
#ifndef KEYWAY_SIM_SOURCE_FORMAT_OPERATIONS_H_
#define KEYWAY_SIM_SOURCE_FORMAT_OPERATIONS_H_

#include <string_view>

namespace keyway::sim {

enum class Operation { kUnknown, kRead, kWrite };

// The names that Twitter's, CacheLib's and libCacheSim's traces use, in any letter case.
Operation FindOperation(std::string_view name);

}  // namespace keyway::sim

#endif  // KEYWAY_SIM_SOURCE_FORMAT_OPERATIONS_H_

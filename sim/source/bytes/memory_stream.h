// Bytes in memory, for tests and benchmarks.
#ifndef KEYWAY_SIM_SOURCE_BYTES_MEMORY_STREAM_H_
#define KEYWAY_SIM_SOURCE_BYTES_MEMORY_STREAM_H_

#include <cstddef>
#include <memory>
#include <string>

#include "sim/source/bytes/byte_stream.h"

namespace keyway::sim {

// Gives at most `piece` bytes at a time, as a pipe may. `name` is what messages call it.
std::unique_ptr<ByteStream> MakeMemoryStream(std::string bytes, std::string name, size_t piece);

}  // namespace keyway::sim

#endif  // KEYWAY_SIM_SOURCE_BYTES_MEMORY_STREAM_H_

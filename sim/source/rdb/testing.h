// Dumps written by hand, for versions and types that no server at hand writes.
#ifndef KEYWAY_SIM_SOURCE_RDB_TESTING_H_
#define KEYWAY_SIM_SOURCE_RDB_TESTING_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "sim/source/bytes/byte_stream.h"

namespace keyway::sim {

// Bytes in memory, called "test.rdb", in reads of at most `piece` bytes.
std::unique_ptr<ByteStream> MakeStream(std::string bytes, size_t piece);

class Dump {
 public:
  explicit Dump(int version);

  Dump& Raw(std::string_view bytes);
  Dump& Byte(int byte);
  Dump& Zeros(size_t count);
  Dump& Length(uint64_t length);
  Dump& String(std::string_view text);
  Dump& Auxiliary(std::string_view name, std::string_view value);
  // Key and value of a string.
  Dump& Pair(std::string_view key, std::string_view value);

  size_t size() const { return bytes_.size(); }
  // With the end and, from version 5 on, the checksum.
  std::string Finish() const;

 private:
  const int version_;
  std::string bytes_;
};

}  // namespace keyway::sim

#endif  // KEYWAY_SIM_SOURCE_RDB_TESTING_H_

// What all inputs come to: keys, and what is known about them.
#ifndef KEYWAY_SIM_SOURCE_RECORD_H_
#define KEYWAY_SIM_SOURCE_RECORD_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace keyway::sim {

// What a record adds to the server that has its key.
struct Weight {
  // How often the key is counted as a key: 1 in a census, which has each key once; 0 in
  // requests, where the same key comes again and again; more where one record stands
  // for many keys (a slot).
  uint64_t keys = 1;
  uint64_t bytes = 0;  // of the values: stored in a census, carried in requests; 0: unknown
  uint64_t reads = 0;
  uint64_t writes = 0;
};

// Records side by side, so that several keys can be hashed at a time.
struct RecordBatch {
  static constexpr size_t kCapacity = 256;

  size_t size = 0;
  // Whether `weights` says something; otherwise every record is one key and no more.
  bool weighted = false;
  std::array<std::string_view, kCapacity> keys;
  std::array<Weight, kCapacity> weights;
};

}  // namespace keyway::sim

#endif  // KEYWAY_SIM_SOURCE_RECORD_H_

// The hash functions by name.
#ifndef KEYWAY_HASHING_HASH_H_
#define KEYWAY_HASHING_HASH_H_

#include <cstdint>
#include <span>
#include <string_view>

namespace keyway::hashing {

// One hash function. The functions of twemproxy give values below 2^32 and equal
// nutcracker 0.5.0 bit for bit, also on platforms where char is unsigned.
struct HashFunction {
  std::string_view name;  // as in nutcracker.yml
  uint64_t (*hash)(std::string_view bytes);
  // The same of several keys, each into its place in `values`, which is as long or longer.
  void (*hash_each)(std::span<const std::string_view> keys, std::span<uint64_t> values);
  int bits;        // width of the value
  bool twemproxy;  // whether nutcracker has it
};

// The function with that exact name, or null.
const HashFunction* FindHash(std::string_view name);

// All of them, twemproxy's first.
std::span<const HashFunction> AllHashes();

}  // namespace keyway::hashing

#endif  // KEYWAY_HASHING_HASH_H_

#include "hashing/hash.h"

#include <algorithm>

#include "hashing/functions.h"

namespace keyway::hashing {
namespace {

// For functions that gain nothing from several keys at a time.
template <uint64_t (*kHash)(std::string_view bytes)>
void OneByOne(Keys keys, Values values) {
  for (size_t i = 0; i < keys.size(); ++i) values[i] = kHash(keys[i]);
}

constexpr HashFunction kFunctions[] = {
    {.name = "one_at_a_time",
     .hash = OneAtATime,
     .hash_each = OneAtATime,
     .bits = 32,
     .twemproxy = true},
    {.name = "md5", .hash = Md5, .hash_each = OneByOne<Md5>, .bits = 32, .twemproxy = true},
    {.name = "crc16", .hash = Crc16, .hash_each = OneByOne<Crc16>, .bits = 32, .twemproxy = true},
    {.name = "crc32", .hash = Crc32, .hash_each = OneByOne<Crc32>, .bits = 15, .twemproxy = true},
    {.name = "crc32a",
     .hash = Crc32a,
     .hash_each = OneByOne<Crc32a>,
     .bits = 32,
     .twemproxy = true},
    {.name = "fnv1_64", .hash = Fnv1_64, .hash_each = Fnv1_64, .bits = 32, .twemproxy = true},
    {.name = "fnv1a_64", .hash = Fnv1a_64, .hash_each = Fnv1a_64, .bits = 32, .twemproxy = true},
    {.name = "fnv1_32", .hash = Fnv1_32, .hash_each = Fnv1_32, .bits = 32, .twemproxy = true},
    {.name = "fnv1a_32", .hash = Fnv1a_32, .hash_each = Fnv1a_32, .bits = 32, .twemproxy = true},
    {.name = "hsieh", .hash = Hsieh, .hash_each = OneByOne<Hsieh>, .bits = 32, .twemproxy = true},
    {.name = "murmur",
     .hash = Murmur,
     .hash_each = OneByOne<Murmur>,
     .bits = 32,
     .twemproxy = true},
    {.name = "jenkins",
     .hash = Jenkins,
     .hash_each = OneByOne<Jenkins>,
     .bits = 32,
     .twemproxy = true},
    {.name = "xxh64", .hash = Xxh64, .hash_each = OneByOne<Xxh64>, .bits = 64, .twemproxy = false},
};

}  // namespace

const HashFunction* FindHash(std::string_view name) {
  const auto found = std::ranges::find(kFunctions, name, &HashFunction::name);
  return found == std::end(kFunctions) ? nullptr : found;
}

std::span<const HashFunction> AllHashes() { return kFunctions; }

}  // namespace keyway::hashing

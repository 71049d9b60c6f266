#include "hashing/hash.h"

#include <algorithm>

#include "hashing/functions.h"

namespace keyway::hashing {
namespace {

constexpr HashFunction kFunctions[] = {
    {.name = "one_at_a_time", .hash = OneAtATime, .bits = 32, .twemproxy = true},
    {.name = "md5", .hash = Md5, .bits = 32, .twemproxy = true},
    {.name = "crc16", .hash = Crc16, .bits = 32, .twemproxy = true},
    {.name = "crc32", .hash = Crc32, .bits = 15, .twemproxy = true},
    {.name = "crc32a", .hash = Crc32a, .bits = 32, .twemproxy = true},
    {.name = "fnv1_64", .hash = Fnv1_64, .bits = 32, .twemproxy = true},
    {.name = "fnv1a_64", .hash = Fnv1a_64, .bits = 32, .twemproxy = true},
    {.name = "fnv1_32", .hash = Fnv1_32, .bits = 32, .twemproxy = true},
    {.name = "fnv1a_32", .hash = Fnv1a_32, .bits = 32, .twemproxy = true},
    {.name = "hsieh", .hash = Hsieh, .bits = 32, .twemproxy = true},
    {.name = "murmur", .hash = Murmur, .bits = 32, .twemproxy = true},
    {.name = "jenkins", .hash = Jenkins, .bits = 32, .twemproxy = true},
    {.name = "xxh64", .hash = Xxh64, .bits = 64, .twemproxy = false},
};

}  // namespace

const HashFunction* FindHash(std::string_view name) {
  const auto found = std::ranges::find(kFunctions, name, &HashFunction::name);
  return found == std::end(kFunctions) ? nullptr : found;
}

std::span<const HashFunction> AllHashes() { return kFunctions; }

}  // namespace keyway::hashing

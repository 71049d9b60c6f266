#include "hashing/bytes.h"
#include "hashing/functions.h"
#include "hashing/lanes.h"

namespace keyway::hashing {
namespace {

// The low halves of the 64-bit parameters, then the 32-bit ones.
constexpr uint32_t kBasis64 = 0x84222325;
constexpr uint32_t kPrime64 = 0x000001b3;
constexpr uint32_t kBasis32 = 0x811c9dc5;
constexpr uint32_t kPrime32 = 0x01000193;

uint32_t Fnv1(std::string_view bytes, uint32_t basis, uint32_t prime) {
  for (const char byte : bytes) basis = (basis * prime) ^ SignExtended(byte);
  return basis;
}

uint32_t Fnv1a(std::string_view bytes, uint32_t basis, uint32_t prime) {
  for (const char byte : bytes) basis = (basis ^ SignExtended(byte)) * prime;
  return basis;
}

// Fnv1 and Fnv1a, lane by lane.
template <uint32_t kPrime>
void EachFnv1(Keys keys, Values values, uint32_t basis) {
  HashInLanes(
      keys, values, basis, [](Lanes value, Lanes byte) { return (value * kPrime) ^ byte; },
      [basis](std::string_view bytes) { return Fnv1(bytes, basis, kPrime); });
}

template <uint32_t kPrime>
void EachFnv1a(Keys keys, Values values, uint32_t basis) {
  HashInLanes(
      keys, values, basis, [](Lanes value, Lanes byte) { return (value ^ byte) * kPrime; },
      [basis](std::string_view bytes) { return Fnv1a(bytes, basis, kPrime); });
}

}  // namespace

uint64_t Fnv1_64(std::string_view bytes) { return Fnv1(bytes, kBasis64, kPrime64); }
uint64_t Fnv1a_64(std::string_view bytes) { return Fnv1a(bytes, kBasis64, kPrime64); }
uint64_t Fnv1_32(std::string_view bytes) { return Fnv1(bytes, kBasis32, kPrime32); }
uint64_t Fnv1a_32(std::string_view bytes) { return Fnv1a(bytes, kBasis32, kPrime32); }

void Fnv1_64(Keys keys, Values values) { EachFnv1<kPrime64>(keys, values, kBasis64); }
void Fnv1a_64(Keys keys, Values values) { EachFnv1a<kPrime64>(keys, values, kBasis64); }
void Fnv1_32(Keys keys, Values values) { EachFnv1<kPrime32>(keys, values, kBasis32); }
void Fnv1a_32(Keys keys, Values values) { EachFnv1a<kPrime32>(keys, values, kBasis32); }

}  // namespace keyway::hashing

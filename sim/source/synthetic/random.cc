#include "sim/source/synthetic/random.h"

#include <cmath>
#include <numbers>

namespace keyway::sim {
namespace {

constexpr uint32_t Low(uint64_t bits) { return static_cast<uint32_t>(bits); }
constexpr uint32_t High(uint64_t bits) { return static_cast<uint32_t>(bits >> 32); }

}  // namespace

std::array<uint32_t, 4> Philox(std::array<uint32_t, 4> counter, std::array<uint32_t, 2> key) {
  constexpr uint64_t kMultipliers[] = {0xD2511F53, 0xCD9E8D57};
  constexpr uint32_t kIncrements[] = {0x9E3779B9, 0xBB67AE85};
  constexpr int kRounds = 10;
  for (int round = 0; round < kRounds; ++round) {
    const uint64_t first = kMultipliers[0] * counter[0];
    const uint64_t second = kMultipliers[1] * counter[2];
    counter = {High(second) ^ counter[1] ^ key[0], Low(second), High(first) ^ counter[3] ^ key[1],
               Low(first)};
    key = {key[0] + kIncrements[0], key[1] + kIncrements[1]};
  }
  return counter;
}

Random::Random(uint64_t seed, uint32_t purpose, uint64_t thing)
    : key_({Low(seed), High(seed)}), counter_({0, purpose, Low(thing), High(thing)}) {}

uint64_t Random::Next() {
  if (has_left_) {
    has_left_ = false;
    return left_;
  }
  const std::array<uint32_t, 4> bits = Philox(counter_, key_);
  ++counter_[0];
  left_ = uint64_t{bits[3]} << 32 | bits[2];
  has_left_ = true;
  return uint64_t{bits[1]} << 32 | bits[0];
}

double Random::NextFraction() { return (static_cast<double>(Next() >> 12) + 0.5) * 0x1p-52; }

uint64_t Random::NextBelow(uint64_t limit) {
  __extension__ using Product = unsigned __int128;
  Product product = Product{Next()} * limit;
  if (static_cast<uint64_t>(product) < limit) {
    const uint64_t too_often = (0 - limit) % limit;
    while (static_cast<uint64_t>(product) < too_often) product = Product{Next()} * limit;
  }
  return static_cast<uint64_t>(product >> 64);
}

double Random::NextNormal() {
  const double radius = std::sqrt(-2 * std::log(NextFraction()));
  return radius * std::cos(2 * std::numbers::pi * NextFraction());
}

}  // namespace keyway::sim

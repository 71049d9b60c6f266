#include "sim/sketch/hyper_log_log.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <numbers>

namespace keyway::sim {
namespace {

// Bits of a fingerprint after those that choose the register; a register holds the
// position of the first 1 among them, from 1, or one more where all are 0.
constexpr int kRest = 64 - HyperLogLog::kPrecision;
constexpr uint8_t kAllZero = kRest + 1;

// The corrections for registers at 0 and at kAllZero: section 4 of Ertl's paper.
double Sigma(double x) {
  if (x == 1) return INFINITY;
  double y = 1, z = x, before;
  do {
    x *= x;
    before = z;
    z += x * y;
    y += y;
  } while (z != before);
  return z;
}

double Tau(double x) {
  if (x == 0 || x == 1) return 0;
  double y = 1, z = 1 - x, before;
  do {
    x = std::sqrt(x);
    before = z;
    y /= 2;
    z -= (1 - x) * (1 - x) * y;
  } while (z != before);
  return z / 3;
}

}  // namespace

HyperLogLog::HyperLogLog(std::span<const uint8_t> registers)
    : registers_(registers.begin(), registers.end()) {
  if (!registers_.empty()) registers_.resize(kRegisters);
}

void HyperLogLog::Add(uint64_t fingerprint) {
  if (registers_.empty()) registers_.resize(kRegisters);
  // A 1 below the rest ends the search where all of it is 0.
  const uint64_t rest = fingerprint << kPrecision | uint64_t{1} << (kPrecision - 1);
  const auto position = static_cast<uint8_t>(std::countl_zero(rest) + 1);
  uint8_t& highest = registers_[fingerprint >> kRest];
  highest = std::max(highest, position);
}

void HyperLogLog::Merge(const HyperLogLog& other) {
  if (other.empty()) return;
  if (empty()) registers_.resize(kRegisters);
  std::ranges::transform(registers_, other.registers_, registers_.begin(),
                         [](uint8_t a, uint8_t b) { return std::max(a, b); });
}

double HyperLogLog::Estimate() const {
  if (empty()) return 0;
  std::array<uint32_t, kAllZero + 1> counts{};  // of registers, by what they hold
  for (const uint8_t highest : registers_) ++counts[std::min(highest, kAllZero)];

  constexpr double kCount = kRegisters;
  double z = kCount * Tau(1 - counts[kAllZero] / kCount);
  for (int value = kRest; value >= 1; --value) z = (z + counts[value]) / 2;
  z += kCount * Sigma(counts[0] / kCount);
  return kCount * kCount / (2 * std::numbers::ln2 * z);
}

}  // namespace keyway::sim

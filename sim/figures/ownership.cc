#include "sim/figures/ownership.h"

#include <algorithm>
#include <boost/math/distributions/beta.hpp>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_format.h"
#include "hashing/distribution.h"
#include "hashing/hash.h"
#include "hashing/ketama.h"

namespace keyway::sim {
namespace {

constexpr uint64_t kSample = uint64_t{1} << 20;
constexpr uint64_t kChurnSample = uint64_t{1} << 12;
constexpr size_t kChurnMembers = 8;  // of which each is taken out once

// `members` in the order in which distributions take them.
std::vector<hashing::Member> Ordered(std::span<const hashing::Member> members,
                                     const std::vector<size_t>& order) {
  std::vector<hashing::Member> ordered;
  for (const size_t index : order) ordered.push_back(members[index]);
  return ordered;
}

// The i-th of some values of `bits` bits that lie evenly: multiples of the golden ratio,
// the additive recurrence of Kronecker. Knuth, The Art of Computer Programming 3, 6.4.
uint64_t EvenValue(uint64_t i, int bits) { return (i * 0x9e3779b97f4a7c15) >> (64 - bits); }

// Positions above `last` are never looked for; the first point has those behind the last.
absl::StatusOr<std::vector<double>> RingShares(std::span<const hashing::Member> members,
                                               uint64_t values) {
  const std::vector<size_t> order = hashing::TwemproxyOrder(members);
  const absl::StatusOr<hashing::Ring> ring = hashing::KetamaRing(Ordered(members, order));
  if (!ring.ok()) return ring.status();
  std::vector<double> shares(members.size());
  const auto give = [&](uint32_t member, uint64_t count) {
    shares[order[member]] += static_cast<double>(count) / static_cast<double>(values);
  };
  uint64_t given = 0;  // all values below this have their member
  for (size_t i = 0; i < ring->size() && given < values; ++i) {
    const uint64_t end = std::min<uint64_t>(uint64_t{(*ring)[i].position} + 1, values);
    if (end > given) give((*ring)[i].member, end - given);
    given = std::max(given, end);
  }
  if (given < values) give((*ring)[0].member, values - given);
  return shares;
}

struct Picker {
  std::unique_ptr<hashing::Distribution> distribution = {};
  std::vector<size_t> order = {};
  int bits = 64;

  size_t Pick(uint64_t i) const { return order[distribution->Pick(EvenValue(i, bits))]; }
};

absl::StatusOr<Picker> MakePicker(const hashing::PlacementOptions& options,
                                  std::span<const hashing::Member> members) {
  const hashing::HashFunction* const hash = hashing::FindHash(options.hash);
  const hashing::DistributionKind* const kind = hashing::FindDistribution(options.distribution);
  if (hash == nullptr || kind == nullptr) return absl::InvalidArgumentError("unknown name");
  Picker picker = {.order = hashing::TwemproxyOrder(members), .bits = hash->bits};
  auto distribution = kind->make(Ordered(members, picker.order));
  if (!distribution.ok()) return distribution.status();
  picker.distribution = *std::move(distribution);
  return picker;
}

absl::StatusOr<Ownership> Sampled(const hashing::PlacementOptions& options,
                                  std::span<const hashing::Member> members) {
  const absl::StatusOr<Picker> picker = MakePicker(options, members);
  if (!picker.ok()) return picker.status();
  const uint64_t sample = picker->bits < 20 ? uint64_t{1} << picker->bits : kSample;
  std::vector<uint64_t> counts(members.size());
  for (uint64_t i = 0; i < sample; ++i) ++counts[picker->Pick(i)];
  Ownership ownership;
  const double of = static_cast<double>(sample);
  for (const uint64_t count : counts) {
    ownership.shares.push_back(static_cast<double>(count) / of);
  }
  const double largest = *std::ranges::max_element(ownership.shares);
  ownership.error = 1.96 * std::sqrt(largest * (1 - largest) / of);
  ownership.method = absl::StrFormat("sample of %d hash values, ±%.2g", sample, ownership.error);
  return ownership;
}

}  // namespace

absl::StatusOr<Ownership> OwnershipOf(const hashing::PlacementOptions& options,
                                      std::span<const hashing::Member> members) {
  // Finds out all that may be wrong.
  const auto placement = hashing::Placement::Make(options, members);
  if (!placement.ok()) return placement.status();
  if (options.distribution == "random") {
    return absl::InvalidArgumentError("with random, no server owns a key");
  }
  const int bits = hashing::FindHash(options.hash)->bits;
  if (options.distribution == "ketama") {
    auto arcs = RingShares(members, uint64_t{1} << std::min(bits, 32));
    if (!arcs.ok()) return arcs.status();
    return Ownership{.shares = *std::move(arcs), .method = "exact, from the arcs of the ring"};
  }
  std::vector<double> shares(members.size());
  if (bits >= 32 && placement->Shares(shares)) {
    return Ownership{.shares = std::move(shares), .method = "exact, from the tables"};
  }
  return Sampled(options, members);
}

absl::StatusOr<double> ChurnOfALoss(const hashing::PlacementOptions& options,
                                    std::span<const hashing::Member> members) {
  if (members.size() < 2) return 0.0;
  const absl::StatusOr<Picker> all = MakePicker(options, members);
  if (!all.ok()) return all.status();
  const size_t losses = std::min(kChurnMembers, members.size());
  uint64_t moved = 0;
  for (size_t loss = 0; loss < losses; ++loss) {
    const size_t lost = loss * members.size() / losses;
    std::vector<hashing::Member> rest(members.begin(), members.end());
    rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(lost));
    const absl::StatusOr<Picker> without = MakePicker(options, rest);
    if (!without.ok()) return without.status();
    for (uint64_t i = 0; i < kChurnSample; ++i) {
      const size_t before = all->Pick(i);
      const size_t after = without->Pick(i);
      if (before != lost && before != after + (after >= lost ? 1 : 0)) ++moved;
    }
  }
  return static_cast<double>(moved) / static_cast<double>(losses * kChurnSample);
}

double ExpectedRingPeak(size_t members, size_t points, double probability) {
  if (members < 2) return 1;
  const double n = static_cast<double>(members), k = static_cast<double>(points);
  const boost::math::beta_distribution<double> share(k, (n - 1) * k);
  return n * boost::math::quantile(boost::math::complement(share, (1 - probability) / n));
}

absl::StatusOr<std::vector<size_t>> KetamaPoints(std::span<const hashing::Member> members) {
  const std::vector<size_t> order = hashing::TwemproxyOrder(members);
  const absl::StatusOr<hashing::Ring> ring = hashing::KetamaRing(Ordered(members, order));
  if (!ring.ok()) return ring.status();
  std::vector<size_t> points(members.size());
  for (size_t i = 0; i < ring->size(); ++i) ++points[order[(*ring)[i].member]];
  return points;
}

}  // namespace keyway::sim

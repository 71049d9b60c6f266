#include <numeric>
#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "hashing/functions.h"
#include "hashing/kinds.h"
#include "hashing/mix.h"
#include "hashing/ring.h"

namespace keyway::hashing {
namespace {

// The paper's figure for a peak load within 5 % of the mean.
constexpr uint32_t kProbes = 21;

// A ring keeps one position per point; this bounds it to a few megabytes.
constexpr uint64_t kMaxPoints = 100'000;

// A ring with one point per member, on which a key looks from several places and goes to
// the point that is nearest to any of them. Appleton and O'Reilly: Multi-probe consistent
// hashing, arXiv:1505.00062. Takes a hundredth of ketama's memory for a better spread.
class MultiProbe : public Distribution {
 public:
  explicit MultiProbe(Ring ring) : ring_(std::move(ring)) {}

  size_t Pick(uint64_t hash) const override { return ring_[PointOf(hash)].member; }

  Finding Explain(uint64_t hash) const override { return FindingOf(ring_, PointOf(hash)); }

 private:
  // Each probe is mixed afresh. With a start and a step, as others have it, the probes of
  // a key come to lie close together when the step is near a simple fraction of the ring,
  // and the fullest of 100 members is 9 % above the mean and not 5 %.
  size_t PointOf(uint64_t hash) const {
    const uint64_t bits = Mix(hash);
    uint32_t shortest = UINT32_MAX;
    size_t nearest = 0;
    for (uint64_t count = 0; count < kProbes; ++count) {
      const auto probe = static_cast<uint32_t>(Mix(bits + count));
      const size_t point = ring_.Next(probe);
      const uint32_t distance = ring_[point].position - probe;
      if (distance <= shortest) {
        shortest = distance;
        nearest = point;
      }
    }
    return nearest;
  }

  const Ring ring_;
};

}  // namespace

// The paper has no weights. Here a member has a point for each unit of its weight, after
// the weights are divided by what divides them all.
DistributionOr MakeMultiProbe(Members members) {
  uint32_t unit = 0;
  uint64_t total = 0;
  for (const Member& member : members) {
    unit = std::gcd(unit, member.weight);
    total += member.weight;
  }
  if (total / unit > kMaxPoints) {
    return absl::InvalidArgumentError(
        absl::StrFormat("multi_probe: the weights need %d points, more than %d; use smaller ones",
                        total / unit, kMaxPoints));
  }

  std::vector<Ring::Point> points;
  points.reserve(total / unit);
  for (uint32_t index = 0; index < members.size(); ++index) {
    const uint64_t name = Xxh64(members[index].name);
    for (uint32_t copy = 0; copy < members[index].weight / unit; ++copy) {
      const auto position = static_cast<uint32_t>(Mix(name + copy));
      points.push_back({.position = position, .member = index});
    }
  }
  return std::make_unique<MultiProbe>(Ring(points));
}

}  // namespace keyway::hashing

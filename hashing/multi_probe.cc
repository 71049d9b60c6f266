#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>
#include <vector>

#include "hashing/kinds.h"
#include "hashing/mix.h"
#include "hashing/ring.h"
#include "hashing/variants.h"

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
  MultiProbe(Ring ring, uint32_t probes) : ring_(std::move(ring)), probes_(probes) {}

  size_t Pick(uint64_t hash) const override { return ring_[PointOf(hash)].member; }

  Finding Explain(uint64_t hash) const override { return FindingOf(ring_, PointOf(hash)); }

  // A probe lies `distance` or more before the next point with a chance that falls with
  // the distance, by one position for each arc that is longer. The nearest of all probes
  // lies between two distances with the difference of that chance's powers, in each of
  // the longer arcs as likely. So arcs are gone through by length, and what the shorter
  // ones were given goes to the longer ones too.
  bool Shares(std::span<double> shares) const override {
    std::vector<size_t> by_length(ring_.size());
    std::iota(by_length.begin(), by_length.end(), size_t{0});
    std::ranges::sort(by_length, {}, [this](size_t point) { return ring_.Arc(point); });

    std::ranges::fill(shares, 0);
    double farther = 1, given = 0;
    uint64_t length = 0;
    for (size_t index = 0; index < by_length.size(); ++index) {
      const uint64_t arc = ring_.Arc(by_length[index]);
      const auto longer = static_cast<double>(by_length.size() - index);
      const double left =
          std::max(0.0, farther - longer * static_cast<double>(arc - length) * 0x1p-32);
      given += (std::pow(farther, probes_) - std::pow(left, probes_)) / longer;
      farther = left;
      length = arc;
      shares[ring_[by_length[index]].member] += given;
    }
    return true;
  }

 private:
  // Each probe is mixed afresh. With a start and a step, as others have it, the probes of
  // a key come to lie close together when the step is near a simple fraction of the ring,
  // and the fullest of 100 members is 9 % above the mean and not 5 %.
  size_t PointOf(uint64_t hash) const {
    const uint64_t bits = Mix(hash);
    uint32_t shortest = UINT32_MAX;
    size_t nearest = 0;
    for (uint64_t count = 0; count < probes_; ++count) {
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
  const uint32_t probes_;
};

}  // namespace

DistributionOr MakeMultiProbe(Members members) { return MakeMultiProbe(members, kProbes); }

// The paper has no weights. Here a member has a point for each unit of its weight.
DistributionOr MakeMultiProbe(Members members, uint32_t probes) {
  if (probes == 0) return absl::InvalidArgumentError("multi_probe: no probe finds nothing");
  absl::StatusOr<Ring> ring = NameRing("multi_probe", members, 1, kMaxPoints);
  if (!ring.ok()) return ring.status();
  return std::make_unique<MultiProbe>(*std::move(ring), probes);
}

}  // namespace keyway::hashing

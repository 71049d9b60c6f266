#include <numeric>
#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "hashing/functions.h"
#include "hashing/kinds.h"
#include "hashing/mix.h"
#include "hashing/ring.h"
#include "hashing/variants.h"

namespace keyway::hashing {

absl::StatusOr<Ring> NameRing(std::string_view kind, Members members, uint32_t points,
                              uint64_t max_points) {
  uint32_t unit = members.front().weight;
  uint64_t total = 0;
  for (const Member& member : members) {
    unit = std::gcd(unit, member.weight);
    total += member.weight;
  }
  total = total / unit * points;
  if (total > max_points) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "%s: the weights need %d points, more than %d; use smaller ones", kind, total, max_points));
  }

  std::vector<Ring::Point> placed;
  placed.reserve(total);
  for (uint32_t index = 0; index < members.size(); ++index) {
    const uint64_t name = Xxh64(members[index].name);
    for (uint64_t copy = 0; copy < uint64_t{members[index].weight / unit} * points; ++copy) {
      placed.push_back({.position = static_cast<uint32_t>(Mix(name + copy)), .member = index});
    }
  }
  return Ring(placed);
}

namespace {

// Some hundreds of megabytes while the ring is made.
constexpr uint64_t kMaxPoints = 20'000'000;

class Karger : public Distribution {
 public:
  explicit Karger(Ring ring) : ring_(std::move(ring)) {}

  size_t Pick(uint64_t hash) const override { return ring_[PointOf(hash)].member; }

  Finding Explain(uint64_t hash) const override { return FindingOf(ring_, PointOf(hash)); }

  bool Shares(std::span<double> shares) const override {
    ring_.Shares(shares);
    return true;
  }

 private:
  size_t PointOf(uint64_t hash) const { return ring_.Next(static_cast<uint32_t>(Mix(hash))); }

  const Ring ring_;
};

}  // namespace

DistributionOr MakeKarger(Members members, uint32_t points) {
  if (points == 0) return absl::InvalidArgumentError("a ring needs points");
  absl::StatusOr<Ring> ring = NameRing("ring", members, points, kMaxPoints);
  if (!ring.ok()) return ring.status();
  return std::make_unique<Karger>(*std::move(ring));
}

}  // namespace keyway::hashing

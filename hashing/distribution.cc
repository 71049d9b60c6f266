#include "hashing/distribution.h"

#include <algorithm>

#include "absl/strings/str_format.h"
#include "hashing/kinds.h"

namespace keyway::hashing {
namespace {

constexpr DistributionKind kKinds[] = {
    {.name = "ketama", .make = MakeKetama, .twemproxy = true},
    {.name = "modula", .make = MakeModula, .twemproxy = true},
    {.name = "random", .make = MakeRandom, .twemproxy = true},
    {.name = "jump", .make = MakeJump, .twemproxy = false},
    {.name = "maglev", .make = MakeMaglev, .twemproxy = false},
    {.name = "rendezvous", .make = MakeRendezvous, .twemproxy = false},
    {.name = "multi_probe", .make = MakeMultiProbe, .twemproxy = false},
    {.name = "anchor", .make = MakeAnchor, .twemproxy = false},
    {.name = "bounded", .make = MakeBounded, .twemproxy = false},
    {.name = "slots", .make = MakeSlots, .twemproxy = false},
};

}  // namespace

void Distribution::PickEach(std::span<const uint64_t> hashes, std::span<uint32_t> members) const {
  for (size_t i = 0; i < hashes.size(); ++i) members[i] = static_cast<uint32_t>(Pick(hashes[i]));
}

bool Distribution::Shares(std::span<double>) const { return false; }

const DistributionKind* FindDistribution(std::string_view name) {
  const auto found = std::ranges::find(kKinds, name, &DistributionKind::name);
  return found == std::end(kKinds) ? nullptr : found;
}

std::span<const DistributionKind> AllDistributions() { return kKinds; }

Finding FindingOf(const Ring& ring, size_t point) {
  return {.member = ring[point].member,
          .place = "ring point",
          .index = point,
          .count = ring.size(),
          .position = ring[point].position};
}

bool HaveEqualWeights(Members members) {
  return std::ranges::all_of(
      members, [first = members.front().weight](const Member& m) { return m.weight == first; });
}

absl::Status CheckEqualWeights(std::string_view kind, Members members) {
  if (HaveEqualWeights(members)) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrFormat("%s: the weights differ, but all members get the same share", kind));
}

}  // namespace keyway::hashing

#include "hashing/distribution.h"

#include <algorithm>

#include "hashing/kinds.h"

namespace keyway::hashing {
namespace {

constexpr DistributionKind kKinds[] = {
    {.name = "ketama", .make = MakeKetama, .twemproxy = true},
    {.name = "modula", .make = MakeModula, .twemproxy = true},
    {.name = "random", .make = MakeRandom, .twemproxy = true},
};

}  // namespace

const DistributionKind* FindDistribution(std::string_view name) {
  const auto found = std::ranges::find(kKinds, name, &DistributionKind::name);
  return found == std::end(kKinds) ? nullptr : found;
}

std::span<const DistributionKind> AllDistributions() { return kKinds; }

}  // namespace keyway::hashing

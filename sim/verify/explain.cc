#include "sim/verify/explain.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <tuple>
#include <utility>

#include "hashing/distribution.h"
#include "hashing/hash.h"

namespace keyway::sim {
namespace {

// More keys would not change which is best.
constexpr size_t kMostKeys = 1000;

// A choice of hash and tag, with the hash values that it gives.
struct Hashed {
  std::string hash = {};
  std::string tag = {};
  std::vector<uint64_t> values = {};
};

struct Names {
  std::vector<hashing::Member> members = {};
  bool by_address = false;
  bool unweighted = false;
};

// Some of the keys of every server.
std::vector<FoundKey> Fewer(std::span<const FoundKey> sample) {
  const size_t step = sample.size() / kMostKeys + 1;
  std::vector<FoundKey> fewer;
  for (size_t i = 0; i < sample.size(); i += step) fewer.push_back(sample[i]);
  return fewer;
}

std::vector<Hashed> HashAll(const Scenario& scenario, std::span<const FoundKey> sample) {
  const std::vector<std::string_view> keys = [&] {
    std::vector<std::string_view> views;
    for (const FoundKey& found : sample) views.push_back(found.key);
    return views;
  }();
  const hashing::Member anyone = {.name = "anyone"};
  std::vector<Hashed> all;
  for (const std::string& tag : std::set<std::string>{scenario.options.hash_tag, "", "{}"}) {
    for (const hashing::HashFunction& hash : hashing::AllHashes()) {
      Hashed hashed = {.hash = std::string(hash.name), .tag = tag};
      const auto placement = hashing::Placement::Make(
          {.hash = hashed.hash, .hash_tag = tag, .distribution = "modula"}, std::span(&anyone, 1));
      if (!placement.ok()) continue;
      hashed.values.resize(keys.size());
      placement->HashesOf(keys, hashed.values);
      all.push_back(std::move(hashed));
    }
  }
  return all;
}

std::vector<Names> AllNames(const Scenario& scenario, std::span<const std::string> addresses) {
  Names as_they_are = {.members = scenario.members};
  std::vector<Names> all = {as_they_are};
  Names by_address = {.members = scenario.members, .by_address = true};
  bool named = false, weighted = false;
  for (size_t i = 0; i < by_address.members.size(); ++i) {
    hashing::Member& member = by_address.members[i];
    named = named || member.name != addresses[i];
    weighted = weighted || member.weight != scenario.members.front().weight;
    member.name = addresses[i];
  }
  if (named) all.push_back(std::move(by_address));
  if (!weighted) return all;
  for (size_t i = 0, count = all.size(); i < count; ++i) {
    Names unweighted = all[i];
    unweighted.unweighted = true;
    for (hashing::Member& member : unweighted.members) member.weight = 1;
    all.push_back(std::move(unweighted));
  }
  return all;
}

size_t Matches(const hashing::Placement& placement, const Scenario& scenario, const Hashed& hashed,
               std::span<const FoundKey> sample, std::vector<uint32_t>& members) {
  members.resize(sample.size());
  placement.MembersFor(std::span<const uint64_t>(hashed.values), std::span<uint32_t>(members));
  size_t matches = 0;
  for (size_t i = 0; i < sample.size(); ++i) {
    if (scenario.servers[members[i]] == sample[i].server) ++matches;
  }
  return matches;
}

size_t Differences(const Explanation& one, const hashing::PlacementOptions& options) {
  return (one.options.hash != options.hash) + (one.options.distribution != options.distribution) +
         (one.options.hash_tag != options.hash_tag) + one.by_address + one.unweighted;
}

}  // namespace

std::vector<Explanation> Explain(const Scenario& scenario, std::span<const std::string> addresses,
                                 std::span<const FoundKey> sample) {
  const std::vector<FoundKey> keys = Fewer(sample);
  const std::vector<Hashed> hashes = HashAll(scenario, keys);
  std::vector<Explanation> all;
  std::vector<uint32_t> members;
  for (const Names& names : AllNames(scenario, addresses)) {
    for (const hashing::DistributionKind& kind : hashing::AllDistributions()) {
      if (kind.name == "random") continue;
      hashing::PlacementOptions options = {
          .hash = scenario.options.hash, .hash_tag = "", .distribution = std::string(kind.name)};
      const auto placement = hashing::Placement::Make(options, names.members);
      if (!placement.ok()) continue;  // not every kind takes these servers
      for (const Hashed& hashed : hashes) {
        options.hash = hashed.hash;
        options.hash_tag = hashed.tag;
        Explanation one = {.options = options,
                           .by_address = names.by_address,
                           .unweighted = names.unweighted,
                           .keys = keys.size(),
                           .matches = Matches(*placement, scenario, hashed, keys, members)};
        one.differences = Differences(one, scenario.options);
        all.push_back(std::move(one));
      }
    }
  }
  std::ranges::stable_sort(all, [](const Explanation& one, const Explanation& other) {
    return std::tuple(other.matches, one.differences) < std::tuple(one.matches, other.differences);
  });
  return all;
}

}  // namespace keyway::sim

#include "sim/experiment.h"

#include <string_view>
#include <vector>

namespace keyway::sim {
namespace {

// Seldom enough to cost nothing, often enough for a person: some milliseconds.
constexpr uint64_t kKeysBetweenProgress = 1 << 18;

}  // namespace

absl::StatusOr<hashing::Placement> PlacementOf(const PoolConfig& pool) {
  std::vector<hashing::Member> members;
  for (const ServerConfig& server : pool.servers) {
    members.push_back({.name = server.name, .weight = server.weight});
  }
  return hashing::Placement::Make(
      {.hash = pool.hash, .hash_tag = pool.hash_tag, .distribution = pool.distribution}, members);
}

absl::StatusOr<Tally> PlaceKeys(const PoolConfig& pool, LineSource& source,
                                const OnProgress& on_progress) {
  const absl::StatusOr<hashing::Placement> placement = PlacementOf(pool);
  if (!placement.ok()) return placement.status();

  Tally tally(pool.servers.size());
  uint64_t keys = 0;
  std::string_view key;
  while (source.Next(key)) {
    tally.Add(placement->MemberFor(key));
    if (++keys % kKeysBetweenProgress == 0) on_progress(keys);
  }
  if (!source.status().ok()) return source.status();
  return tally;
}

}  // namespace keyway::sim

#include "sim/command/traps.h"

#include <algorithm>
#include <cstddef>
#include <iterator>

#include "absl/strings/str_format.h"
#include "hashing/placement.h"
#include "proxy/config/problem.h"
#include "sim/command/alternatives.h"
#include "sim/command/pool.h"
#include "sim/figures/moves.h"
#include "sim/figures/ownership.h"
#include "sim/figures/spread.h"

namespace keyway::sim {
namespace {

constexpr size_t kPoints = 160;      // of a server on ketama's ring, on average
constexpr double kUnlucky = 0.99;    // a ring worse than so many is a poor one
constexpr double kGathering = 0.25;  // this much more, by a hash tag or one key, is worth a word

bool Equal(const std::vector<hashing::Member>& members) {
  return std::ranges::all_of(members, [&members](const hashing::Member& member) {
    return member.weight == members.front().weight;
  });
}

// Whether the name is made of the address, so that a server that moves takes another name.
bool IsAddress(const ServerConfig& server) { return server.line.find(' ') == std::string::npos; }

using Trap = std::string (*)(const PoolConfig& pool);

std::string Random(const PoolConfig& pool) {
  if (pool.distribution != "random") return "";
  return "random gives each request another server: for servers that all have the same keys only";
}

std::string PoorRing(const PoolConfig& pool) {
  const std::vector<hashing::Member> members = MembersOf(pool);
  if (pool.distribution != "ketama" || members.size() < 2 || !Equal(members)) return "";
  const absl::StatusOr<Ownership> ownership = OwnershipOf({}, members);
  if (!ownership.ok()) return "";
  const std::vector<double> fair(members.size(), 1);
  const std::vector<double> loads = RelativeLoads(ownership->shares, fair);
  const auto fullest = std::ranges::max_element(loads);
  const double expected = ExpectedRingPeak(members.size(), kPoints, kUnlucky);
  if (*fullest <= expected) return "";
  return absl::StrFormat(
      "the names make a poor ring: '%s' owns %.2f fair shares, and 99 of 100 rings of %d servers "
      "stay below %.2f; other names or tuned weights make a better one",
      members[static_cast<size_t>(fullest - loads.begin())].name, *fullest, members.size(),
      expected);
}

std::string Rounding(const PoolConfig& pool) {
  const std::vector<hashing::Member> members = MembersOf(pool);
  if (pool.distribution != "ketama" || !Equal(members)) return "";
  const absl::StatusOr<std::vector<size_t>> points = KetamaPoints(members);
  if (!points.ok() || points->front() == kPoints) return "";
  return absl::StrFormat(
      "with %d servers each has %d points and not %d, by rounding in single precision: when one "
      "comes or goes, keys of the others move too",
      members.size(), points->front(), kPoints);
}

std::string ChurnWhenEjecting(const PoolConfig& pool) {
  if (!pool.auto_eject_hosts || pool.distribution == "random") return "";
  const absl::StatusOr<double> churn = ChurnOfALoss(PlacementOptionsOf(pool), MembersOf(pool));
  if (!churn.ok() || *churn <= kMaxChurn) return "";
  return absl::StrFormat(
      "%s with auto_eject_hosts: a server that fails moves %.0f%% of all keys between servers "
      "that live, and again when it comes back",
      pool.distribution, 100 * *churn);
}

std::string EjectedStores(const PoolConfig& pool) {
  if (!pool.auto_eject_hosts || !pool.redis) return "";
  return "auto_eject_hosts with Redis: what is written while a server is out is elsewhere when it "
         "comes back; only for caches";
}

std::string Unnamed(const PoolConfig& pool) {
  if (pool.distribution == "modula" || pool.distribution == "jump") return "";
  const auto unnamed = std::ranges::find_if(pool.servers, IsAddress);
  if (unnamed == pool.servers.end()) return "";
  return absl::StrFormat(
      "'%s' has no name behind its weight: its keys are placed by its address, and all of them "
      "move when it gets another one",
      unnamed->name);
}

constexpr Trap kTraps[] = {Random, PoorRing, Rounding, ChurnWhenEjecting, EjectedStores, Unnamed};

}  // namespace

std::vector<std::string> TrapsOf(const PoolConfig& pool) {
  std::vector<std::string> traps;
  for (const Trap& trap : kTraps) {
    std::string text = trap(pool);
    if (!text.empty()) traps.push_back(std::move(text));
  }
  return traps;
}

std::string HashTagTrap(const PoolConfig& pool, double peak_with, double peak_without) {
  if (peak_with - peak_without <= kGathering) return "";
  return absl::StrFormat(
      "the hash tag '%s' gathers keys: the fullest server has %.2f fair shares, and would have "
      "%.2f without it",
      pool.hash_tag, peak_with, peak_without);
}

std::string HotKeyTrap(const std::string& key, double key_share, double fair_share) {
  const double floor = HotKeyFloor(key_share, fair_share);
  if (floor - 1 <= kGathering) return "";
  return absl::StrFormat(
      "%s alone is %.1f%% of the load: the server that has it gets %.2f fair shares even in a "
      "perfect placement; split the key, or cache it in the clients",
      Quoted(key), 100 * key_share, floor);
}

}  // namespace keyway::sim

#include "sim/command/alternatives.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>
#include <utility>

#include "hashing/distribution.h"
#include "hashing/hash.h"
#include "sim/command/pool.h"
#include "sim/figures/ownership.h"
#include "sim/figures/spread.h"

namespace keyway::sim {
namespace {

// Who moves nine tenths of the keys does not mind one in a hundred more; who moves none
// does.
constexpr double kEqualMoves = 1.05;

constexpr int kTuningSteps = 40;
constexpr double kMeanWeight = 1000;  // fine enough for every point to count

bool Wanted(const std::vector<std::string>& names, std::string_view name) {
  return names.empty() || std::ranges::find(names, name) != names.end();
}

std::vector<double> WeightsOf(const std::vector<hashing::Member>& members) {
  std::vector<double> weights;
  for (const hashing::Member& member : members) weights.push_back(member.weight);
  return weights;
}

std::vector<hashing::Member> WithWeights(std::vector<hashing::Member> members,
                                         const std::vector<uint32_t>& weights) {
  for (size_t i = 0; i < members.size(); ++i) members[i].weight = weights[i];
  return members;
}

// What can be made of the alternatives that are tried.
class List {
 public:
  void Try(Alternative alternative) {
    if (!hashing::Placement::Make(alternative.options, alternative.members).ok()) return;
    const absl::StatusOr<double> churn = ChurnOf(alternative);
    if (!churn.ok()) return;
    alternative.churn = *churn;
    made_.push_back(std::move(alternative));
  }

  void PutFirst(Alternative alternative) {
    const size_t before = made_.size();
    Try(std::move(alternative));
    if (made_.size() > before) std::rotate(made_.begin(), made_.end() - 1, made_.end());
  }

  std::vector<Alternative> Take() { return std::move(made_); }

 private:
  // It is of the distribution; a hash function matters by the width of its values only.
  absl::StatusOr<double> ChurnOf(const Alternative& alternative) {
    const bool narrow = hashing::FindHash(alternative.options.hash)->bits < 32;
    const auto key = std::tuple(alternative.options.distribution, narrow, alternative.tuned);
    const auto known = churn_.find(key);
    if (known != churn_.end()) return known->second;
    auto churn = ChurnOfALoss(alternative.options, alternative.members);
    if (churn.ok()) churn_.emplace(key, *churn);
    return churn;
  }

  std::vector<Alternative> made_;
  std::map<std::tuple<std::string, bool, bool>, double> churn_;
};

}  // namespace

std::vector<Alternative> AlternativesOf(const PoolConfig& pool, const std::vector<uint32_t>& fair,
                                        const std::vector<std::string>& hashes,
                                        const std::vector<std::string>& distributions) {
  const std::vector<hashing::Member> given = MembersOf(pool);
  const std::vector<hashing::Member> even = WithWeights(given, fair);
  const std::vector<hashing::Member> tuned = WithWeights(given, TunedWeights(even));
  List list;
  for (const hashing::DistributionKind& kind : hashing::AllDistributions()) {
    for (const hashing::HashFunction& hash : hashing::AllHashes()) {
      if (kind.name == "random") continue;
      const bool today = kind.name == pool.distribution && hash.name == pool.hash;
      const bool wanted = Wanted(hashes, hash.name) && Wanted(distributions, kind.name);
      Alternative alternative = {.options = {.hash = std::string(hash.name),
                                             .hash_tag = pool.hash_tag,
                                             .distribution = std::string(kind.name)},
                                 .members = today ? given : even,
                                 .nutcracker = kind.twemproxy && hash.twemproxy};
      if (today) list.PutFirst(alternative);
      if (wanted && !today) list.Try(alternative);
      if (!wanted || kind.name != "ketama") continue;
      alternative.members = tuned;
      alternative.tuned = true;
      list.Try(std::move(alternative));
    }
  }
  return list.Take();
}

std::vector<uint32_t> TunedWeights(const std::vector<hashing::Member>& members) {
  const std::vector<double> fair = WeightsOf(members);
  double mean = 0;
  for (const double weight : fair) mean += weight / static_cast<double>(fair.size());
  std::vector<double> exact;
  for (const double weight : fair) exact.push_back(weight / mean * kMeanWeight);

  std::vector<uint32_t> best;
  double best_peak = 0;
  for (int step = 0; step < kTuningSteps; ++step) {
    std::vector<hashing::Member> trial = members;
    for (size_t i = 0; i < trial.size(); ++i) {
      trial[i].weight = static_cast<uint32_t>(std::max(1.0, std::round(exact[i])));
    }
    const absl::StatusOr<Ownership> ownership = OwnershipOf({}, trial);
    if (!ownership.ok()) break;
    const std::vector<double> loads = RelativeLoads(ownership->shares, fair);
    const double peak = *std::ranges::max_element(loads);
    if (best.empty() || peak < best_peak) {
      best_peak = peak;
      best.clear();
      for (const hashing::Member& member : trial) best.push_back(member.weight);
    }
    for (size_t i = 0; i < exact.size(); ++i) {
      if (loads[i] > 0) exact[i] /= std::sqrt(loads[i]);  // half way, or it swings
    }
  }
  if (best.empty()) {
    for (const hashing::Member& member : members) best.push_back(member.weight);
  }
  return best;
}

std::optional<size_t> BestOf(const std::vector<Candidate>& candidates, double max_moved,
                             bool nutcracker, double tolerance) {
  const auto eligible = [&](const Candidate& candidate) {
    const bool today = &candidate == candidates.data();
    return candidate.moved <= max_moved && (candidate.stable || today) &&
           (candidate.nutcracker || !nutcracker);
  };
  const Candidate* lowest = nullptr;
  for (const Candidate& candidate : candidates) {
    if (!eligible(candidate)) continue;
    if (lowest == nullptr || candidate.peak < lowest->peak) lowest = &candidate;
  }
  if (lowest == nullptr) return std::nullopt;
  const auto even = [&](const Candidate& candidate) {
    return eligible(candidate) && candidate.peak <= lowest->peak + tolerance;
  };
  double fewest = lowest->moved;
  for (const Candidate& candidate : candidates) {
    if (even(candidate)) fewest = std::min(fewest, candidate.moved);
  }
  const auto cost = [](const Candidate& candidate) {
    return std::pair(!candidate.nutcracker, candidate.peak);
  };
  const Candidate* best = nullptr;
  for (const Candidate& candidate : candidates) {
    if (!even(candidate) || candidate.moved > fewest * kEqualMoves) continue;
    if (best == nullptr || cost(candidate) < cost(*best)) best = &candidate;
  }
  return static_cast<size_t>(best - candidates.data());
}

double ChanceOf(double keys, size_t servers) {
  if (keys <= 0) return 0.01;
  return 0.01 + 2 * std::sqrt((static_cast<double>(servers) - 1) / keys);
}

}  // namespace keyway::sim

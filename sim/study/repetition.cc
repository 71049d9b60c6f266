#include "sim/study/repetition.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "absl/status/status.h"
#include "sim/figures/moves.h"
#include "sim/source/synthetic/key_template.h"
#include "sim/source/synthetic/purpose.h"
#include "sim/source/synthetic/random.h"

namespace keyway::sim {
namespace {

using SchemeOr = absl::StatusOr<std::unique_ptr<Scheme>>;

// Random placeholders of labels differ between repetitions by the seed, ids by the number.
absl::StatusOr<Fleet> FleetOf(const Setup& setup, uint64_t number) {
  const absl::StatusOr<KeyTemplate> labels = KeyTemplate::Parse(setup.labels, setup.seed + number);
  if (!labels.ok()) return labels.status();
  const uint64_t count = setup.servers + setup.add;
  Fleet fleet = {.at_first = setup.servers};
  for (uint64_t server = 0; server < count; ++server) {
    const uint32_t weight =
        setup.weights.empty() ? 1 : setup.weights[server % setup.weights.size()];
    fleet.servers.push_back(
        {.name = labels->NameOf(number * count + server + 1), .weight = weight});
  }
  return fleet;
}

std::vector<double> Fair(const Fleet& fleet) {
  const std::vector<uint32_t> weights = fleet.Weights();
  const double total = std::accumulate(weights.begin(), weights.end(), 0.0);
  std::vector<double> fair;
  for (const uint32_t weight : weights) fair.push_back(weight / total);
  return fair;
}

// The keys of a repetition and what they weigh, and where a scheme puts them.
class Trial {
 public:
  Trial(const Setup& setup, uint64_t number) : popularity_(setup.popularity) {
    const uint32_t cells = setup.kind->cells != nullptr && !setup.sampled && popularity_.empty()
                               ? setup.kind->cells(setup.parameter)
                               : 0;
    hashes_.resize(cells > 0 ? cells : setup.keys);
    if (cells > 0) {
      std::iota(hashes_.begin(), hashes_.end(), uint64_t{0});
    } else {
      Random random(setup.seed, kForHashes, number);
      std::ranges::generate(hashes_, [&random] { return random.Next(); });
    }
  }

  bool uniform() const { return popularity_.empty(); }
  size_t size() const { return hashes_.size(); }
  double weight(size_t key) const {
    return uniform() ? 1 / static_cast<double>(size()) : popularity_[key];
  }

  std::vector<uint32_t> Places(const Scheme& scheme) const {
    std::vector<uint32_t> places(hashes_.size());
    scheme.Place(hashes_, places);
    return places;
  }

  std::vector<double> Loads(std::span<const uint32_t> places, size_t servers) const {
    std::vector<double> loads(servers);
    for (size_t key = 0; key < size(); ++key) loads[places[key]] += weight(key);
    return loads;
  }

  // The part of the keys for which `differs` is true, of the key.
  template <class Differs>
  double Part(const Differs& differs) const {
    double part = 0;
    for (size_t key = 0; key < size(); ++key) part += differs(key) ? weight(key) : 0;
    return part;
  }

  ChiSquare Chance(std::span<const double> loads, std::span<const double> fair) const {
    std::vector<double> counts;
    for (const double load : loads) counts.push_back(load * static_cast<double>(size()));
    return ChiSquareTest(counts, fair);
  }

 private:
  const std::span<const double> popularity_;
  std::vector<uint64_t> hashes_;
};

// What moves goes to those who came, or, if nobody did, to those who stay.
Movement MovementOf(const Trial& trial, const Fleet& before, const Fleet& after,
                    std::span<const uint32_t> old_places, std::span<const uint32_t> new_places) {
  const std::vector<double> fair_before = Fair(before), fair_after = Fair(after);
  const auto stays = [&](uint32_t server) {
    return fair_before[server] > 0 && fair_after[server] > 0;
  };
  Movement movement = {.needed = NeededMoves(fair_before, fair_after)};
  movement.moved = trial.Part([&](size_t key) { return old_places[key] != new_places[key]; });
  movement.between_staying = trial.Part([&](size_t key) {
    return old_places[key] != new_places[key] && stays(old_places[key]) && stays(new_places[key]);
  });
  if (!trial.uniform()) return movement;
  std::vector<double> takers = fair_after, taken(fair_after.size());
  for (uint32_t server = 0; server < takers.size(); ++server) {
    if (after.joined && stays(server)) takers[server] = 0;
  }
  for (size_t key = 0; key < trial.size(); ++key) {
    const uint32_t to = new_places[key];
    if (old_places[key] != to && takers[to] > 0) ++taken[to];
  }
  if (std::ranges::count_if(takers, [](double share) { return share > 0; }) > 1) {
    movement.evenness = ChiSquareTest(taken, takers);
  }
  return movement;
}

// Some servers, each as likely as any other.
std::vector<uint32_t> Leavers(const Setup& setup, uint64_t number) {
  Random random(setup.seed, kForChanges, number);
  std::vector<uint32_t> servers(setup.servers);
  std::iota(servers.begin(), servers.end(), 0u);
  for (uint32_t count = 0; count < setup.remove; ++count) {
    std::swap(servers[count], servers[count + random.NextBelow(setup.servers - count)]);
  }
  servers.resize(setup.remove);
  return servers;
}

SchemeOr Make(const Setup& setup, const Fleet& fleet) {
  return setup.kind->make(setup.kind->name, fleet, setup.parameter);
}

absl::StatusOr<Movement> Change(const Setup& setup, const Trial& trial, const Fleet& before,
                                const Fleet& after, std::span<const uint32_t> places) {
  const SchemeOr scheme = Make(setup, after);
  if (!scheme.ok()) return scheme.status();
  return MovementOf(trial, before, after, places, trial.Places(**scheme));
}

absl::Status AddChanges(const Setup& setup, uint64_t number, const Trial& trial, const Fleet& fleet,
                        std::span<const uint32_t> places, Repetition& repetition) {
  if (setup.add > 0) {
    Fleet after = fleet;
    after.joined = true;
    absl::StatusOr<Movement> movement = Change(setup, trial, fleet, after, places);
    if (!movement.ok()) return movement.status();
    repetition.added = *std::move(movement);
  }
  if (setup.remove > 0) {
    Fleet after = fleet;
    after.left = Leavers(setup, number);
    absl::StatusOr<Movement> movement = Change(setup, trial, fleet, after, places);
    if (!movement.ok()) return movement.status();
    repetition.removed = *std::move(movement);
  }
  return absl::OkStatus();
}

absl::Status AddSpilled(const Setup& setup, const Trial& trial, const Fleet& fleet,
                        std::span<const uint32_t> places, Repetition& repetition) {
  const SchemeKind* const free = FindScheme(setup.kind->bounds);
  if (free == nullptr) return absl::OkStatus();
  const SchemeOr scheme = free->make(free->name, fleet, free->usual);
  if (!scheme.ok()) return scheme.status();
  const std::vector<uint32_t> natural = trial.Places(**scheme);
  repetition.spilled = trial.Part([&](size_t key) { return natural[key] != places[key]; });
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Repetition> Repeat(const Setup& setup, uint64_t number) {
  const absl::StatusOr<Fleet> fleet = FleetOf(setup, number);
  if (!fleet.ok()) return fleet.status();
  const SchemeOr scheme = Make(setup, *fleet);
  if (!scheme.ok()) return scheme.status();

  const std::vector<double> fair = Fair(*fleet);
  std::vector<double> loads(fair.size());
  Repetition repetition;
  repetition.exact = !setup.sampled && setup.popularity.empty() && (*scheme)->Shares(loads);
  const bool bounds = !setup.kind->bounds.empty();
  if (!repetition.exact || bounds || setup.add > 0 || setup.remove > 0) {
    const Trial trial(setup, number);
    const std::vector<uint32_t> places = trial.Places(**scheme);
    if (!repetition.exact) {
      loads = trial.Loads(places, fair.size());
      if (trial.uniform()) repetition.chance = trial.Chance(loads, fair);
    }
    for (const absl::Status& status :
         {AddSpilled(setup, trial, *fleet, places, repetition),
          AddChanges(setup, number, trial, *fleet, places, repetition)}) {
      if (!status.ok()) return status;
    }
  }

  repetition.spread = SpreadOf(loads, fair);
  for (uint32_t server = 0; server < setup.servers; ++server) {
    if (number == 0) repetition.labels.push_back(fleet->servers[server].name);
    repetition.loads.push_back(loads[server] / fair[server]);
  }
  return repetition;
}

}  // namespace keyway::sim

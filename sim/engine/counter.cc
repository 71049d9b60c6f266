#include "sim/engine/counter.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_format.h"
#include "sim/sketch/fingerprint.h"

namespace keyway::sim {
namespace {

const Weight& WeightOf(const RecordBatch& batch, size_t record) {
  static constexpr Weight kOneKey;
  return batch.weighted ? batch.weights[record] : kOneKey;
}

void AddWeight(Counts& counts, const Weight& weight) {
  counts.keys += weight.keys;
  counts.bytes += weight.bytes;
  counts.reads += weight.reads;
  counts.writes += weight.writes;
}

Heat HeatOf(const Weight& weight) {
  if (weight.reads + weight.writes != 0) return Heat::kRequests;
  if (weight.bytes != 0) return Heat::kBytes;
  return weight.keys != 0 ? Heat::kKeys : Heat::kNone;
}

uint64_t HowHot(const Weight& weight, Heat by) {
  switch (by) {
    case Heat::kNone:
      return 0;
    case Heat::kKeys:
      return weight.keys;
    case Heat::kBytes:
      return weight.bytes;
    case Heat::kRequests:
      return weight.reads + weight.writes;
  }
  return 0;
}

bool ShareHashes(const Scenario& a, const Scenario& b) {
  return a.options.hash == b.options.hash && a.options.hash_tag == b.options.hash_tag;
}

}  // namespace

absl::StatusOr<Placements> Placements::Make(const Experiment& experiment) {
  Placements placements;
  placements.placements_.reserve(experiment.scenarios.size());  // groups point into it
  for (size_t index = 0; index < experiment.scenarios.size(); ++index) {
    const Scenario& scenario = experiment.scenarios[index];
    if (scenario.options.distribution == "random") {
      return absl::InvalidArgumentError(absl::StrFormat(
          "%s: the distribution \"random\" gives a key no place that could be known", scenario.id));
    }
    auto placement = hashing::Placement::Make(scenario.options, scenario.members);
    if (!placement.ok()) {
      return absl::InvalidArgumentError(
          absl::StrFormat("%s: %s", scenario.id, placement.status().message()));
    }
    placements.placements_.push_back(*std::move(placement));

    const auto group = std::ranges::find_if(placements.groups_, [&](const Group& candidate) {
      return ShareHashes(experiment.scenarios[candidate.scenarios.front()], scenario);
    });
    if (group == placements.groups_.end()) {
      placements.groups_.push_back(
          {.hasher = &placements.placements_.back(), .scenarios = {index}});
    } else {
      group->scenarios.push_back(index);
    }
  }
  return placements;
}

Counter::Counter(const Experiment& experiment, const Placements& placements)
    : experiment_(experiment), placements_(placements), tally_(EmptyTally(experiment)) {}

void Counter::Count(const RecordBatch& batch, Content content) {
  if (experiment_.hot_keys || content == Content::kRequests) {
    FingerprintsOf(std::span(batch.keys).first(batch.size), fingerprints_);
  }
  for (const Placements::Group& group : placements_.groups()) {
    group.hasher->HashesOf(std::span(batch.keys).first(batch.size), hashes_);
    for (const size_t scenario : group.scenarios) CountScenario(scenario, batch, content);
  }
  CountKeys(batch, content);
}

void Counter::CountScenario(size_t scenario, const RecordBatch& batch, Content content) {
  Places& places = scenario == 0 ? base_ : places_;
  placements_[scenario].MembersFor(std::span(hashes_).first(batch.size), places);
  const std::vector<size_t>& servers = experiment_.scenarios[scenario].servers;
  std::vector<Counts>& counts = tally_.scenarios[scenario].servers;
  for (size_t record = 0; record < batch.size; ++record) {
    places[record] = static_cast<uint32_t>(servers[places[record]]);
  }
  if (batch.weighted) {
    for (size_t record = 0; record < batch.size; ++record) {
      AddWeight(counts[places[record]], batch.weights[record]);
    }
  } else {
    for (size_t record = 0; record < batch.size; ++record) ++counts[places[record]].keys;
  }
  if (scenario != 0) CountMoves(scenario, batch, content);
}

void Counter::CountMoves(size_t scenario, const RecordBatch& batch, Content content) {
  ScenarioTally& tally = tally_.scenarios[scenario];
  for (size_t record = 0; record < batch.size; ++record) {
    if (!tally.matrix.empty()) {
      Counts& way = tally.matrix[base_[record] * experiment_.servers.size() + places_[record]];
      AddWeight(way, WeightOf(batch, record));
    }
    if (places_[record] == base_[record]) continue;
    AddWeight(tally.moved, WeightOf(batch, record));
    if (content == Content::kRequests) tally.moved_keys.Add(fingerprints_[record]);
  }
}

void Counter::CountKeys(const RecordBatch& batch, Content content) {
  if (experiment_.hot_keys) CountHotKeys(batch);
  if (content == Content::kRequests) {
    tally_.different_keys.resize(experiment_.servers.size());
    for (size_t record = 0; record < batch.size; ++record) {
      tally_.different_keys[base_[record]].Add(fingerprints_[record]);
    }
  }
}

void Counter::CountHotKeys(const RecordBatch& batch) {
  const std::span fingerprints = std::span<const uint64_t>(fingerprints_).first(batch.size);
  const std::span keys = std::span(batch.keys).first(batch.size);
  if (!batch.weighted) {
    if (tally_.HotBy(Heat::kKeys)) tally_.hot_keys.AddEach(fingerprints, keys);
    return;
  }
  const std::span weights = std::span(batch.weights).first(batch.size);
  Heat by = Heat::kNone;
  for (const Weight& weight : weights) by = std::max(by, HeatOf(weight));
  if (by == Heat::kNone || !tally_.HotBy(by)) return;
  std::array<uint64_t, RecordBatch::kCapacity> heats;
  std::ranges::transform(weights, heats.begin(),
                         [by](const Weight& weight) { return HowHot(weight, by); });
  tally_.hot_keys.AddEach(fingerprints, keys, std::span(heats).first(batch.size));
}

}  // namespace keyway::sim

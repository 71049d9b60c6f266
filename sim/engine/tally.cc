#include "sim/engine/tally.h"

namespace keyway::sim {
namespace {

// Whatever the parts have; a part that counted nothing of a kind may have no place for it.
template <typename T, typename Add>
void MergeEach(std::vector<T>& to, const std::vector<T>& from, const Add& add) {
  if (to.size() < from.size()) to.resize(from.size());
  for (size_t i = 0; i < from.size(); ++i) add(to[i], from[i]);
}

void AddCounts(Counts& to, const Counts& from) { to += from; }
void MergeKeys(HyperLogLog& to, const HyperLogLog& from) { to.Merge(from); }

}  // namespace

Counts& Counts::operator+=(const Counts& other) {
  keys += other.keys;
  bytes += other.bytes;
  reads += other.reads;
  writes += other.writes;
  return *this;
}

void ScenarioTally::Merge(const ScenarioTally& other) {
  MergeEach(servers, other.servers, AddCounts);
  moved += other.moved;
  moved_keys.Merge(other.moved_keys);
  MergeEach(matrix, other.matrix, AddCounts);
}

bool Tally::HotBy(Heat by) {
  if (by > heat) {
    heat = by;
    hot_keys = {};
  }
  return by == heat;
}

void Tally::Merge(const Tally& other) {
  MergeEach(scenarios, other.scenarios,
            [](ScenarioTally& to, const ScenarioTally& from) { to.Merge(from); });
  if (HotBy(other.heat)) hot_keys.Merge(other.hot_keys);
  MergeEach(different_keys, other.different_keys, MergeKeys);
}

}  // namespace keyway::sim

// Why any division into parts leads to the same answer. Let T be the weight of a part and
// t = T / kShare; let f be that of a key in the part, and "seen" what was noted of it.
//
// 1. When a key comes, now or a few keys later its estimate, which is at least all that it
//    had so far, is compared with 1 / kShare of all weight so far. Below that the key is not
//    noted; then it had less than t so far. Candidates are dropped only when they are below
//    that share too. So whatever else came of it is noted: f - t < seen <= f.
// 2. Of merged parts T, t, f and seen are the sums. So 1 holds for the whole, and also where
//    merging drops candidates, because that is by the estimates of all merged parts.
// 3. Top() wants seen >= t, of the whole: always true for f >= 2 t, and never for f < t. So
//    it also keeps out the many light keys, of which some share all cells with heavy ones.
// 4. From t to 2 t it may be either, and Top() also wants an estimate of 3 t. Such a key has
//    that only if t or more of others is in its cell of every row. In a Zipf distribution
//    (s = 1, 10^6 keys) 569 keys have more than t, 284 of them less than 2 t. That one of
//    these is among the first twenty has the probability 284 (20 / kWidth)^2 = 1 : 10,000,
//    and then it is there for almost every division.
#include "sim/sketch/heavy_hitters.h"

#include <algorithm>
#include <numeric>
#include <tuple>
#include <utility>

namespace keyway::sim {
namespace {

constexpr uint64_t kMaxRecent = UINT32_MAX;
// What is heavier is added to the large counters at once, so that settling is seldom.
constexpr uint64_t kMaxSmall = kMaxRecent / 4096;
constexpr size_t kCells = HeavyHitters::kRows * HeavyHitters::kWidth;
// So that sweeps are far apart.
constexpr size_t kAfterSweep = HeavyHitters::kMaxCandidates * 3 / 4;

// The least whole weight that is `times` / kShare of the total.
uint64_t Threshold(uint64_t total, uint64_t times = 1) {
  return (times * total + HeavyHitters::kShare - 1) / HeavyHitters::kShare;
}

}  // namespace

HeavyHitters::HeavyHitters(uint64_t total, std::span<const uint64_t> cells,
                           std::span<const Candidate> candidates)
    : total_(total) {
  if (total == 0) return;
  recent_.resize(kCells);
  settled_.assign(cells.begin(), cells.end());
  settled_.resize(kCells);
  for (const Candidate& candidate : candidates) {
    candidates_[candidate.fingerprint] = {.weight = candidate.seen, .name = candidate.name};
  }
}

// Rows take bits of the fingerprint that do not overlap.
HeavyHitters::Cells HeavyHitters::CellsOf(uint64_t fingerprint) {
  Cells cells;
  for (uint32_t row = 0; row < kRows; ++row) {
    cells[row] = static_cast<uint32_t>(row * kWidth + fingerprint % kWidth);
    fingerprint /= kWidth;
  }
  return cells;
}

void HeavyHitters::AddEach(std::span<const uint64_t> fingerprints,
                           std::span<const std::string_view> keys) {
  if (MakeRoomInRecent(keys.size())) {
    AddSmall(fingerprints, keys, [](size_t) { return 1u; });
  } else {
    for (size_t i = 0; i < keys.size(); ++i) Add(fingerprints[i], keys[i], 1);
  }
}

void HeavyHitters::AddEach(std::span<const uint64_t> fingerprints,
                           std::span<const std::string_view> keys,
                           std::span<const uint64_t> weights) {
  const bool small = std::ranges::all_of(weights, [](uint64_t w) { return w <= kMaxSmall; });
  if (small && MakeRoomInRecent(std::reduce(weights.begin(), weights.end()))) {
    AddSmall(fingerprints, keys, [&](size_t i) { return static_cast<uint32_t>(weights[i]); });
  } else {
    for (size_t i = 0; i < keys.size(); ++i) Add(fingerprints[i], keys[i], weights[i]);
  }
}

// First counts all keys and gathers those that may be heavy, without a branch that cannot be
// foreseen; then looks at these.
template <typename WeightOf>
void HeavyHitters::AddSmall(std::span<const uint64_t> fingerprints,
                            std::span<const std::string_view> keys, const WeightOf& weight_of) {
  constexpr size_t kAtATime = 64;
  std::array<uint8_t, kAtATime> heavy;
  for (size_t begin = 0; begin < keys.size(); begin += kAtATime) {
    const size_t count = std::min(kAtATime, keys.size() - begin);
    uint32_t* const recent = recent_.data();
    const uint64_t* const settled = settled_.empty() ? nullptr : settled_.data();
    uint64_t total = total_;
    size_t heavy_count = 0;
    for (size_t i = 0; i < count; ++i) {
      const uint32_t weight = weight_of(begin + i);
      const Cells cells = CellsOf(fingerprints[begin + i]);
      for (const uint32_t cell : cells) recent[cell] += weight;
      total += weight;
      uint64_t first_row = recent[cells[0]];
      if (settled != nullptr) first_row += settled[cells[0]];
      heavy[heavy_count] = static_cast<uint8_t>(i);
      heavy_count += kShare * first_row >= total;
    }
    recent_total_ += total - total_;
    total_ = total;
    for (size_t i = 0; i < heavy_count; ++i) {
      const size_t key = begin + heavy[i];
      NoteIfHeavy(fingerprints[key], keys[key], weight_of(key));
    }
  }
}

void HeavyHitters::Add(uint64_t fingerprint, std::string_view key, uint64_t weight) {
  if (weight == 0) return;
  const Cells cells = CellsOf(fingerprint);
  if (MakeRoomInRecent(weight)) {
    for (const uint32_t cell : cells) recent_[cell] += static_cast<uint32_t>(weight);
    recent_total_ += weight;
  } else {
    settled_.resize(kCells);
    for (const uint32_t cell : cells) settled_[cell] += weight;
  }
  total_ += weight;
  NoteIfHeavy(fingerprint, key, weight);
}

// Whether so much can be added to the small counters now.
bool HeavyHitters::MakeRoomInRecent(uint64_t weight) {
  recent_.resize(kCells);
  if (weight > kMaxSmall) return false;
  if (weight > kMaxRecent - recent_total_) Settle();
  return true;
}

void HeavyHitters::Settle() {
  settled_.resize(kCells);
  for (size_t cell = 0; cell < kCells; ++cell) settled_[cell] += std::exchange(recent_[cell], 0);
  recent_total_ = 0;
}

uint64_t HeavyHitters::CountOf(uint32_t cell) const {
  return recent_[cell] + (settled_.empty() ? 0 : settled_[cell]);
}

uint64_t HeavyHitters::Estimate(uint64_t fingerprint) const {
  uint64_t least = UINT64_MAX;
  for (const uint32_t cell : CellsOf(fingerprint)) least = std::min(least, CountOf(cell));
  return least;
}

void HeavyHitters::NoteIfHeavy(uint64_t fingerprint, std::string_view key, uint64_t weight) {
  if (weight == 0 || Estimate(fingerprint) < Threshold(total_)) return;
  const auto [found, added] = candidates_.try_emplace(fingerprint);
  found->second.weight += weight;
  if (!added) return;
  found->second.name = key.substr(0, kMaxNameBytes);
  if (candidates_.size() > kMaxCandidates) Sweep();
}

void HeavyHitters::Sweep() {
  const uint64_t threshold = Threshold(total_);
  absl::erase_if(candidates_,
                 [&](const auto& candidate) { return Estimate(candidate.first) < threshold; });
  if (candidates_.size() <= kAfterSweep) return;

  // No more than kShare keys can be that heavy, and so most of these are estimates that are
  // too high, of keys that were made to collide.
  std::vector<std::pair<uint64_t, uint64_t>> lightest;
  lightest.reserve(candidates_.size());
  for (const auto& [fingerprint, seen] : candidates_) {
    lightest.emplace_back(Estimate(fingerprint), fingerprint);
  }
  const auto end = lightest.end() - kAfterSweep;
  std::ranges::nth_element(lightest, end);
  std::for_each(lightest.begin(), end, [this](const auto& key) { candidates_.erase(key.second); });
}

void HeavyHitters::Merge(const HeavyHitters& other) {
  if (other.empty()) return;
  recent_.resize(kCells);
  settled_.resize(kCells);
  total_ += other.total_;
  for (uint32_t cell = 0; cell < kCells; ++cell) settled_[cell] += other.CountOf(cell);
  const uint64_t threshold = Threshold(other.total_);
  for (const auto& [fingerprint, seen] : other.candidates_) {
    if (other.Estimate(fingerprint) < threshold) continue;  // as if it had been swept
    Seen& here = candidates_[fingerprint];
    here.weight += seen.weight;
    here.name = seen.name;
  }
  if (candidates_.size() > kMaxCandidates) Sweep();
}

std::vector<HeavyHitters::Heavy> HeavyHitters::Top(size_t count) const {
  struct Found {
    uint64_t estimate;
    const std::string* name;
    uint64_t fingerprint;  // where names are equal because they were cut
  };
  std::vector<Found> found;
  for (const auto& [fingerprint, seen] : candidates_) {
    const uint64_t estimate = Estimate(fingerprint);
    if (seen.weight < Threshold(total_) || estimate < Threshold(total_, 3)) continue;
    found.push_back({estimate, &seen.name, fingerprint});
  }
  std::ranges::sort(found, [](const Found& a, const Found& b) {
    if (a.estimate != b.estimate) return a.estimate > b.estimate;
    return std::tie(*a.name, a.fingerprint) < std::tie(*b.name, b.fingerprint);
  });
  std::vector<Heavy> top;
  for (const Found& one : found) {
    if (top.size() == count) break;
    top.push_back({.name = *one.name, .estimate = one.estimate});
  }
  return top;
}

std::vector<uint64_t> HeavyHitters::cells() const {
  std::vector<uint64_t> cells(recent_.size());
  for (uint32_t cell = 0; cell < cells.size(); ++cell) cells[cell] = CountOf(cell);
  return cells;
}

std::vector<HeavyHitters::Candidate> HeavyHitters::candidates() const {
  std::vector<Candidate> candidates;
  candidates.reserve(candidates_.size());
  for (const auto& [fingerprint, seen] : candidates_) {
    candidates.push_back({.fingerprint = fingerprint, .seen = seen.weight, .name = seen.name});
  }
  std::ranges::sort(candidates, {}, &Candidate::fingerprint);
  return candidates;
}

}  // namespace keyway::sim

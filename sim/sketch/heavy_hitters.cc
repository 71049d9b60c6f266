// Why any parts lead to the same answer. Let T be the weight of a part, t = T / kShare, and
// f that of a key in it.
//
// 1. A key becomes a candidate when its estimate, which is at least the weight it had so far,
//    reaches 1 / kShare of the total so far. A candidate is dropped only when its estimate is
//    below that share. So what it had before it last became one is less than t, and so is
//    all it had if it is none in the end: always seen > f - t.
// 2. Sums of the parts: T, f, t and seen add up, and 1 holds for the whole; also when a merge
//    drops candidates, because that is by the estimates in the merged part.
// 3. Top() wants seen >= t. Of the whole, this holds for f >= 2 t, and not for f < t, in
//    whatever parts it came. It also keeps out light keys that share all their cells with
//    heavy ones.
// 4. Between the two it may be one or the other; and so Top() also wants an estimate of 3 t,
//    which such a key has only if its cells have t too much in every row. With the 500 keys
//    above t and the 270 between t and 2 t of a Zipf distribution with s = 1 this is one case
//    in 4,000 for any of them, and one in 10^9 for the first twenty.
#include "sim/sketch/heavy_hitters.h"

#include <algorithm>
#include <utility>

namespace keyway::sim {
namespace {

constexpr uint64_t kMaxRecent = UINT32_MAX;
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
  Allocate();
  std::copy_n(cells.begin(), std::min(cells.size(), counts_.size()), counts_.begin());
  for (const Candidate& candidate : candidates) {
    candidates_[candidate.fingerprint] = {.weight = candidate.seen, .name = candidate.name};
  }
}

void HeavyHitters::Allocate() {
  recent_.resize(kRows * kWidth);
  counts_.resize(kRows * kWidth);
}

// Rows take bits of the fingerprint that do not overlap.
HeavyHitters::Cells HeavyHitters::CellsOf(uint64_t fingerprint) {
  Cells cells;
  for (uint32_t row = 0; row < kRows; ++row) {
    cells[row] = row * kWidth + fingerprint % kWidth;
    fingerprint /= kWidth;
  }
  return cells;
}

void HeavyHitters::Add(uint64_t fingerprint, std::string_view key, uint64_t weight) {
  if (counts_.empty()) Allocate();
  total_ += weight;
  if (recent_total_ + weight > kMaxRecent) Settle();
  const Cells cells = CellsOf(fingerprint);
  if (weight > kMaxRecent) {
    for (const uint32_t cell : cells) counts_[cell] += weight;
  } else {
    recent_total_ += weight;
    for (const uint32_t cell : cells) recent_[cell] += static_cast<uint32_t>(weight);
  }
  if (Estimate(fingerprint) >= Threshold(total_)) AddToCandidate(fingerprint, key, weight);
}

void HeavyHitters::Settle() {
  for (size_t cell = 0; cell < counts_.size(); ++cell) {
    counts_[cell] += std::exchange(recent_[cell], 0);
  }
  recent_total_ = 0;
}

uint64_t HeavyHitters::Estimate(uint64_t fingerprint) const {
  uint64_t least = UINT64_MAX;
  for (const uint32_t cell : CellsOf(fingerprint)) {
    least = std::min(least, counts_[cell] + recent_[cell]);
  }
  return least;
}

void HeavyHitters::AddToCandidate(uint64_t fingerprint, std::string_view key, uint64_t weight) {
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

  // More than kShare keys cannot be that heavy, and so these are estimates that are far too
  // high, of keys made to collide.
  std::vector<std::pair<uint64_t, uint64_t>> lightest;
  for (const auto& [fingerprint, seen] : candidates_) {
    lightest.emplace_back(Estimate(fingerprint), fingerprint);
  }
  const auto end = lightest.end() - kAfterSweep;
  std::ranges::nth_element(lightest, end);
  std::for_each(lightest.begin(), end, [this](const auto& key) { candidates_.erase(key.second); });
}

void HeavyHitters::Merge(const HeavyHitters& other) {
  if (other.empty()) return;
  if (empty()) Allocate();
  total_ += other.total_;
  for (size_t cell = 0; cell < counts_.size(); ++cell) {
    counts_[cell] += other.counts_[cell] + other.recent_[cell];
  }
  for (const auto& [fingerprint, seen] : other.candidates_) {
    Seen& here = candidates_[fingerprint];
    here.weight += seen.weight;
    if (here.name.empty()) here.name = seen.name;
  }
  if (candidates_.size() > kMaxCandidates) Sweep();
}

std::vector<HeavyHitters::Heavy> HeavyHitters::Top(size_t count) const {
  std::vector<Heavy> top;
  for (const auto& [fingerprint, seen] : candidates_) {
    const uint64_t estimate = Estimate(fingerprint);
    if (seen.weight < Threshold(total_) || estimate < Threshold(total_, 3)) continue;
    top.push_back({.name = seen.name, .estimate = estimate});
  }
  std::ranges::sort(top, [](const Heavy& a, const Heavy& b) {
    return a.estimate != b.estimate ? a.estimate > b.estimate : a.name < b.name;
  });
  if (top.size() > count) top.resize(count);
  return top;
}

std::vector<uint64_t> HeavyHitters::cells() const {
  std::vector<uint64_t> cells = counts_;
  for (size_t cell = 0; cell < cells.size(); ++cell) cells[cell] += recent_[cell];
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

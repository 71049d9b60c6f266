#include "sim/study/slot_table.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "absl/status/status.h"
#include "absl/strings/str_format.h"

namespace keyway::sim {
namespace {

absl::Status Check(size_t slots, std::span<const uint32_t> weights) {
  const auto servers =
      weights.size() - static_cast<size_t>(std::ranges::count(weights, uint32_t{0}));
  if (servers > 0 && servers <= slots) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrFormat("slots: %d slots cannot be dealt out to %d servers", slots, servers));
}

uint64_t Sum(std::span<const uint32_t> weights) {
  return std::accumulate(weights.begin(), weights.end(), uint64_t{0});
}

}  // namespace

absl::StatusOr<SlotTable> SlotTable::Make(uint32_t slots, std::span<const uint32_t> weights) {
  if (absl::Status status = Check(slots, weights); !status.ok()) return status;
  SlotTable table;
  const uint64_t total = Sum(weights);
  uint64_t sum = 0;
  for (uint32_t server = 0; server < weights.size(); ++server) {
    sum += weights[server];
    table.servers_.resize((2 * sum * slots + total) / (2 * total), server);
  }
  return table;
}

absl::Status SlotTable::Reshard(std::span<const uint32_t> weights) {
  if (absl::Status status = Check(servers_.size(), weights); !status.ok()) return status;
  std::vector<uint64_t> have(weights.size()), due(weights.size());
  for (const uint32_t server : servers_) ++have[server];
  const uint64_t total = Sum(weights);
  uint64_t left = servers_.size();
  for (size_t server = 0; server < weights.size(); ++server) {
    due[server] = servers_.size() * weights[server] / total;
    left -= due[server];
  }
  // One more to those who are farthest above: they give away one less.
  std::vector<uint32_t> by_surplus(weights.size());
  std::iota(by_surplus.begin(), by_surplus.end(), 0u);
  std::erase_if(by_surplus, [weights](uint32_t server) { return weights[server] == 0; });
  std::ranges::stable_sort(by_surplus, std::greater<>(), [&](uint32_t server) {
    return static_cast<int64_t>(have[server]) - static_cast<int64_t>(due[server]);
  });
  for (uint64_t count = 0; count < left; ++count) ++due[by_surplus[count % by_surplus.size()]];

  uint32_t taker = 0;
  for (uint32_t& server : servers_) {
    if (have[server] <= due[server]) continue;
    while (have[taker] >= due[taker]) ++taker;
    --have[server];
    server = taker;
    ++have[taker];
  }
  return absl::OkStatus();
}

}  // namespace keyway::sim

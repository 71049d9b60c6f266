#include "sim/statistics.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace keyway::sim {
namespace {

// The mean load is 1, because each server counts by its fair share.
void ComputeSpread(Figures& figures) {
  double min = figures.servers.front().load, max = min, variance = 0;
  for (const ServerFigures& server : figures.servers) {
    min = std::min(min, server.load);
    max = std::max(max, server.load);
    variance += server.fair_share * (server.load - 1) * (server.load - 1);
  }
  figures.max_to_mean = max;
  figures.min_to_mean = min;
  figures.variation = std::sqrt(variance);
}

}  // namespace

Figures ComputeFigures(const PoolConfig& pool, const Tally& tally) {
  double weights = 0;
  for (const ServerConfig& server : pool.servers) weights += server.weight;

  Figures figures;
  figures.keys = tally.total();
  for (size_t i = 0; i < pool.servers.size(); ++i) {
    const ServerConfig& server = pool.servers[i];
    ServerFigures row = {.name = server.name, .weight = server.weight, .keys = tally.keys(i)};
    row.fair_share = server.weight / weights;
    if (figures.keys > 0) {
      row.share = static_cast<double>(row.keys) / static_cast<double>(figures.keys);
      row.load = row.share / row.fair_share;
    }
    figures.servers.push_back(row);
  }
  if (figures.keys > 0) ComputeSpread(figures);
  return figures;
}

}  // namespace keyway::sim

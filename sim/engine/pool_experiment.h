// For tests: how a pool of a configuration file places keys.
#ifndef KEYWAY_SIM_ENGINE_POOL_EXPERIMENT_H_
#define KEYWAY_SIM_ENGINE_POOL_EXPERIMENT_H_

#include "proxy/config/config.h"
#include "sim/engine/experiment.h"

namespace keyway::sim {

// Servers in the order of the file.
inline Experiment ExperimentOfPool(const PoolConfig& pool) {
  Experiment experiment;
  Scenario& scenario = experiment.scenarios.emplace_back();
  scenario.id = pool.name;
  scenario.options = {
      .hash = pool.hash, .hash_tag = pool.hash_tag, .distribution = pool.distribution};
  for (const ServerConfig& server : pool.servers) {
    scenario.servers.push_back(experiment.servers.size());
    scenario.members.push_back({.name = server.name, .weight = server.weight});
    experiment.servers.push_back({.address = server.name, .name = server.name});
  }
  return experiment;
}

}  // namespace keyway::sim

#endif  // KEYWAY_SIM_ENGINE_POOL_EXPERIMENT_H_

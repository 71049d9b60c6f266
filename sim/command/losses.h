// Servers that are lost together, and the pool without them: what the proxy routes by
// after it has ejected them.
#ifndef KEYWAY_SIM_COMMAND_LOSSES_H_
#define KEYWAY_SIM_COMMAND_LOSSES_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "sim/engine/experiment.h"

namespace keyway::sim {

// What fails as one: a server, or all servers of a host.
struct Machine {
  std::string name = {};
  std::vector<size_t> servers = {};  // of the experiment
};

// Each address by itself; or, `by_host`, those that differ in the port only together.
std::vector<Machine> MachinesOf(const std::vector<Server>& servers, bool by_host);

// Some of `machines` of them at a time: all combinations if these are at most `limit`,
// otherwise `limit` different ones by chance, the same for the same seed. In order.
struct Combinations {
  std::vector<std::vector<size_t>> chosen = {};  // indices of machines, ascending
  bool all = true;
};
Combinations Choose(size_t machines, size_t lost, size_t limit, uint64_t seed);

// The base scenario without the members on `lost` servers. The rest is placed anew, as
// the proxy does: with ketama even the numbers of points may change, which are rounded.
Scenario Without(const Scenario& base, const std::vector<size_t>& lost, std::string id);

// A load after a loss, in fair shares of when all servers were alive: 1 is what a server
// has to bear in a perfect balance of all, n / (n - 1) when one of n is lost.
struct LossEffect {
  double lost_share = 0;   // of everything: what the lost servers had
  double churn_share = 0;  // what moves although its server lives
  double worst_load = 0;
  size_t worst_server = 0;
  std::vector<double> loads = {};  // by server; 0 for those without members
};

// `fair` are the weights of all servers; `before` and `after` their loads.
LossEffect EffectOf(const std::vector<double>& fair, const std::vector<double>& before,
                    const std::vector<double>& after, double moved,
                    const std::vector<size_t>& lost);

}  // namespace keyway::sim

#endif  // KEYWAY_SIM_COMMAND_LOSSES_H_

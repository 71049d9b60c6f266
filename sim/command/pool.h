// From a configuration file to what an experiment takes.
#ifndef KEYWAY_SIM_COMMAND_POOL_H_
#define KEYWAY_SIM_COMMAND_POOL_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "hashing/placement.h"
#include "proxy/config/config.h"
#include "sim/command/files.h"
#include "sim/engine/experiment.h"

namespace CLI {
class App;
}

namespace keyway::sim {

// One pool of a file.
struct Pool {
  PoolConfig config = {};
  std::string file = {};
  std::vector<std::string> warnings = {};  // lines as the proxy shows them
};

// Which pool.
struct PoolOptions {
  std::string file;
  std::string name;  // empty: the only one

  // `option` is --config or the like.
  void AddTo(CLI::App& app, const std::string& option, const std::string& help);
};

// Errors are those of the proxy, with their places.
absl::StatusOr<Pool> ReadPool(const PoolOptions& options, Files& files);

hashing::PlacementOptions PlacementOptionsOf(const PoolConfig& pool);
std::vector<hashing::Member> MembersOf(const PoolConfig& pool);

// "3 servers, ketama, murmur, hash tag {}".
std::string Describe(const PoolConfig& pool);
std::string Describe(const hashing::PlacementOptions& options);

// Adds the servers of a pool to those of the experiment, each address once, and returns
// the scenario of all of them. What the experiment calls a server is what the latest
// pool calls it.
Scenario AddPool(const PoolConfig& pool, std::string id, Experiment& experiment);

// Servers that two files call the same are told apart by their addresses.
void TellApart(std::vector<Server>& servers);

// By server of an experiment with `servers` of them: the sum of the weights that it has in
// the scenario; 0 where it is not part of it.
std::vector<double> Weights(const Scenario& scenario, size_t servers);

// What servers should have, where that is not what their weights say: a pool whose weights
// were tuned to its ring still wants its servers evenly full.
struct FairOptions {
  std::string text;  // empty: the weights; "equal"; or a file with other weights

  void AddTo(CLI::App& app);
};

// By server, as Weights has it. In a file, servers are found by their addresses, in the
// pool of that name; each server of the scenario has to be there.
absl::StatusOr<std::vector<double>> FairWeights(const FairOptions& options, const Pool& pool,
                                                const Experiment& experiment, Files& files);

}  // namespace keyway::sim

#endif  // KEYWAY_SIM_COMMAND_POOL_H_

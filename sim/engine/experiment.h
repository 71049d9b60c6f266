// Records through the proxy's own placements into a tally, on all cores. All commands are
// experiments: they differ in their scenarios and in what they draw from the tally.
#ifndef KEYWAY_SIM_ENGINE_EXPERIMENT_H_
#define KEYWAY_SIM_ENGINE_EXPERIMENT_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "hashing/placement.h"
#include "sim/engine/input.h"
#include "sim/engine/tally.h"
#include "sim/source/source.h"

namespace keyway::sim {

// A place for keys. Two files name the same server if the address is the same, whatever
// they call it.
struct Server {
  std::string address = {};  // host:port, or the path of a socket
  std::string name = {};     // for people: of the newest file that has it
};

// One way to place keys: all servers of a file, the same without some of them, another
// hash function.
struct Scenario {
  std::string id = {};  // unique in its experiment
  hashing::PlacementOptions options = {};
  std::vector<hashing::Member> members = {};
  std::vector<size_t> servers = {};  // of each member: index into Experiment::servers
  bool matrix = false;               // whether to count from which server to which keys moved
};

struct Experiment {
  std::vector<Server> servers = {};
  std::vector<Scenario> scenarios = {};  // at least one; the first is the base
  // Whether to find the keys with most requests; in a census, with most bytes, or those
  // that come most often where nothing but keys is known.
  bool hot_keys = false;
};

struct RunOptions {
  int threads = 0;  // 0: one for each processor
  // Is told now and then how far the sources are, on the thread that called Run.
  std::function<void(uint64_t done, uint64_t in_all)> on_progress = {};
};

struct Outcome {
  Tally tally = {};
  InputReport input = {};
};

// The tally of no records, to which parts are added.
Tally EmptyTally(const Experiment& experiment);

// Reads the sources to their ends. Fails where a source does, and where a scenario cannot
// be placed (unknown names, "random", which places no key twice alike).
absl::StatusOr<Outcome> Run(const Experiment& experiment,
                            std::vector<std::unique_ptr<Source>> sources,
                            const RunOptions& options);

}  // namespace keyway::sim

#endif  // KEYWAY_SIM_ENGINE_EXPERIMENT_H_

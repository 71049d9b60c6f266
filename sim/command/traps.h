// Known traps of sharding that a configuration can be in.
#ifndef KEYWAY_SIM_COMMAND_TRAPS_H_
#define KEYWAY_SIM_COMMAND_TRAPS_H_

#include <string>
#include <vector>

#include "proxy/config/config.h"

namespace keyway::sim {

// Of this pool, each in a sentence: besides those that the proxy itself warns of.
std::vector<std::string> TrapsOf(const PoolConfig& pool);

// Whether a hash tag gathers keys on few servers: the greatest load / fair share of
// `pool` with its tag and without it. Empty if not.
std::string HashTagTrap(const PoolConfig& pool, double peak_with, double peak_without);

// Whether one key alone makes its server too full, whatever the placement: its part of
// everything, and the fair share of its server. Empty if not.
std::string HotKeyTrap(const std::string& key, double key_share, double fair_share);

}  // namespace keyway::sim

#endif  // KEYWAY_SIM_COMMAND_TRAPS_H_

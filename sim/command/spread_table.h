// How evenly each measure lies on the servers, as a table that several reports share.
#ifndef KEYWAY_SIM_COMMAND_SPREAD_TABLE_H_
#define KEYWAY_SIM_COMMAND_SPREAD_TABLE_H_

#include <span>
#include <string>
#include <vector>

#include "proxy/config/config.h"
#include "sim/command/measure.h"
#include "sim/report/report.h"

namespace keyway::sim {

// Facts: the pool, its hash function, tag and distribution.
void AddPoolFacts(const PoolConfig& pool, Report& report);

// A row for each load. `owned` are the servers' parts of the hash space, or empty.
Table SpreadTable(std::span<const Load> loads, std::span<const double> fair,
                  std::span<const double> owned);

// Each by the sum of all; zeros if that is 0.
std::vector<double> Shares(std::span<const double> loads);

// "Keys by server", or "Different keys by server (estimates)".
std::string TitleOf(const Load& load);

}  // namespace keyway::sim

#endif  // KEYWAY_SIM_COMMAND_SPREAD_TABLE_H_

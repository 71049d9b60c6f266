// Reports as the commands make them, and harder ones, for the tests of the formats.
#ifndef KEYWAY_SIM_REPORT_SAMPLES_H_
#define KEYWAY_SIM_REPORT_SAMPLES_H_

#include <string>
#include <vector>

#include "sim/report/report.h"

namespace keyway::sim {

// One of everything that a report can hold, and small.
Report SmallReport();

struct Sample {
  std::string name;
  Report report;
};

// balance, diff, failures, check, …: one for each kind of report; "hostile", whose names
// and keys attack whatever shows them; "empty"; and "large", with thousands of servers.
std::vector<Sample> Samples();

}  // namespace keyway::sim

#endif  // KEYWAY_SIM_REPORT_SAMPLES_H_

// What verify found, as a report.
#ifndef KEYWAY_SIM_COMMAND_VERIFY_REPORT_H_
#define KEYWAY_SIM_COMMAND_VERIFY_REPORT_H_

#include <cstddef>

#include "sim/command/pool.h"
#include "sim/engine/experiment.h"
#include "sim/report/report.h"
#include "sim/verify/verify.h"

namespace keyway::sim {

// The experiment is the pool alone, as AddPool makes it. Of long lists of keys `listed` are
// shown.
Report VerifyReport(const Pool& pool, const Experiment& experiment, const Findings& findings,
                    size_t listed);

}  // namespace keyway::sim

#endif  // KEYWAY_SIM_COMMAND_VERIFY_REPORT_H_

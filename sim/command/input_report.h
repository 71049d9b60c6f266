// What a report says of the input: sums only, which are the same in whatever parts it was
// read.
#ifndef KEYWAY_SIM_COMMAND_INPUT_REPORT_H_
#define KEYWAY_SIM_COMMAND_INPUT_REPORT_H_

#include "sim/engine/input.h"
#include "sim/engine/tally.h"
#include "sim/report/report.h"

namespace keyway::sim {

// Facts: records, and what they add up to; bad lines and skipped records, where there are
// any.
void AddInputFacts(const InputReport& input, const Tally& tally, Report& report);

}  // namespace keyway::sim

#endif  // KEYWAY_SIM_COMMAND_INPUT_REPORT_H_

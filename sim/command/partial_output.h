// Partial results as output.
#ifndef KEYWAY_SIM_COMMAND_PARTIAL_OUTPUT_H_
#define KEYWAY_SIM_COMMAND_PARTIAL_OUTPUT_H_

#include "absl/status/status.h"
#include "sim/command/command.h"
#include "sim/partial/partial.h"

namespace keyway::sim {

// Writes a line to the context's output.
absl::Status PutPartial(const PartialPlan& plan, const Outcome& outcome, const Context& context);

}  // namespace keyway::sim

#endif  // KEYWAY_SIM_COMMAND_PARTIAL_OUTPUT_H_

#include "sim/command/partial_output.h"

#include <string>

namespace keyway::sim {

absl::Status PutPartial(const PartialPlan& plan, const Outcome& outcome, const Context& context) {
  const absl::StatusOr<std::string> line = WritePartial(plan, outcome.tally, outcome.input);
  if (!line.ok()) return line.status();
  context.output << *line << '\n' << std::flush;
  return context.output ? absl::OkStatus()
                        : absl::UnavailableError("the partial result cannot be written");
}

}  // namespace keyway::sim

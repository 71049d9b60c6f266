// From file names to a report: what the command line asks for, without a command line.
#ifndef KEYWAY_SIM_SIMULATE_H_
#define KEYWAY_SIM_SIMULATE_H_

#include <ostream>
#include <string>

#include "absl/status/statusor.h"
#include "sim/report/report.h"
#include "sim/source/lines.h"

namespace keyway::sim {

struct Task {
  std::string config_file;
  std::string pool;       // empty: the only one
  std::string keys_file;  // "-": the standard input
  KeyFormat key_format = KeyFormat::kPlain;
  std::string directory;  // where relative names start; empty: the working directory
  bool progress = false;  // whether messages go to a terminal that may show progress
};

// Places the keys of a file on the servers of a pool. Warnings, and progress if wanted, go
// to `messages`. Errors are lines for the user, which name the file and the line.
absl::StatusOr<Report> Simulate(const Task& task, std::ostream& messages);

}  // namespace keyway::sim

#endif  // KEYWAY_SIM_SIMULATE_H_

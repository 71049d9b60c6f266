// What the user writes after "zipf:", "sequence:", "template:" or "uniform:", as data.
#ifndef KEYWAY_SIM_SOURCE_SYNTHETIC_WORKLOAD_H_
#define KEYWAY_SIM_SOURCE_SYNTHETIC_WORKLOAD_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "sim/source/synthetic/key_template.h"
#include "sim/source/synthetic/sizes.h"
#include "sim/source/synthetic/zipf.h"

namespace keyway::sim {

// Records are made in blocks of this many, each from the seed and its own number, so that
// any thread and any process may make any of them.
inline constexpr uint64_t kRecordsPerBlock = 16 * 1024;

struct Workload {
  KeyTemplate names;
  uint64_t keys = 0;  // ids go from `start` on
  uint64_t start = 1;
  uint64_t requests = 0;        // 0: a census, which has each key once, in order
  std::optional<Zipf> popular;  // none: each key is asked for as often
  double reads = 1;             // the part of the requests that read
  std::optional<Sizes> sizes;   // of each key's value
  uint64_t seed = 1;
  uint64_t first_block = 0;  // of the part that is asked for
  uint64_t end_block = 0;

  uint64_t records() const { return requests > 0 ? requests : keys; }
};

// What a kind of source is if nothing else is said.
struct WorkloadKind {
  std::string_view name;   // with the colon
  std::string_view names;  // a template; empty: the text up to the first option
  bool zipf = false;       // requests by popularity
};

// `details` are options, NAME=VALUE, with commas between them. A comma that no name of an
// option follows belongs to the value before it. Errors are lines for the user.
absl::StatusOr<Workload> ParseWorkload(const WorkloadKind& kind, std::string_view details);

}  // namespace keyway::sim

#endif  // KEYWAY_SIM_SOURCE_SYNTHETIC_WORKLOAD_H_

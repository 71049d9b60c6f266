// The general experiment on distributions themselves, without anybody's keys: many fleets
// of each kind, measured and put together.
#ifndef KEYWAY_SIM_STUDY_STUDY_H_
#define KEYWAY_SIM_STUDY_STUDY_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "sim/study/repetition.h"
#include "sim/study/scheme.h"

namespace keyway::sim {

struct StudyOptions {
  // A case is each scheme with each number of servers and each parameter.
  std::vector<std::string> schemes = {"ketama"};
  std::vector<uint32_t> servers = {10};
  std::vector<uint32_t> parameters = {};  // empty: each scheme's usual one
  std::vector<uint32_t> weights = {};     // as in Setup, like all that follows
  std::string labels = "server{id}";
  uint64_t keys = 100'000;
  bool sampled = false;
  std::optional<double> zipf = {};  // the exponent of the keys' popularity
  uint32_t add = 0;
  uint32_t remove = 0;
  uint32_t repetitions = 1;
  double interval = 0.99;  // the part of the servers that lies between low and high
  uint64_t seed = 1;
  int threads = 0;  // 0: one for each processor
  // Is told now and then how many repetitions are done, on the thread that called.
  std::function<void(uint64_t done, uint64_t in_all)> on_progress = {};
};

// Several values of one figure, of different repetitions.
struct Sample {
  double mean = 0;
  double median = 0;
  double p95 = 0;
};

struct MovementSummary {
  double needed = 0;  // the mean, like those below
  double moved = 0;
  double between_staying = 0;
  std::optional<double> evenness = {};  // probability of all repetitions together
};

// All repetitions of a case.
struct CaseResult {
  const SchemeKind* kind = nullptr;
  uint32_t servers = 0;
  uint32_t parameter = 0;
  bool exact = false;
  // Of load / fair share over all servers of all repetitions. The mean is 1.
  double deviation = 0;
  double low = 0, high = 0;  // the ends of the interval
  Sample peak = {}, trough = {};
  // What theory has for the deviation on a ring of random points and equal weights.
  std::optional<double> expected_deviation = {};
  std::optional<double> chance = {};  // probability of all repetitions together
  std::optional<double> spilled = {};
  std::optional<MovementSummary> added = {};
  std::optional<MovementSummary> removed = {};
  Repetition first = {};
};

// Fails where an option makes no sense or a scheme refuses, with a line for the user.
absl::StatusOr<std::vector<CaseResult>> RunStudy(const StudyOptions& options);

// The value below which that part of `values` lies, which are not empty: linear between
// the order statistics (type 7 of Hyndman and Fan, 1996).
double Quantile(std::vector<double> values, double part);

}  // namespace keyway::sim

#endif  // KEYWAY_SIM_STUDY_STUDY_H_

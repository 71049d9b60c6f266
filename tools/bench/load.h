// Load: many clients, one thread.
#ifndef KEYWAY_TOOLS_BENCH_LOAD_H_
#define KEYWAY_TOOLS_BENCH_LOAD_H_

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "tools/bench/client.h"
#include "tools/bench/latencies.h"

namespace keyway::bench {

struct LoadOptions {
  std::string endpoint;  // as in Connect()
  Group measured;
  Group beside;  // only load the proxy: none of their replies count

  // Closed loop (rate 0): each client sends `pipeline` requests at once, waits for all
  // replies, and begins again. Open loop: requests come by chance (Poisson), so many a
  // second over all clients, whether or not replies keep up, and latency counts from when
  // a request was due. Those beside are always in closed loop.
  double rate = 0;

  std::chrono::nanoseconds warm_up{0};
  std::chrono::nanoseconds duration{0};
  uint64_t requests = 0;  // instead of a duration, if above 0: exactly so many, in closed loop

  std::vector<int> processes;  // whose processor time is measured
};

struct LoadResult {
  std::chrono::nanoseconds duration{0};
  uint64_t replies = 0;  // within the duration
  // Of these, and of those that came later to requests of that time: who waits longest is
  // not left out for having waited too long.
  Latencies latencies;
  std::vector<std::chrono::nanoseconds> cpu_times;  // in the order of LoadOptions::processes
  std::chrono::nanoseconds own_cpu_time{0};
};

// Runs it and checks every reply, those before and after the measured time too. Fails at
// the first wrong one, when a connection ends, or when no reply comes for ten seconds.
absl::StatusOr<LoadResult> RunLoad(const LoadOptions& options);

}  // namespace keyway::bench

#endif  // KEYWAY_TOOLS_BENCH_LOAD_H_

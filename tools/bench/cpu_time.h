// What processes cost.
#ifndef KEYWAY_TOOLS_BENCH_CPU_TIME_H_
#define KEYWAY_TOOLS_BENCH_CPU_TIME_H_

#include <chrono>

namespace keyway::bench {

// The processor time that the threads of a process have had so far, from the scheduler's
// clock (/proc/PID/task/*/schedstat). Includes what the kernel did within their system
// calls. 0 for a process that is not there.
std::chrono::nanoseconds CpuTimeOf(int pid);

}  // namespace keyway::bench

#endif  // KEYWAY_TOOLS_BENCH_CPU_TIME_H_

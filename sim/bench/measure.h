// One measurement, in a process of its own: so that its peak of memory is known, and none
// inherits the caches and the heap of another.
#ifndef KEYWAY_SIM_BENCH_MEASURE_H_
#define KEYWAY_SIM_BENCH_MEASURE_H_

#include <cstdint>
#include <functional>

namespace keyway::sim {

struct Measured {
  double seconds = 0;       // by the clock
  double core_seconds = 0;  // of processors, all threads together
  uint64_t records = 0;     // what `work` returned
  uint64_t peak_bytes = 0;  // resident
};

// The best of `times` runs of `work`, by each figure, each in a child; ends the program where one
// fails.
Measured Measure(int times, const std::function<uint64_t()>& work);

}  // namespace keyway::sim

#endif  // KEYWAY_SIM_BENCH_MEASURE_H_

// Seeds of tests that draw something else every time they run.
#ifndef KEYWAY_PROXY_TESTING_SEED_H_
#define KEYWAY_PROXY_TESTING_SEED_H_

#include <cstdint>

namespace keyway {

// The one of --gtest_random_seed, to repeat a run; otherwise the time's. Tests print it.
uint32_t SeedOfThisRun();

}  // namespace keyway

#endif  // KEYWAY_PROXY_TESTING_SEED_H_

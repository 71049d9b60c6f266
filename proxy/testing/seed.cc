#include "proxy/testing/seed.h"

#include <chrono>

#include "gtest/gtest.h"

namespace keyway {

uint32_t SeedOfThisRun() {
  const int given = testing::GTEST_FLAG(random_seed);
  if (given != 0) return static_cast<uint32_t>(given);
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<uint32_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(now).count() % 99'999 + 1);
}

}  // namespace keyway

#include "sim/progress.h"

#include <chrono>
#include <sstream>

#include "gtest/gtest.h"

namespace keyway::sim {
namespace {

using std::chrono::seconds;

TEST(ProgressTest, TheLineSaysWhatIsKnown) {
  EXPECT_EQ(ProgressLine(12'340'000, seconds(2), 45, 100), "12.3 M keys, 6.2 M/s, 45%");
  EXPECT_EQ(ProgressLine(500'000, seconds(1), 45, 0), "0.5 M keys, 0.5 M/s");
  EXPECT_EQ(ProgressLine(0, seconds(0), 0, 0), "0.0 M keys");
}

// A file that grows while it is read.
TEST(ProgressTest, NothingIsMoreThanWhole) {
  EXPECT_EQ(ProgressLine(1'000'000, seconds(1), 101, 100), "1.0 M keys, 1.0 M/s, 100%");
}

TEST(ProgressTest, WhatIsQuickWritesNothing) {
  std::ostringstream terminal;
  {
    Progress progress(terminal);
    progress.Update(1, 1, 1);
  }
  EXPECT_EQ(terminal.str(), "");
}

}  // namespace
}  // namespace keyway::sim

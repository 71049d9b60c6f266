#include "sim/command/progress.h"

#include <chrono>
#include <sstream>

#include "gtest/gtest.h"

namespace keyway::sim {
namespace {

using std::chrono::seconds;

TEST(ProgressTest, TheLineSaysWhatIsKnown) {
  EXPECT_EQ(ProgressLine(12'340'000, 49'360'000, seconds(2)), "25% of 49.4 M, 6.2 M/s, 6 s left");
  EXPECT_EQ(ProgressLine(500'000, 0, seconds(1)), "500.0 k, 500.0 k/s");
  EXPECT_EQ(ProgressLine(0, 0, seconds(0)), "0");
}

TEST(ProgressTest, LongTimes) {
  EXPECT_EQ(ProgressLine(1, 601, seconds(1)), "0% of 601, 1/s, 10 min left");
  EXPECT_EQ(ProgressLine(1, 7201, seconds(1)), "0% of 7.2 k, 1/s, 2.0 h left");
}

// A file that grows while it is read.
TEST(ProgressTest, NothingIsMoreThanWhole) {
  EXPECT_EQ(ProgressLine(101, 100, seconds(1)), "100% of 100, 101/s");
}

TEST(ProgressTest, WhatIsQuickWritesNothing) {
  std::ostringstream terminal;
  {
    Progress progress(terminal);
    progress.Update(1, 1);
  }
  EXPECT_EQ(terminal.str(), "");
}

}  // namespace
}  // namespace keyway::sim

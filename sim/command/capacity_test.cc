#include "sim/command/capacity.h"

#include "gtest/gtest.h"

namespace keyway::sim {
namespace {

TEST(CapacityTest, AFactorIsInFairShares) {
  const auto capacity = ParseCapacity("1.5");
  ASSERT_TRUE(capacity);
  EXPECT_EQ(capacity->measure, nullptr);
  EXPECT_DOUBLE_EQ(capacity->InFairShares(0.25, 1000), 1.5);
}

TEST(CapacityTest, AnAmountIsForEachServer) {
  const auto capacity = ParseCapacity("requests=50k");
  ASSERT_TRUE(capacity);
  EXPECT_EQ(capacity->measure->id, "requests");
  EXPECT_DOUBLE_EQ(capacity->InFairShares(0.25, 100'000), 2);
}

TEST(CapacityTest, WhatIsNone) {
  for (const char* const text : {"", "0", "many", "apples=3", "keys=", "keys=0", "keys=3x"}) {
    EXPECT_FALSE(ParseCapacity(text)) << text;
  }
}

}  // namespace
}  // namespace keyway::sim

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "hashing/measure.h"

namespace keyway::hashing {
namespace {

TEST(RandomTest, UniformWhateverTheHashAndTheWeights) {
  const std::vector<Member> members = {{"a", 1}, {"b", 100}, {"c", 1}, {"d", 7}, {"e", 1}};
  const auto random = MakeOrDie("random", members);
  const std::vector<uint32_t> one_key(100'000, 42);
  EXPECT_LT(std::abs(ChiSquareScore(Count(*random, members.size(), one_key))), 4);
}

// All 25 pairs are equally frequent.
TEST(RandomTest, APickTellsNothingOfTheNext) {
  const auto random = MakeOrDie("random", Servers(5));
  std::vector<size_t> pairs(25);
  size_t last = random->Pick(0);
  for (int i = 0; i < 100'000; ++i) {
    const size_t next = random->Pick(0);
    ++pairs[last * 5 + next];
    last = next;
  }
  EXPECT_LT(std::abs(ChiSquareScore(pairs)), 4);
}

}  // namespace
}  // namespace keyway::hashing

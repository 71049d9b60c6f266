#include <gtest/gtest.h>

#include <cmath>

#include "hashing/measure.h"

namespace keyway::hashing {
namespace {

TEST(RendezvousTest, Spread) {
  const auto rendezvous = MakeOrDie("rendezvous", Servers(10));
  EXPECT_LT(std::abs(ChiSquareScore(Count(*rendezvous, 10, RandomHashes(100'000)))), 4);
}

TEST(RendezvousTest, Weights) {
  const std::vector<Member> members = {{"a", 1}, {"b", 2}, {"c", 7}, {"d", 30}};
  const auto rendezvous = MakeOrDie("rendezvous", members);
  const std::vector<double> weights = {1, 2, 7, 30};
  EXPECT_LT(std::abs(ChiSquareScore(Count(*rendezvous, 4, RandomHashes(100'000)), weights)), 4);
}

TEST(RendezvousTest, AMemberThatLeavesMovesItsOwnKeysEvenly) {
  const std::vector<Member> members = Servers(10);
  std::vector<Member> fewer = members;
  fewer.erase(fewer.begin() + 4);
  const auto before = MakeOrDie("rendezvous", members);
  const auto after = MakeOrDie("rendezvous", fewer);

  std::vector<size_t> received(fewer.size());
  for (const uint32_t hash : RandomHashes(100'000)) {
    const size_t from = before->Pick(hash);
    const size_t to = after->Pick(hash);
    if (from == 4) {
      ++received[to];
    } else {
      ASSERT_EQ(fewer[to].name, members[from].name);
    }
  }
  EXPECT_LT(std::abs(ChiSquareScore(received)), 4);
}

// Equal weights are compared in another way than unequal ones; the change must not show.
TEST(RendezvousTest, AMemberThatGetsHeavierOnlyTakes) {
  const std::vector<Member> equal = Servers(5);
  std::vector<Member> heavier = equal;
  heavier[2].weight = 2;
  const auto before = MakeOrDie("rendezvous", equal);
  const auto after = MakeOrDie("rendezvous", heavier);
  size_t moved = 0;
  for (const uint32_t hash : RandomHashes(100'000)) {
    if (before->Pick(hash) == after->Pick(hash)) continue;
    ASSERT_EQ(after->Pick(hash), 2u);
    ++moved;
  }
  EXPECT_NEAR(static_cast<double>(moved) / 100'000, 2.0 / 6 - 1.0 / 5, 0.005);
}

}  // namespace
}  // namespace keyway::hashing

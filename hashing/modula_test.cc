#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "hashing/measure.h"

namespace keyway::hashing {
namespace {

std::vector<size_t> FirstPicks(const std::vector<Member>& members, uint64_t count) {
  const auto modula = MakeOrDie("modula", members);
  std::vector<size_t> picks;
  for (uint64_t hash = 0; hash < count; ++hash) picks.push_back(modula->Pick(hash));
  return picks;
}

TEST(ModulaTest, TheRemainderIsThePlaceInTheList) {
  EXPECT_EQ(FirstPicks({{"a"}, {"b"}, {"c"}}, 7), (std::vector<size_t>{0, 1, 2, 0, 1, 2, 0}));
  EXPECT_EQ(FirstPicks({{"a"}}, 3), (std::vector<size_t>{0, 0, 0}));
}

TEST(ModulaTest, EachMemberIsListedAsOftenAsItsWeight) {
  EXPECT_EQ(FirstPicks({{"a", 2}, {"b", 1}, {"c", 3}}, 8),
            (std::vector<size_t>{0, 0, 1, 2, 2, 2, 0, 0}));
}

// Against the list written out.
TEST(ModulaTest, AnyWeights) {
  std::vector<Member> members;
  std::vector<size_t> list;
  for (uint32_t index = 0; index < 60; ++index) {
    members.push_back({.name = std::to_string(index), .weight = 1 + index * index % 97});
    list.insert(list.end(), members.back().weight, index);
  }
  const auto modula = MakeOrDie("modula", members);
  for (uint64_t hash = 0; hash < 2 * list.size(); ++hash) {
    ASSERT_EQ(modula->Pick(hash), list[hash % list.size()]) << hash;
  }
  for (const uint32_t hash : RandomHashes(1000)) {
    ASSERT_EQ(modula->Pick(hash), list[hash % list.size()]) << hash;
  }
}

TEST(ModulaTest, HugeWeights) {
  const auto modula =
      MakeOrDie("modula", std::vector<Member>{{"a", 2147483647}, {"b", 2147483648}});
  EXPECT_EQ(modula->Pick(2147483646), 0u);
  EXPECT_EQ(modula->Pick(2147483647), 1u);
  EXPECT_EQ(modula->Pick(4294967294), 1u);
  EXPECT_EQ(modula->Pick(4294967295), 0u);  // the sum itself
  EXPECT_FALSE(FindDistribution("modula")
                   ->make(std::vector<Member>{{"a", 2147483648}, {"b", 2147483648}})
                   .ok());
}

// All but a / b of the keys for a and b members, b a multiple of neither; one half if it is.
TEST(ModulaTest, MovesNearlyAllKeys) {
  const std::vector<uint32_t> hashes = RandomHashes(50'000);
  EXPECT_NEAR(Move("modula", Servers(10), Servers(11), hashes).total, 10.0 / 11, 0.006);
  EXPECT_NEAR(Move("modula", Servers(10), Servers(12), hashes).total, 5.0 / 6, 0.007);
  EXPECT_NEAR(Move("modula", Servers(16), Servers(32), hashes).total, 1.0 / 2, 0.009);
}

}  // namespace
}  // namespace keyway::hashing

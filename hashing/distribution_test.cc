#include "hashing/distribution.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <string>

#include "hashing/measure.h"

namespace keyway::hashing {
namespace {

// What every row of the table promises.
class EveryDistribution : public testing::TestWithParam<DistributionKind> {};

INSTANTIATE_TEST_SUITE_P(Kinds, EveryDistribution,
                         testing::ValuesIn(AllDistributions().begin(), AllDistributions().end()),
                         [](const auto& kind) { return std::string(kind.param.name); });

TEST_P(EveryDistribution, PicksAMember) {
  for (const size_t members : {1, 2, 3, 17, 40}) {
    const auto distribution = MakeOrDie(GetParam().name, Servers(members));
    for (const uint32_t hash : RandomHashes(500)) EXPECT_LT(distribution->Pick(hash), members);
    for (const uint64_t hash : {uint64_t{0}, uint64_t{1}, uint64_t{UINT32_MAX}, UINT64_MAX}) {
      EXPECT_LT(distribution->Pick(hash), members);
    }
  }
}

TEST_P(EveryDistribution, PicksTheSameWhenMadeAgain) {
  const auto first = MakeOrDie(GetParam().name, Servers(10));
  const auto second = MakeOrDie(GetParam().name, Servers(10));
  for (const uint32_t hash : RandomHashes(500)) EXPECT_EQ(first->Pick(hash), second->Pick(hash));
}

// Twemproxy's own are what they are; the others spread what its narrowest function gives.
TEST_P(EveryDistribution, SpreadsFifteenBits) {
  if (GetParam().twemproxy || GetParam().name == "bounded") GTEST_SKIP() << "reads 32 bits";
  const auto distribution = MakeOrDie(GetParam().name, Servers(10));
  std::vector<uint32_t> hashes(1 << 15);
  for (uint32_t hash = 0; hash < hashes.size(); ++hash) hashes[hash] = hash;
  const std::vector<size_t> counts = Count(*distribution, 10, hashes);
  EXPECT_LT(Peak(std::vector<double>(counts.begin(), counts.end())), 1.2);
}

TEST(DistributionTest, Table) {
  std::set<std::string_view> names;
  bool twemproxys_over = false;
  for (const DistributionKind& kind : AllDistributions()) {
    EXPECT_TRUE(names.insert(kind.name).second) << kind.name;
    EXPECT_EQ(FindDistribution(kind.name), &kind);
    EXPECT_FALSE(kind.twemproxy && twemproxys_over) << kind.name;
    twemproxys_over = !kind.twemproxy;
  }
  EXPECT_EQ(FindDistribution("Ketama"), nullptr);
  EXPECT_EQ(FindDistribution(""), nullptr);
}

}  // namespace
}  // namespace keyway::hashing

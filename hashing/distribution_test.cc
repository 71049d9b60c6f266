#include "hashing/distribution.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <set>
#include <string>
#include <vector>

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

TEST_P(EveryDistribution, ExplainsWhatItPicks) {
  std::vector<Member> members = Servers(10);
  const bool fixed = GetParam().name != "random";
  for (const bool equal : {true, false}) {
    for (uint32_t index = 0; index < 10 && !equal; ++index) members[index].weight = index + 1;
    const auto distribution = GetParam().make(members);
    if (!distribution.ok()) continue;  // has no weights
    for (const uint32_t hash : RandomHashes(500)) {
      const Finding finding = (*distribution)->Explain(hash);
      ASSERT_EQ(finding.member.has_value(), fixed);
      if (!fixed) continue;
      EXPECT_EQ(*finding.member, (*distribution)->Pick(hash));
      EXPECT_FALSE(finding.place.empty());
      EXPECT_LT(finding.index, finding.count);
    }
  }
}

// 4,000 values of a share p give it to within 5 sqrt(p / 4,000).
TEST_P(EveryDistribution, SharesAreWhatPicksComeTo) {
  constexpr size_t kHashes = 4000;
  for (const size_t count : {1, 2, 10}) {
    std::vector<Member> members = Servers(count);
    if (count == 2 && GetParam().name != "jump" && GetParam().name != "anchor") {
      members[1].weight = 3;
    }
    const auto distribution = MakeOrDie(GetParam().name, members);
    std::vector<double> shares(count);
    if (!distribution->Shares(shares)) continue;
    EXPECT_NEAR(std::reduce(shares.begin(), shares.end()), 1, 1e-9);
    const std::vector<size_t> counts = Count(*distribution, count, RandomHashes(kHashes));
    for (size_t member = 0; member < count; ++member) {
      EXPECT_NEAR(static_cast<double>(counts[member]) / kHashes, shares[member],
                  5 * std::sqrt(shares[member] / kHashes));
    }
  }
}

TEST(DistributionTest, AskingRandomDrawsNothing) {
  const auto asked = MakeOrDie("random", Servers(10));
  const auto other = MakeOrDie("random", Servers(10));
  for (uint64_t hash = 0; hash < 100; ++hash) {
    asked->Explain(hash);
    EXPECT_EQ(asked->Pick(hash), other->Pick(hash));
  }
}

// Twemproxy's kinds, and "bounded" and "slots" with them, take the value as it is; the others
// spread even what its narrowest function gives.
TEST(DistributionTest, FifteenBitsAreEnough) {
  std::vector<uint32_t> hashes(1 << 15);
  std::iota(hashes.begin(), hashes.end(), 0u);
  for (const DistributionKind& kind : AllDistributions()) {
    if (kind.twemproxy || kind.name == "bounded" || kind.name == "slots") continue;
    const std::vector<size_t> counts = Count(*MakeOrDie(kind.name, Servers(10)), 10, hashes);
    EXPECT_LT(Peak(std::vector<double>(counts.begin(), counts.end())), 1.2) << kind.name;
  }
}

// The first picks among ten members, equal or of weights 1 to 10, as digits.
std::string FirstPicks(std::string_view kind, bool equal) {
  std::vector<Member> members = Servers(10);
  for (uint32_t index = 0; index < 10 && !equal; ++index) members[index].weight = index + 1;
  const auto distribution = MakeOrDie(kind, members);
  std::string digits;
  for (uint32_t i = 0; i < 40; ++i) {
    digits += std::to_string(distribution->Pick(i * 0x9e3779b9u));
  }
  return digits;
}

// Nobody else vouches for these, but keys are stored by them: they stay as they are.
TEST(DistributionTest, KeysStayWhereTheyArePlaced) {
  struct Row {
    std::string_view kind;
    std::string_view equal;
    std::string_view weighted;
  };
  constexpr std::string_view kRefused;
  for (const Row& row : {
           Row{"jump", "8634274342928363224390063421582259638310", kRefused},
           Row{"maglev", "7512124589531679683865737026592621114280",
               "7578824589536679683885787226599669614987"},
           Row{"rendezvous", "0090786251536344128109128256999614722907",
               "6893786259796349128909728956999614782997"},
           Row{"multi_probe", "7841368752154993003113607666426337304066",
               "9248369793157477679868677986828667794898"},
           Row{"anchor", "7088410279936927488953684916298895527622", kRefused},
           Row{"bounded", "8617168355019315462568036533495155757702",
               "7699168385089315462568836533477155757702"},
           Row{"slots", "0987654321098765432109876543210987654321",
               "0988776543199877654319987765432998876553"},
       }) {
    EXPECT_EQ(FirstPicks(row.kind, true), row.equal) << row.kind;
    if (row.weighted != kRefused) {
      EXPECT_EQ(FirstPicks(row.kind, false), row.weighted) << row.kind;
    }
  }
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

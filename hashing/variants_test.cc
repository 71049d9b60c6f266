#include "hashing/variants.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "hashing/measure.h"

namespace keyway::hashing {
namespace {

using Made = absl::StatusOr<std::unique_ptr<Distribution>>;

std::vector<double> SharesOf(const Made& made, size_t members) {
  EXPECT_TRUE(made.ok()) << made.status();
  std::vector<double> shares(members);
  EXPECT_TRUE((*made)->Shares(shares));
  return shares;
}

TEST(VariantsTest, TheProxysParametersGiveTheProxysDistributions) {
  const std::vector<Member> servers = Servers(10);
  const std::pair<const char*, Made> pairs[] = {
      {"maglev", MakeMaglev(servers, 65537)},
      {"multi_probe", MakeMultiProbe(servers, 21)},
      {"bounded", MakeBounded(servers, 105)},
  };
  for (const auto& [kind, made] : pairs) {
    const auto fixed = MakeOrDie(kind, servers);
    for (const uint32_t hash : RandomHashes(1000)) {
      ASSERT_EQ((*made)->Pick(hash), fixed->Pick(hash)) << kind;
    }
  }
}

// A share is beta distributed: its relative deviation is sqrt((n - 1) / (n points + 1)).
TEST(VariantsTest, KargersSharesSpreadAsTheFormulaSays) {
  for (const uint32_t points : {1u, 10u, 100u}) {
    const std::vector<double> shares = SharesOf(MakeKarger(Servers(2000), points), 2000);
    const double expected = std::sqrt(1999.0 / (2000.0 * points + 1));
    EXPECT_NEAR(Deviation(shares) / expected, 1, 0.1) << points;
  }
}

TEST(VariantsTest, KargersPointsGoByWeight) {
  const std::vector<Member> members = {{"a", 100}, {"b", 300}};
  const std::vector<double> shares = SharesOf(MakeKarger(members, 10'000), 2);
  EXPECT_NEAR(shares[1], 0.75, 0.01);
}

TEST(VariantsTest, MoreProbesSpreadBetter) {
  const std::pair<uint32_t, double> peaks[] = {{2, 2.03}, {3, 1.500}, {5, 1.250}, {21, 1.049}};
  for (const auto& [probes, peak] : peaks) {
    double sum = 0;
    for (int ring = 0; ring < 5; ++ring) {
      std::vector<Member> members = Servers(1000);
      for (Member& member : members) member.name += "." + std::to_string(ring);
      sum += Peak(SharesOf(MakeMultiProbe(members, probes), members.size()));
    }
    EXPECT_NEAR(sum / 5, peak, 0.03 * peak) << probes;
  }
}

TEST(VariantsTest, MaglevsSharesDifferByOneEntry) {
  const std::vector<double> shares = SharesOf(MakeMaglev(Servers(7), 101), 7);
  EXPECT_NEAR(std::ranges::max(shares), 15.0 / 101, 1e-9);
  EXPECT_NEAR(std::ranges::min(shares), 14.0 / 101, 1e-9);
}

TEST(VariantsTest, BoundedByItsPercent) {
  for (const uint32_t percent : {100u, 110u, 125u}) {
    const double peak = Peak(SharesOf(MakeBounded(Servers(20), percent), 20));
    EXPECT_LE(peak, percent / 100.0 + 1e-3) << percent;
  }
}

TEST(VariantsTest, RefusesWhatMakesNoSense) {
  EXPECT_FALSE(MakeKarger(Servers(3), 0).ok());
  EXPECT_FALSE(MakeKarger(Servers(1000), 1'000'000).ok());
  EXPECT_FALSE(MakeMaglev(Servers(3), 65536).ok());
  EXPECT_FALSE(MakeMaglev(Servers(3), 0).ok());
  EXPECT_FALSE(MakeMaglev(Servers(8), 7).ok());
  EXPECT_FALSE(MakeMultiProbe(Servers(3), 0).ok());
  EXPECT_FALSE(MakeBounded(Servers(3), 99).ok());
}

}  // namespace
}  // namespace keyway::hashing

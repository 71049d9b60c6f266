#include "hashing/ketama.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numeric>
#include <string>

#include "hashing/measure.h"

namespace keyway::hashing {
namespace {

Ring RingOf(const std::vector<Member>& members) {
  absl::StatusOr<Ring> ring = KetamaRing(members);
  EXPECT_TRUE(ring.ok()) << ring.status();
  return *std::move(ring);
}

std::vector<size_t> PointCounts(const std::vector<Member>& members) {
  const Ring ring = RingOf(members);
  std::vector<size_t> counts(members.size());
  for (size_t point = 0; point < ring.size(); ++point) ++counts[ring[point].member];
  return counts;
}

// md5sum of "server1-8" is 7033b3e5 4ab8e558 09d31f26 a006f89e.
TEST(KetamaTest, PointsAreTheWordsOfTheDigests) {
  const Ring ring = RingOf(Servers(1));
  ASSERT_EQ(ring.size(), 160u);
  for (const uint32_t position : {0xe5b33370u, 0x58e5b84au, 0x261fd309u, 0x9ef806a0u}) {
    EXPECT_EQ(ring[ring.Next(position)].position, position);
  }
}

// Nutcracker's rounding, confirmed with it for 10, 24, 25 and 50 servers.
TEST(KetamaTest, EqualMembersGet160PointsOr156) {
  for (const size_t count : {1, 2, 3, 10, 24, 26, 46, 48, 101}) {
    EXPECT_EQ(PointCounts(Servers(count)), std::vector<size_t>(count, 160)) << count;
  }
  for (const size_t count : {25, 47, 50, 55, 61, 71, 94, 100, 107}) {
    EXPECT_EQ(PointCounts(Servers(count)), std::vector<size_t>(count, 156)) << count;
  }
}

// All numbers of equal members up to 512 that do; the first of them were measured.
TEST(KetamaTest, FiftyFourNumbersOfMembersHave156Points) {
  std::vector<uint32_t> numbers;
  for (uint32_t count = 1; count <= 512; ++count) {
    const uint32_t points = KetamaPoints(1, count, count);
    if (points != 160) numbers.push_back(count);
    EXPECT_TRUE(points == 160 || points == 156) << count;
  }
  EXPECT_EQ(numbers.size(), 54u);
  numbers.resize(19);
  EXPECT_EQ(numbers, (std::vector<uint32_t>{25, 47, 50, 55, 61, 71, 94, 100, 107, 109, 110, 115,
                                            122, 142, 159, 163, 188, 193, 200}));
}

TEST(KetamaTest, PointsGoByWeight) {
  EXPECT_EQ(PointCounts({{"a", 1}, {"b", 3}}), (std::vector<size_t>{80, 240}));
  EXPECT_EQ(PointCounts({{"a", 1}, {"b", 1000}}), (std::vector<size_t>{0, 316}));
  EXPECT_EQ(PointCounts({{"a", 2147483647}, {"b", 2147483647}}), (std::vector<size_t>{160, 160}));
}

// As nutcracker's sum does: half of 2^32 four times, less a little, is 4294967288.
TEST(KetamaTest, TheSumOfTheWeightsWraps) {
  const std::vector<Member> heavy(4, {.name = "a", .weight = 2147483646});
  EXPECT_EQ(PointCounts(heavy), (std::vector<size_t>{320, 320, 320, 320}));
}

TEST(KetamaTest, WeightsThatNutcrackerHasNoMemoryFor) {
  EXPECT_FALSE(KetamaRing(std::vector<Member>{{"a", 4294967295}, {"b", 2}}).ok());
  EXPECT_FALSE(KetamaRing(std::vector<Member>{{"a", 2147483648}, {"b", 2147483648}}).ok());
}

// The 40 digests of a name become one where all texts are cut to the same bytes.
TEST(KetamaTest, TextIsCutTo272Bytes) {
  const auto positions = [](size_t name_size) {
    const Ring ring = RingOf({{std::string(name_size, 'x')}});
    size_t distinct = 1;
    for (size_t point = 1; point < ring.size(); ++point) {
      distinct += ring[point].position != ring[point - 1].position;
    }
    return distinct;
  };
  EXPECT_EQ(positions(269), 160u);
  EXPECT_EQ(positions(270), 40u);  // "-0" to "-9": the first digit is left
  EXPECT_EQ(positions(271), 4u);
  EXPECT_EQ(positions(300), 4u);

  const std::string same(272, 'x');
  const auto tied = MakeOrDie("ketama", std::vector<Member>{{same + "a"}, {same + "b"}});
  for (const uint32_t hash : RandomHashes(100)) EXPECT_EQ(tied->Pick(hash), 0u);
}

// The relative deviation of a share is sqrt((n - 1) / (points n + 1)). With some 2,000
// members in all, a sampled one is off by 1.6 %; medians of peaks by 0.02.
TEST(KetamaTest, SpreadOfShares) {
  struct Case {
    size_t members;
    double peak;
  };
  for (const Case& c : {Case{3, 1.060}, Case{10, 1.119}, Case{20, 1.144}, Case{50, 1.183}}) {
    SCOPED_TRACE(c.members);
    std::vector<double> deviations;
    std::vector<double> peaks;
    for (size_t ring = 0; ring < 2000 / c.members; ++ring) {
      std::vector<Member> members = Servers(c.members);
      for (Member& member : members) member.name += "." + std::to_string(ring);
      const std::vector<double> shares = Shares(RingOf(members), c.members);
      const double deviation = Deviation(shares);
      deviations.push_back(deviation * deviation);
      peaks.push_back(Peak(shares));
    }
    const double points = static_cast<double>(PointCounts(Servers(c.members))[0]);
    const double n = static_cast<double>(c.members);
    const double variance =
        std::reduce(deviations.begin(), deviations.end()) / static_cast<double>(deviations.size());
    EXPECT_NEAR(std::sqrt(variance) / std::sqrt((n - 1) / (points * n + 1)), 1, 0.065);
    const auto median = peaks.begin() + std::ssize(peaks) / 2;
    std::ranges::nth_element(peaks, median);
    EXPECT_NEAR(*median, c.peak, 0.03);
  }
}

// Exact for these names. The moved part is sampled with 200,000 values: 0.001 off at most.
TEST(KetamaTest, KnownRings) {
  struct Case {
    size_t members;
    double peak, trough, moved;
  };
  const std::vector<uint32_t> hashes = RandomHashes(200'000);
  for (const Case& c : {Case{4, 1.0512, 0.9585, 0.1799}, Case{10, 1.1140, 0.8687, 0.0864},
                        Case{16, 1.1044, 0.9311, 0.0547}}) {
    SCOPED_TRACE(c.members);
    const std::vector<double> shares = Shares(RingOf(Servers(c.members)), c.members);
    EXPECT_NEAR(Peak(shares), c.peak, 0.0001);
    EXPECT_NEAR(Trough(shares), c.trough, 0.0001);
    const Movement added = Move("ketama", Servers(c.members), Servers(c.members + 1), hashes);
    EXPECT_NEAR(added.total, c.moved, 0.004);
    EXPECT_EQ(added.between_survivors, 0);
  }
}

// What the rounding costs: the 25th server takes points from all others.
TEST(KetamaTest, FewerPointsMoveKeysBetweenSurvivors) {
  const Movement added = Move("ketama", Servers(24), Servers(25), RandomHashes(50'000));
  EXPECT_GT(added.between_survivors, 0.01);
}

TEST(KetamaTest, PicksByTheLow32Bits) {
  const auto ketama = MakeOrDie("ketama", Servers(10));
  for (const uint64_t hash : RandomHashes(100)) {
    EXPECT_EQ(ketama->Pick(hash), ketama->Pick(hash | 0xabcdef0100000000));
  }
}

}  // namespace
}  // namespace keyway::hashing

#include "sim/source/synthetic/random.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <vector>

namespace keyway::sim {
namespace {

using Words = std::array<uint32_t, 4>;

// Those that the authors publish with their library.
TEST(RandomTest, PhiloxGivesItsKnownAnswers) {
  EXPECT_EQ(Philox({0, 0, 0, 0}, {0, 0}), (Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  constexpr uint32_t kOnes = 0xffffffff;
  EXPECT_EQ(Philox({kOnes, kOnes, kOnes, kOnes}, {kOnes, kOnes}),
            (Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(Philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(RandomTest, ASequenceIsThatOfItsSeedPurposeAndThing) {
  const auto first = [](uint64_t seed, uint32_t purpose, uint64_t thing) {
    return Random(seed, purpose, thing).Next();
  };
  EXPECT_EQ(first(1, 2, 3), first(1, 2, 3));
  const std::vector<uint64_t> others = {first(2, 2, 3), first(1, 3, 3), first(1, 2, 4),
                                        first(1 + (uint64_t{1} << 40), 2, 3),
                                        first(1, 2, 3 + (uint64_t{1} << 40))};
  for (const uint64_t other : others) EXPECT_NE(other, first(1, 2, 3));
}

// Both halves of what is made at a time.
TEST(RandomTest, NoValueComesAgain) {
  Random random(1, 2, 3);
  std::vector<uint64_t> values;
  for (int count = 0; count < 100; ++count) values.push_back(random.Next());
  std::ranges::sort(values);
  EXPECT_EQ(std::ranges::adjacent_find(values), values.end());
}

// 60,000 of six faces: 10,000 each, give or take four deviations of 91.
TEST(RandomTest, BelowALimitEachIsAsLikely) {
  Random random(1, 2, 3);
  std::array<int, 6> faces = {};
  for (int count = 0; count < 60'000; ++count) ++faces.at(random.NextBelow(6));
  for (const int face : faces) EXPECT_NEAR(face, 10'000, 370);
  EXPECT_EQ(random.NextBelow(1), 0u);
  constexpr uint64_t kTwoThirds = 0xaaaaaaaaaaaaaaaa;
  for (int count = 0; count < 100; ++count) EXPECT_LT(random.NextBelow(kTwoThirds), kTwoThirds);
}

TEST(RandomTest, FractionsAndNormals) {
  Random random(1, 2, 3);
  constexpr int kCount = 40'000;
  double fractions = 0, normals = 0, squares = 0;
  for (int count = 0; count < kCount; ++count) {
    const double fraction = random.NextFraction();
    ASSERT_GT(fraction, 0);
    ASSERT_LT(fraction, 1);
    fractions += fraction;
    const double normal = random.NextNormal();
    normals += normal;
    squares += normal * normal;
  }
  EXPECT_NEAR(fractions / kCount, 0.5, 0.006);
  EXPECT_NEAR(normals / kCount, 0, 0.02);
  EXPECT_NEAR(squares / kCount, 1, 0.03);
}

}  // namespace
}  // namespace keyway::sim

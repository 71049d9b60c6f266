#include "hashing/bounded.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>

#include "hashing/measure.h"

namespace keyway::hashing {
namespace {

BoundedLoads LoadsOf(const std::vector<Member>& members, uint32_t percent, uint64_t expected = 0) {
  absl::StatusOr<BoundedLoads> loads = BoundedLoads::Make(members, percent, expected);
  EXPECT_TRUE(loads.ok()) << loads.status();
  return *std::move(loads);
}

uint64_t CeilingOf(uint64_t dividend, uint64_t divisor) {
  return (dividend + divisor - 1) / divisor;
}

// The promise itself, after every single item.
TEST(BoundedLoadsTest, NoMemberHoldsMoreThanItsBound) {
  for (const uint32_t percent : {100u, 105u, 125u, 200u}) {
    BoundedLoads loads = LoadsOf(Servers(10), percent);
    uint64_t items = 0;
    for (const uint32_t hash : RandomHashes(5'000, percent)) {
      loads.Assign(hash);
      ASSERT_LE(std::ranges::max(loads.loads()), CeilingOf(++items * percent, 100 * 10));
    }
    EXPECT_EQ(std::reduce(loads.loads().begin(), loads.loads().end()), items);
  }
}

TEST(BoundedLoadsTest, TheBoundGoesByWeight) {
  const std::vector<Member> members = {{"a", 1}, {"b", 2}, {"c", 7}};
  BoundedLoads loads = LoadsOf(members, 101, 10'000);
  for (const uint32_t hash : RandomHashes(10'000)) loads.Assign(hash);
  for (size_t member = 0; member < members.size(); ++member) {
    EXPECT_LE(loads.loads()[member], 1010u * members[member].weight);
    EXPECT_GE(loads.loads()[member], 910u * members[member].weight);
  }
}

// The parts of the items that are not where ketama alone would put them.
double Spilled(size_t members, uint32_t percent) {
  constexpr size_t kItems = 50'000;
  const auto ketama = MakeOrDie("ketama", Servers(members));
  BoundedLoads loads = LoadsOf(Servers(members), percent, kItems);
  size_t spilled = 0;
  for (const uint32_t hash : RandomHashes(kItems)) {
    spilled += loads.Assign(hash) != ketama->Pick(hash);
  }
  return static_cast<double>(spilled) / kItems;
}

// The greatest share on this ring is 1.114 times the mean; what is above a bound must spill,
// and what it displaces.
TEST(BoundedLoadsTest, OnlyWhatDoesNotFitGoesElsewhere) {
  EXPECT_EQ(Spilled(10, 125), 0);
  EXPECT_GT(Spilled(10, 110), 0);
  EXPECT_LT(Spilled(10, 110), 0.01);
  EXPECT_LT(Spilled(10, 105), 0.06);
}

TEST(BoundedLoadsTest, ReleasedRoomIsUsedAgain) {
  BoundedLoads loads = LoadsOf(Servers(4), 100, 400);
  const std::vector<uint32_t> hashes = RandomHashes(400);
  std::vector<size_t> owners;
  for (const uint32_t hash : hashes) owners.push_back(loads.Assign(hash));
  EXPECT_EQ(std::vector<uint64_t>(loads.loads().begin(), loads.loads().end()),
            std::vector<uint64_t>(4, 100));

  loads.Release(owners[17]);
  EXPECT_EQ(loads.loads()[owners[17]], 99u);
  EXPECT_EQ(loads.Assign(12345), owners[17]);
}

// Loads far above the new bound, after most items have gone, must not keep Assign busy.
TEST(BoundedLoadsTest, ALoadedMemberIsPassedOver) {
  BoundedLoads loads = LoadsOf(Servers(3), 100);
  std::vector<size_t> owners;
  for (const uint32_t hash : RandomHashes(300)) owners.push_back(loads.Assign(hash));
  for (const size_t owner : owners) {
    if (owner != 0) loads.Release(owner);
  }
  for (const uint32_t hash : RandomHashes(100, 2)) EXPECT_NE(loads.Assign(hash), 0u);
}

// Without points it could take nothing, so its weight gives the others no room.
TEST(BoundedLoadsTest, MembersWithoutPointsDoNotCount) {
  BoundedLoads loads = LoadsOf({{"a", 1}, {"b", 1000}, {"c", 1000}}, 100, 1000);
  for (const uint32_t hash : RandomHashes(1000)) loads.Assign(hash);
  EXPECT_EQ(std::vector<uint64_t>(loads.loads().begin(), loads.loads().end()),
            (std::vector<uint64_t>{0, 500, 500}));
}

TEST(BoundedLoadsTest, RefusesToHoldLessThanEverything) {
  EXPECT_FALSE(BoundedLoads::Make(Servers(2), 99).ok());
}

// Every part of the hash space, counted.
TEST(BoundedTest, NoMemberOwnsMoreThanItsBoundOfTheHashSpace) {
  for (const size_t members : {2, 3, 10, 40, 100}) {
    const auto bounded = MakeOrDie("bounded", Servers(members));
    std::vector<uint64_t> parts(members);
    for (uint64_t part = 0; part < 65536; ++part) ++parts[bounded->Pick(part << 16 | 0x1234)];
    EXPECT_LE(std::ranges::max(parts), CeilingOf(65536 * 105, 100 * members)) << members;
  }
}

// The rest is what does not fit, and half a part for each of the 1,600 points: 1.2 %.
TEST(BoundedTest, AgreesWithKetamaOnNearlyAllKeys) {
  const auto ketama = MakeOrDie("ketama", Servers(10));
  const auto bounded = MakeOrDie("bounded", Servers(10));
  size_t moved = 0;
  for (const uint32_t hash : RandomHashes(50'000))
    moved += ketama->Pick(hash) != bounded->Pick(hash);
  EXPECT_GT(moved, 0u);
  EXPECT_LT(static_cast<double>(moved) / 50'000, 0.03);
}

// The paper expects a number of extra moves that does not grow with the pool.
TEST(BoundedTest, MovesLittleMoreThanKetama) {
  const std::vector<uint32_t> hashes = RandomHashes(50'000);
  for (const size_t members : {4, 10, 20}) {
    const Movement added = Move("bounded", Servers(members), Servers(members + 1), hashes);
    EXPECT_LT(added.total, 1.05 / static_cast<double>(members + 1) + 0.04) << members;
    EXPECT_LT(added.between_survivors, 0.04) << members;
  }
}

}  // namespace
}  // namespace keyway::hashing

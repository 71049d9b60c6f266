#include "sim/study/slot_table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace keyway::sim {
namespace {

using Counts = std::vector<uint32_t>;

SlotTable Table(uint32_t slots, const Counts& weights) {
  absl::StatusOr<SlotTable> table = SlotTable::Make(slots, weights);
  EXPECT_TRUE(table.ok()) << table.status();
  return *std::move(table);
}

Counts CountsOf(const SlotTable& table, size_t servers) {
  Counts counts(servers);
  for (const uint32_t server : table.servers()) ++counts.at(server);
  return counts;
}

size_t Moved(const SlotTable& from, const SlotTable& to) {
  size_t moved = 0;
  for (size_t slot = 0; slot < from.servers().size(); ++slot) {
    moved += from.servers()[slot] != to.servers()[slot];
  }
  return moved;
}

// As redis-cli prints them: 0-5460, 5461-10922, 10923-16383.
TEST(SlotTableTest, RangesOfRedisCli) {
  const SlotTable table = Table(16384, {1, 1, 1});
  EXPECT_EQ(CountsOf(table, 3), (Counts{5461, 5462, 5461}));
  EXPECT_EQ(table.servers()[5460], 0u);
  EXPECT_EQ(table.servers()[5461], 1u);
  EXPECT_EQ(table.servers()[10922], 1u);
  EXPECT_EQ(table.servers()[10923], 2u);
}

TEST(SlotTableTest, Weights) {
  EXPECT_EQ(CountsOf(Table(1000, {1, 0, 3}), 3), (Counts{250, 0, 750}));
  EXPECT_EQ(CountsOf(Table(1024, {1, 1, 1, 1, 1, 1, 1}), 7),
            (Counts{146, 147, 146, 146, 146, 147, 146}));
}

TEST(SlotTableTest, AReshardMovesWhatItMust) {
  for (const uint32_t servers : {1u, 2u, 3u, 5u, 10u, 100u}) {
    Counts before(servers + 1, 1), after(servers + 1, 1);
    before.back() = 0;
    const SlotTable small = Table(16384, before);
    SlotTable large = small;
    ASSERT_TRUE(large.Reshard(after).ok());
    EXPECT_EQ(Moved(small, large), 16384 / (servers + 1));
    const Counts counts = CountsOf(large, servers + 1);
    EXPECT_LE(std::ranges::max(counts) - std::ranges::min(counts), 1u);

    SlotTable again = large;
    ASSERT_TRUE(again.Reshard(before).ok());
    EXPECT_EQ(Moved(large, again), 16384 / (servers + 1));
    EXPECT_EQ(CountsOf(again, servers + 1)[servers], 0u);
  }
}

TEST(SlotTableTest, AReshardToTheSameWeightsMovesNothing) {
  for (const Counts& weights : {Counts{1, 1, 1}, Counts{5, 2, 9, 1}, Counts{1, 100}}) {
    const SlotTable table = Table(16384, weights);
    SlotTable again = table;
    ASSERT_TRUE(again.Reshard(weights).ok());
    EXPECT_EQ(Moved(table, again), 0u);
  }
}

TEST(SlotTableTest, RefusesWhatCannotBeDealtOut) {
  EXPECT_FALSE(SlotTable::Make(16, Counts{}).ok());
  EXPECT_FALSE(SlotTable::Make(16, Counts{0, 0}).ok());
  EXPECT_FALSE(SlotTable::Make(2, Counts{1, 1, 1}).ok());
  SlotTable table = Table(2, {1, 1, 0});
  EXPECT_FALSE(table.Reshard(Counts{1, 1, 1}).ok());
}

}  // namespace
}  // namespace keyway::sim

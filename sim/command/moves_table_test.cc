#include "sim/command/moves_table.h"

#include <vector>

#include "gtest/gtest.h"

namespace keyway::sim {
namespace {

// Two equal servers become three: a third of the 90 keys has to move. 32 go to the new
// one, and 4 from the first to the second.
class MovesTest : public ::testing::Test {
 protected:
  MovesTest() {
    experiment_.servers = {{.address = "a:1", .name = "a"},
                           {.address = "b:1", .name = "b"},
                           {.address = "c:1", .name = "c"}};
    experiment_.scenarios = {
        {.id = "from", .members = {{.name = "a"}, {.name = "b"}}, .servers = {0, 1}},
        {.id = "to",
         .members = {{.name = "a"}, {.name = "b"}, {.name = "c"}},
         .servers = {0, 1, 2},
         .matrix = true}};
    tally_ = EmptyTally(experiment_);
    tally_.scenarios[0].servers = {Keys(50), Keys(40), Keys(0)};
    tally_.scenarios[1].servers = {Keys(30), Keys(28), Keys(32)};
    tally_.scenarios[1].moved = Keys(36);
    tally_.scenarios[1].matrix = {Keys(30), Keys(4),  Keys(16),  // from a
                                  Keys(0),  Keys(24), Keys(16),  // from b
                                  Keys(0),  Keys(0),  Keys(0)};
  }

  static Counts Keys(uint64_t keys) { return {.keys = keys, .bytes = 10 * keys}; }

  Experiment experiment_;
  Tally tally_;
};

TEST_F(MovesTest, NeededAndAvoidable) {
  const MovesView view(experiment_, tally_, 1);
  ASSERT_EQ(view.all().size(), 2u);  // keys and bytes
  const Moves* const keys = view.Main("keys");
  ASSERT_NE(keys, nullptr);
  EXPECT_DOUBLE_EQ(keys->MovedShare(), 0.4);
  EXPECT_NEAR(keys->needed, 30, 1e-9);
  EXPECT_NEAR(keys->avoidable, 6, 1e-9);
  EXPECT_DOUBLE_EQ(keys->between_unchanged, 4);
  EXPECT_EQ(view.Main()->measure->id, "bytes");
  EXPECT_EQ(view.Main("requests"), nullptr);
}

TEST_F(MovesTest, TheMatrixListsWhatMoved) {
  Report report;
  MovesView(experiment_, tally_, 1).AddMatrix(report);
  ASSERT_EQ(report.tables.size(), 1u);
  const std::vector<std::vector<Value>>& rows = report.tables[0].rows;
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(rows[0][0], Value("a"));
  EXPECT_EQ(rows[0][1], Value("b"));
  EXPECT_EQ(rows[0][2], Value(uint64_t{4}));
}

TEST_F(MovesTest, CachesMissWhatMoved) {
  Report report;
  AddMissFacts(MovesView(experiment_, tally_, 1), report);
  ASSERT_EQ(report.facts.size(), 2u);
  EXPECT_EQ(report.facts[0].value, Value(uint64_t{36}));
  EXPECT_EQ(report.facts[1].value, Value(0.4));
}

TEST_F(MovesTest, WithRequestsTheReadsAreWhatMisses) {
  tally_.scenarios[0].servers[0].reads = 1000;
  tally_.scenarios[1].servers[0].reads = 1000;
  tally_.scenarios[1].moved.reads = 250;
  Report report;
  AddMissFacts(MovesView(experiment_, tally_, 1), report);
  EXPECT_EQ(report.facts[1].value, Value(0.25));
}

}  // namespace
}  // namespace keyway::sim

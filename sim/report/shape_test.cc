#include "sim/report/shape.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace keyway::sim {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Table Moves() {
  return {.id = "moves",
          .title = "Moves",
          .columns = {{.id = "from", .title = "from"},
                      {.id = "to", .title = "to"},
                      {.id = "keys", .title = "keys", .unit = Unit::kCount}},
          .rows = {{"a", "b", uint64_t{1}}, {"b", "a", uint64_t{2}}, {"b", "c", uint64_t{3}}},
          .note = "note"};
}

Chart MatrixOfMoves() {
  return {.kind = Chart::Kind::kMatrix,
          .title = "Moves",
          .table = "moves",
          .label = "from",
          .values = {"to", "keys"}};
}

TEST(AsMatrixTest, HasServersInTheSameOrderOnBothSides) {
  const std::optional<Table> matrix = AsMatrix(Moves(), MatrixOfMoves(), 10);
  ASSERT_TRUE(matrix.has_value());
  std::vector<std::string> titles;
  for (const Column& column : matrix->columns) titles.push_back(column.title);
  EXPECT_THAT(titles, ElementsAre("from \\ to", "a", "b", "c"));
  ASSERT_EQ(matrix->rows.size(), 2u);
  EXPECT_THAT(matrix->rows[0], ElementsAre("a", Value(), uint64_t{1}, Value()));
  EXPECT_THAT(matrix->rows[1], ElementsAre("b", uint64_t{2}, Value(), uint64_t{3}));
  EXPECT_EQ(matrix->columns[1].unit, Unit::kCount);
}

TEST(AsMatrixTest, IsNothingWhereItWouldBeTooLarge) {
  EXPECT_TRUE(AsMatrix(Moves(), MatrixOfMoves(), 3).has_value());
  EXPECT_FALSE(AsMatrix(Moves(), MatrixOfMoves(), 2).has_value());
}

TEST(AsMatrixTest, IsNothingWithoutTheColumns) {
  Chart chart = MatrixOfMoves();
  chart.values = {"to", "bytes"};
  EXPECT_FALSE(AsMatrix(Moves(), chart, 10).has_value());
  chart.values = {"to"};
  EXPECT_FALSE(AsMatrix(Moves(), chart, 10).has_value());
}

TEST(LargestTest, TakesTheRowsWithTheLargestValues) {
  const Table largest = Largest(Moves(), 2, 2);
  ASSERT_EQ(largest.rows.size(), 2u);
  EXPECT_EQ(largest.rows[0][2], Value(uint64_t{3}));
  EXPECT_EQ(largest.rows[1][2], Value(uint64_t{2}));
  EXPECT_THAT(largest.note, HasSubstr("The 2 largest of 3 by keys"));
  EXPECT_THAT(largest.note, HasSubstr("note"));
}

TEST(LargestTest, TakesTheFirstRowsOfARankedTable) {
  Table ranked = Moves();
  ranked.ranked = true;
  const Table first = Largest(ranked, 2, 2);
  ASSERT_EQ(first.rows.size(), 2u);
  EXPECT_EQ(first.rows[0], ranked.rows[0]);
  EXPECT_EQ(first.rows[1], ranked.rows[1]);
  EXPECT_THAT(first.note, HasSubstr("The first 2 of 3"));
}

TEST(LargestTest, LeavesATableThatIsSmallEnough) {
  EXPECT_EQ(Largest(Moves(), 2, 3).rows, Moves().rows);
  EXPECT_EQ(Largest(Moves(), 2, 3).note, "note");
}

TEST(WithoutEmptyColumnsTest, LeavesOutWhatHasNoValueInAnyRow) {
  Table table = Moves();
  table.columns.push_back({.id = "bytes", .title = "bytes", .unit = Unit::kBytes});
  for (std::vector<Value>& row : table.rows) row.emplace_back();
  EXPECT_EQ(WithoutEmptyColumns(table).columns.size(), 3u);
  EXPECT_EQ(WithoutEmptyColumns(table).rows, Moves().rows);
  table.rows[1][3] = uint64_t{7};
  EXPECT_EQ(WithoutEmptyColumns(table).columns.size(), 4u);
  table.rows.clear();
  EXPECT_EQ(WithoutEmptyColumns(table).columns.size(), 4u);
}

TEST(LoadOfTest, ComparesWithTheFairShare) {
  const Table table{.id = "servers",
                    .title = "",
                    .columns = {{.id = "moved", .title = "", .unit = Unit::kRatio},
                                {.id = "ratio", .title = "", .unit = Unit::kRatio, .bar = true}},
                    .rows = {},
                    .note = ""};
  EXPECT_EQ(LoadOf(table, {9.0, 1.0}), Load::kFair);
  EXPECT_EQ(LoadOf(table, {0.0, 1.15}), Load::kHigh);
  EXPECT_EQ(LoadOf(table, {0.0, 1.25}), Load::kTooHigh);
  EXPECT_EQ(LoadOf(table, {0.0, Value()}), Load::kFair);
}

TEST(MainColumnTest, IsTheFirstWithABarOrElseTheFirstThatCounts) {
  Table table = Moves();
  EXPECT_EQ(MainColumn(table), 2u);
  table.columns.push_back({.id = "bytes", .title = "", .unit = Unit::kBytes, .bar = true});
  EXPECT_EQ(MainColumn(table), 3u);
  table.columns.resize(2);
  EXPECT_EQ(MainColumn(table), std::nullopt);
}

}  // namespace
}  // namespace keyway::sim

// Tables made of tables, for formats that cannot show a large one as it is.
#ifndef KEYWAY_SIM_REPORT_SHAPE_H_
#define KEYWAY_SIM_REPORT_SHAPE_H_

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "sim/report/report.h"

namespace keyway::sim {

// The index of a column; nothing if the table has none of that name.
std::optional<size_t> FindColumn(const Table& table, std::string_view id);

const Table* FindTable(const Report& report, std::string_view id);

// The chart of that kind that the report draws of a table, or null.
const Chart* FindChart(const Report& report, const Table& table, Chart::Kind kind);

// What the rows of a kMatrix chart say, as a square: a row for each server that something
// goes from, a column for each that it goes to, both in the same order.
// Nothing if the chart names columns that the table lacks, or has more than `limit` rows
// or columns.
std::optional<Table> AsMatrix(const Table& table, const Chart& chart, size_t limit);

// The rows with the largest values in a column, largest first, and a note that says so;
// the table itself if it has no more than `limit` rows. Of a ranked table, the first rows.
Table Largest(const Table& table, size_t column, size_t limit);

// The table without the columns that have no value in any row.
Table WithoutEmptyColumns(const Table& table);

// The column by which some rows of a table matter more than others: the first with a bar,
// or else the first one that counts.
std::optional<size_t> MainColumn(const Table& table);

// How far a row is above its fair share, by its first ratio with a bar.
enum class Load { kFair, kHigh, kTooHigh };
Load LoadOf(const Table& table, const std::vector<Value>& row);

}  // namespace keyway::sim

#endif  // KEYWAY_SIM_REPORT_SHAPE_H_

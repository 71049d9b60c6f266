#include "sim/report/shape.h"

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "sim/report/text.h"

namespace keyway::sim {
namespace {

// Ratios to the fair share that need a look: outside ±15 % a server is out of balance to
// the Dynamo paper (SOSP 2007, section 6.2), and 1.25 is the factor of bounded loads.
constexpr double kHigh = 1.15;
constexpr double kTooHigh = 1.25;

std::string NameOf(const Value& value) {
  const auto* text = std::get_if<std::string>(&value);
  return text != nullptr ? *text : ToPeople(value, Unit::kText);
}

// The different names in some columns, in the order in which they first come.
std::vector<std::string> NamesIn(const Table& table, std::initializer_list<size_t> columns) {
  std::vector<std::string> names;
  std::unordered_set<std::string> seen;
  for (size_t column : columns) {
    for (const std::vector<Value>& row : table.rows) {
      std::string name = NameOf(row[column]);
      if (seen.insert(name).second) names.push_back(std::move(name));
    }
  }
  return names;
}

// Of `names`, in their order, those in a column; and their places.
class Axis {
 public:
  Axis(const Table& table, size_t column, const std::vector<std::string>& names) {
    for (const std::vector<Value>& row : table.rows) indices_[NameOf(row[column])] = 0;
    for (const std::string& name : names) {
      const auto place = indices_.find(name);
      if (place == indices_.end()) continue;
      place->second = names_.size();
      names_.push_back(name);
    }
  }
  const std::vector<std::string>& names() const { return names_; }
  size_t IndexOf(const Value& name) const { return indices_.at(NameOf(name)); }

 private:
  std::vector<std::string> names_;
  std::unordered_map<std::string, size_t> indices_;
};

}  // namespace

std::optional<size_t> FindColumn(const Table& table, std::string_view id) {
  const auto found = std::ranges::find(table.columns, id, &Column::id);
  if (found == table.columns.end()) return std::nullopt;
  return static_cast<size_t>(std::distance(table.columns.begin(), found));
}

const Table* FindTable(const Report& report, std::string_view id) {
  const auto found = std::ranges::find(report.tables, id, &Table::id);
  return found == report.tables.end() ? nullptr : &*found;
}

const Chart* FindChart(const Report& report, const Table& table, Chart::Kind kind) {
  const auto found = std::ranges::find_if(report.charts, [&](const Chart& chart) {
    return chart.kind == kind && chart.table == table.id;
  });
  return found == report.charts.end() ? nullptr : &*found;
}

std::optional<Table> AsMatrix(const Table& table, const Chart& chart, size_t limit) {
  const std::optional<size_t> from = FindColumn(table, chart.label);
  if (!from || chart.values.size() < 2) return std::nullopt;
  const std::optional<size_t> to = FindColumn(table, chart.values[0]);
  const std::optional<size_t> value = FindColumn(table, chart.values[1]);
  if (!to || !value) return std::nullopt;

  const std::vector<std::string> names = NamesIn(table, {*from, *to});
  const Axis rows(table, *from, names);
  const Axis columns(table, *to, names);
  if (rows.names().size() > limit || columns.names().size() > limit) return std::nullopt;

  Table matrix{.id = table.id, .title = table.title, .columns = {}, .rows = {}, .note = table.note};
  matrix.columns.push_back({.id = "from", .title = table.columns[*from].title + " \\ to"});
  const Column& figure = table.columns[*value];
  for (const std::string& name : columns.names()) {
    matrix.columns.push_back(
        {.id = name, .title = Escape(name), .unit = figure.unit, .estimate = figure.estimate});
  }
  for (const std::string& name : rows.names()) {
    matrix.rows.emplace_back(matrix.columns.size());
    matrix.rows.back()[0] = name;
  }
  for (const std::vector<Value>& row : table.rows) {
    matrix.rows[rows.IndexOf(row[*from])][columns.IndexOf(row[*to]) + 1] = row[*value];
  }
  return matrix;
}

namespace {

Table First(Table table, size_t limit) {
  const std::string note = absl::StrFormat("The first %s of %s; the formats json and csv have all.",
                                           ToPeople(uint64_t{limit}, Unit::kCount),
                                           ToPeople(uint64_t{table.rows.size()}, Unit::kCount));
  table.rows.resize(limit);
  table.note = table.note.empty() ? note : note + " " + table.note;
  return table;
}

}  // namespace

Table Largest(const Table& table, size_t column, size_t limit) {
  if (table.rows.size() <= limit) return table;
  if (table.ranked) return First(table, limit);
  std::vector<const std::vector<Value>*> rows;
  for (const std::vector<Value>& row : table.rows) rows.push_back(&row);
  std::ranges::stable_sort(rows, [&](const auto* one, const auto* other) {
    return AsNumber((*one)[column]) > AsNumber((*other)[column]);
  });
  Table largest{
      .id = table.id, .title = table.title, .columns = table.columns, .rows = {}, .note = ""};
  for (size_t i = 0; i < limit; ++i) largest.rows.push_back(*rows[i]);
  largest.note = absl::StrFormat("The %s largest of %s by %s; the formats json and csv have all.",
                                 ToPeople(uint64_t{limit}, Unit::kCount),
                                 ToPeople(uint64_t{table.rows.size()}, Unit::kCount),
                                 table.columns[column].title);
  if (!table.note.empty()) largest.note += " " + table.note;
  return largest;
}

Table WithoutEmptyColumns(const Table& table) {
  std::vector<size_t> kept;
  for (size_t i = 0; i < table.columns.size(); ++i) {
    const auto has_value = [&](const std::vector<Value>& row) { return row[i] != Value(); };
    if (table.rows.empty() || std::ranges::any_of(table.rows, has_value)) kept.push_back(i);
  }
  if (kept.size() == table.columns.size()) return table;
  Table shown = table;
  shown.columns.clear();
  for (size_t i : kept) shown.columns.push_back(table.columns[i]);
  for (size_t row = 0; row < table.rows.size(); ++row) {
    shown.rows[row].clear();
    for (size_t i : kept) shown.rows[row].push_back(table.rows[row][i]);
  }
  return shown;
}

std::optional<size_t> MainColumn(const Table& table) {
  for (size_t i = 0; i < table.columns.size(); ++i) {
    if (table.columns[i].bar) return i;
  }
  for (size_t i = 0; i < table.columns.size(); ++i) {
    if (table.columns[i].unit != Unit::kText) return i;
  }
  return std::nullopt;
}

Load LoadOf(const Table& table, const std::vector<Value>& row) {
  for (size_t i = 0; i < table.columns.size(); ++i) {
    if (table.columns[i].unit != Unit::kRatio || !table.columns[i].bar) continue;
    const double ratio = AsNumber(row[i]);
    return ratio >= kTooHigh ? Load::kTooHigh : ratio >= kHigh ? Load::kHigh : Load::kFair;
  }
  return Load::kFair;
}

}  // namespace keyway::sim

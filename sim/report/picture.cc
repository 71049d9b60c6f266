#include "sim/report/picture.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <functional>
#include <iterator>
#include <optional>
#include <string_view>
#include <utility>

#include "absl/strings/str_format.h"
#include "nlohmann/json.hpp"
#include "sim/report/shape.h"
#include "sim/report/text.h"

namespace keyway::sim {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t kMostBars = 48;     // beside each other, each with its name
constexpr size_t kMostRanked = 24;   // of those where the first ones matter
constexpr size_t kMostPoints = 400;  // of a line
constexpr size_t kMostMoves = 20;

// The columns of a chart that have the same unit.
struct Series {
  Unit unit;
  std::vector<size_t> columns;
};

std::vector<Series> ByUnit(const Chart& chart, const Table& table) {
  std::vector<Series> series;
  for (const std::string& id : chart.values) {
    const std::optional<size_t> column = FindColumn(table, id);
    if (!column) return {};
    const Unit unit = table.columns[*column].unit;
    auto place = std::ranges::find(series, unit, &Series::unit);
    if (place == series.end()) place = series.insert(place, {unit, {}});
    place->columns.push_back(*column);
  }
  return series;
}

Json NumberOrNull(const Value& value) {
  if (!IsNumber(value) || !std::isfinite(AsNumber(value))) return nullptr;
  return AsNumber(value);
}

std::string ColumnTitle(const Column& column) {
  return (column.estimate ? "≈ " : "") + Clean(column.title);
}

Json SeriesOf(const Table& table, size_t column) {
  Json values = Json::array();
  for (const std::vector<Value>& row : table.rows) values.push_back(NumberOrNull(row[column]));
  return {{"title", ColumnTitle(table.columns[column])}, {"values", values}};
}

Json Named(const Table& table, size_t label, const Series& series) {
  Json labels = Json::array();
  for (const std::vector<Value>& row : table.rows) {
    labels.push_back(ToPeople(row[label], table.columns[label].unit));
  }
  Json all = Json::array();
  for (size_t column : series.columns) all.push_back(SeriesOf(table, column));
  return {{"labels", labels}, {"series", all}};
}

// Whether bars stand for the load of their rows: those of one column, beside a mark or of
// the ratio itself.
bool ShowsLoads(const Chart& chart, const Table& table, const Series& series) {
  const Column& first = table.columns[series.columns[0]];
  return series.columns.size() == 1 &&
         (chart.mark != 0 || (first.unit == Unit::kRatio && first.bar));
}

Json Bars(const Chart& chart, const Table& table, size_t label, const Series& series) {
  Json bars = Named(table, label, series);
  if (!ShowsLoads(chart, table, series)) return bars;
  Json loads = Json::array();
  for (const std::vector<Value>& row : table.rows) {
    loads.push_back(static_cast<int>(LoadOf(table, row)));
  }
  bars["loads"] = loads;
  return bars;
}

// The indices that stand for so many points: evenly spread, with the first and the last.
std::vector<size_t> Sampled(size_t points) {
  const size_t shown = std::min(points, kMostPoints);
  std::vector<size_t> indices;
  for (size_t i = 0; i < shown; ++i) {
    indices.push_back(shown < 2 ? i : i * (points - 1) / (shown - 1));
  }
  return indices;
}

Json Descending(const Table& table, const Series& series) {
  const std::vector<size_t> sampled = Sampled(table.rows.size());
  Json labels = Json::array();
  for (size_t i : sampled) labels.push_back(absl::StrFormat("%d", i + 1));
  Json all = Json::array();
  for (size_t column : series.columns) {
    std::vector<double> sorted;
    for (const std::vector<Value>& row : table.rows) {
      if (!NumberOrNull(row[column]).is_null()) sorted.push_back(AsNumber(row[column]));
    }
    std::ranges::sort(sorted, std::greater<>());
    Json values = Json::array();
    for (size_t i : sampled) values.push_back(i < sorted.size() ? Json(sorted[i]) : Json());
    all.push_back({{"title", ColumnTitle(table.columns[column])}, {"values", values}});
  }
  return {{"labels", labels}, {"series", all}};
}

Table Thinned(const Table& table) {
  if (table.rows.size() <= kMostPoints) return table;
  Table thinned{.id = table.id, .title = "", .columns = table.columns, .rows = {}, .note = ""};
  for (size_t i : Sampled(table.rows.size())) thinned.rows.push_back(table.rows[i]);
  return thinned;
}

Picture Finished(std::string caption, std::string_view kind, const Chart& chart, Unit unit,
                 Json json) {
  json["kind"] = kind;
  json["unit"] = UnitName(unit);
  if (chart.mark != 0) {
    json["mark"] = {{"value", chart.mark}, {"title", Clean(chart.mark_title)}};
  }
  return {std::move(caption), json.dump()};
}

Picture OnePicture(std::string caption, const Chart& chart, const Table& table, size_t label,
                   const Series& series) {
  if (chart.kind == Chart::Kind::kLines) {
    return Finished(caption, "lines", chart, series.unit, Named(Thinned(table), label, series));
  }
  if (table.rows.size() <= kMostBars) {
    return Finished(caption, "bars", chart, series.unit, Bars(chart, table, label, series));
  }
  if (table.ranked) {
    const Table first = Largest(table, label, kMostRanked);
    caption += absl::StrFormat(" (the first %d)", first.rows.size());
    return Finished(caption, "bars", chart, series.unit, Bars(chart, first, label, series));
  }
  caption += absl::StrFormat(" (%s rows, largest first)",
                             ToPeople(uint64_t{table.rows.size()}, Unit::kCount));
  return Finished(caption, "curve", chart, series.unit, Descending(table, series));
}

std::vector<Picture> LargestMoves(const Chart& chart, const Table& table) {
  if (chart.values.size() < 2) return {};
  const std::optional<size_t> from = FindColumn(table, chart.label);
  const std::optional<size_t> to = FindColumn(table, chart.values[0]);
  const std::optional<size_t> value = FindColumn(table, chart.values[1]);
  if (!from || !to || !value) return {};
  const Table largest = Largest(table, *value, kMostMoves);
  Json labels = Json::array();
  for (const std::vector<Value>& row : largest.rows) {
    labels.push_back(ToPeople(row[*from], Unit::kText) + " → " + ToPeople(row[*to], Unit::kText));
  }
  std::string caption = Clean(chart.title);
  if (largest.rows.size() < table.rows.size()) {
    caption += absl::StrFormat(" (the %d largest)", largest.rows.size());
  }
  return {Finished(std::move(caption), "bars", chart, table.columns[*value].unit,
                   {{"labels", labels}, {"series", Json::array({SeriesOf(largest, *value)})}})};
}

}  // namespace

std::vector<Picture> PicturesOf(const Chart& chart, const Table& table) {
  if (table.rows.empty()) return {};
  if (chart.kind == Chart::Kind::kMatrix) return LargestMoves(chart, table);
  const std::optional<size_t> label = FindColumn(table, chart.label);
  if (!label) return {};
  const std::vector<Series> by_unit = ByUnit(chart, table);
  std::vector<Picture> pictures;
  for (const Series& series : by_unit) {
    std::string caption = Clean(chart.title);
    if (by_unit.size() > 1) caption += ": " + ColumnTitle(table.columns[series.columns[0]]);
    pictures.push_back(OnePicture(std::move(caption), chart, table, *label, series));
  }
  return pictures;
}

}  // namespace keyway::sim

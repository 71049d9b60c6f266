#include "sim/report/markup.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <vector>

#include "absl/strings/str_format.h"
#include "sim/report/shape.h"
#include "sim/report/text.h"

namespace keyway::sim {
namespace {

constexpr size_t kLongHeading = 12;  // from here on it may take several lines
constexpr size_t kWidestHeading = 32;
constexpr size_t kWidestText = 96;

std::string_view LoadClass(Load load) {
  constexpr std::array<std::string_view, 3> kClasses = {"", " class=\"high\"",
                                                        " class=\"too-high\""};
  return kClasses[static_cast<size_t>(load)];
}

// The plain number, to sort by.
std::string SortKey(const Value& value) {
  if (const auto* count = std::get_if<uint64_t>(&value)) {
    return absl::StrFormat(" data-v=\"%d\"", *count);
  }
  if (IsNumber(value)) return absl::StrFormat(" data-v=\"%.17g\"", AsNumber(value));
  return "";
}

// An attribute with the whole of a text that is not shown in full; or nothing.
std::string Whole(std::string_view text, std::string_view shown) {
  return text == shown ? "" : " title=\"" + EscapeHtml(text) + "\"";
}

std::string Heading(std::string_view attributes, std::string_view sign, const std::string& text) {
  const std::string shown = CutMiddle(text, kWidestHeading, "…");
  return absl::StrFormat("<th%s%s>%s%s</th>", attributes, Whole(text, shown), sign,
                         EscapeHtml(shown));
}

std::string TableHead(const Table& table) {
  std::string head = "<thead><tr>";
  for (const Column& column : table.columns) {
    const std::string title = Clean(column.title);
    const std::string attributes =
        absl::StrFormat(" scope=\"col\" class=\"%s%s\"", column.unit == Unit::kText ? "" : "n",
                        Width(title) > kLongHeading ? " long" : "");
    head += Heading(attributes, column.estimate ? kEstimate : "", title);
  }
  return head + "</tr></thead>\n";
}

std::string TextCell(const std::string& text) {
  const std::string shown = CutMiddle(text, kWidestText, "…");
  return "<td" + Whole(text, shown) + ">" + EscapeHtml(shown) + "</td>";
}

std::string Cell(const Value& value, const Column& column, double largest) {
  if (column.unit == Unit::kText) return TextCell(ToPeople(value, column.unit, "–"));
  const std::string text = EscapeHtml(ToPeople(value, column.unit, "–"));
  if (!column.bar || !IsNumber(value) || largest <= 0) {
    return absl::StrFormat("<td class=\"n\"%s>%s</td>", SortKey(value), text);
  }
  return absl::StrFormat("<td class=\"n bar\"%s style=\"--s:%.4f\">%s</td>", SortKey(value),
                         std::clamp(AsNumber(value) / largest, 0.0, 1.0), text);
}

std::vector<double> LargestOfColumns(const Table& table) {
  std::vector<double> largest(table.columns.size());
  for (const std::vector<Value>& row : table.rows) {
    for (size_t i = 0; i < row.size(); ++i) largest[i] = std::max(largest[i], AsNumber(row[i]));
  }
  return largest;
}

// Characters, of the figures in columns with bars.
size_t WidestBesideBars(const Table& table) {
  size_t widest = 0;
  for (const std::vector<Value>& row : table.rows) {
    for (size_t i = 0; i < row.size(); ++i) {
      if (!table.columns[i].bar) continue;
      widest = std::max(widest, Width(ToPeople(row[i], table.columns[i].unit)));
    }
  }
  return widest;
}

bool StaysWhereItIs(const Table& square, size_t row, size_t column) {
  return square.rows[row][0] == Value(square.columns[column].id);
}

// What moves, without what stays: that would make all moves look alike.
double LargestMove(const Table& square) {
  double largest = 0;
  for (size_t row = 0; row < square.rows.size(); ++row) {
    for (size_t i = 1; i < square.columns.size(); ++i) {
      if (!StaysWhereItIs(square, row, i)) {
        largest = std::max(largest, AsNumber(square.rows[row][i]));
      }
    }
  }
  return largest;
}

std::string HeatCell(const Table& square, size_t row, size_t column, double largest) {
  const Value& value = square.rows[row][column];
  const std::string text = EscapeHtml(ToPeople(value, square.columns[column].unit, "·"));
  if (StaysWhereItIs(square, row, column)) return "<td class=\"n stays\">" + text + "</td>";
  if (!IsNumber(value) || AsNumber(value) <= 0 || largest <= 0) {
    return "<td class=\"n none\">" + text + "</td>";
  }
  return absl::StrFormat("<td class=\"n heat\" style=\"--h:%.3f\">%s</td>",
                         AsNumber(value) / largest, text);
}

}  // namespace

std::string EscapeHtml(std::string_view text) {
  std::string escaped;
  for (char c : text) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\'':
        escaped += "&#39;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

std::string FigureMarkup(const Value& value, Unit unit, bool estimate) {
  if (value == Value("")) return "–";
  return std::string(estimate && IsNumber(value) ? kEstimate : "") +
         EscapeHtml(ToPeople(value, unit, "–"));
}

std::string TableMarkup(const Table& table) {
  const std::vector<double> largest = LargestOfColumns(table);
  std::string markup = absl::StrFormat("<table class=\"sortable\" style=\"--w:%dch\">\n%s<tbody>\n",
                                       WidestBesideBars(table), TableHead(table));
  for (const std::vector<Value>& row : table.rows) {
    absl::StrAppendFormat(&markup, "<tr%s>", LoadClass(LoadOf(table, row)));
    for (size_t i = 0; i < table.columns.size(); ++i) {
      markup += Cell(row[i], table.columns[i], largest[i]);
    }
    markup += "</tr>\n";
  }
  return markup + "</tbody>\n</table>\n";
}

std::string MatrixMarkup(const Table& square) {
  const double largest = LargestMove(square);
  std::string markup = "<table class=\"matrix\">\n" + TableHead(square) + "<tbody>\n";
  for (size_t row = 0; row < square.rows.size(); ++row) {
    markup +=
        "<tr><th scope=\"row\">" + EscapeHtml(ToPeople(square.rows[row][0], Unit::kText)) + "</th>";
    for (size_t i = 1; i < square.columns.size(); ++i) {
      markup += HeatCell(square, row, i, largest);
    }
    markup += "</tr>\n";
  }
  return markup + "</tbody>\n</table>\n";
}

std::string JsonMarkup(std::string json) {
  for (size_t i = 0; (i = json.find('<', i)) != std::string::npos;) {
    json.replace(i, 1, "\\u003c");
  }
  return json;
}

}  // namespace keyway::sim

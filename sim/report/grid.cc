#include "sim/report/grid.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <vector>

#include "sim/report/shape.h"
#include "sim/report/text.h"

namespace keyway::sim {
namespace {

constexpr size_t kGap = 2;  // between columns; 1 where that makes them fit
constexpr size_t kBar = 20;
constexpr size_t kShortBar = 10;
constexpr size_t kNarrowestName = 16;
constexpr size_t kNarrowestTitle = 8;

struct GridColumn {
  std::vector<std::string> title;  // lines
  bool right = false;
  bool bar = false;
  double largest = 0;  // value, of a column with bars
  size_t width = 0;
  size_t cell_width = 0;  // of the widest cell, without the title
  std::vector<std::string> cells;
};

std::string_view Ellipsis(const RenderOptions& options) { return options.unicode ? "…" : "..."; }

GridColumn MakeColumn(const Table& table, size_t index, const RenderOptions& options) {
  const Column& column = table.columns[index];
  GridColumn grid;
  std::string title = Clean(column.title);
  if (column.estimate) title = (options.unicode ? "≈ " : "~ ") + title;
  grid.width = Width(title);
  grid.title = {std::move(title)};
  grid.right = column.unit != Unit::kText;
  grid.bar = column.bar;
  for (const std::vector<Value>& row : table.rows) {
    grid.cells.push_back(ToPeople(row[index], column.unit));
    grid.cell_width = std::max(grid.cell_width, Width(grid.cells.back()));
    grid.largest = std::max(grid.largest, AsNumber(row[index]));
  }
  grid.width = std::max(grid.width, grid.cell_width);
  return grid;
}

std::vector<GridColumn> MakeColumns(const Table& table, const RenderOptions& options) {
  std::vector<GridColumn> columns;
  for (size_t i = 0; i < table.columns.size(); ++i) {
    columns.push_back(MakeColumn(table, i, options));
  }
  return columns;
}

size_t WidthOf(const GridColumn& column, size_t bar_width) {
  return column.width + (column.bar && bar_width > 0 ? 1 + bar_width : 0);
}

size_t TotalWidth(const std::vector<GridColumn>& columns, size_t bar_width, size_t gap = kGap) {
  if (columns.empty()) return 0;
  size_t width = gap * (columns.size() - 1);
  for (const GridColumn& column : columns) width += WidthOf(column, bar_width);
  return width;
}

// Titles in several lines where they are wider than their figures.
void BreakTitles(std::vector<GridColumn>& columns) {
  for (GridColumn& column : columns) {
    const size_t room = std::max(column.cell_width, kNarrowestTitle);
    const std::string lines = Wrapped(column.title[0], room, "");
    column.title.clear();
    column.width = column.cell_width;
    for (size_t begin = 0; begin <= lines.size();) {
      const size_t end = std::min(lines.find('\n', begin), lines.size());
      column.title.push_back(lines.substr(begin, end - begin));
      column.width = std::max(column.width, Width(column.title.back()));
      begin = end + 1;
    }
  }
}

// Takes what is too much from the widest names first.
void NarrowNames(std::vector<GridColumn>& columns, size_t limit) {
  while (TotalWidth(columns, 0) > limit) {
    GridColumn* widest = nullptr;
    for (GridColumn& column : columns) {
      if (column.right || column.width <= kNarrowestName) continue;
      if (widest == nullptr || column.width > widest->width) widest = &column;
    }
    if (widest == nullptr) return;
    --widest->width;
  }
}

struct Layout {
  std::vector<GridColumn> columns;
  size_t bar_width = 0;
  size_t gap = kGap;
};

// What is tried until the columns fit, from the mildest.
Layout Fit(std::vector<GridColumn> columns, size_t limit) {
  for (size_t bar : {kBar, kShortBar}) {
    if (TotalWidth(columns, bar) <= limit) return {std::move(columns), bar};
  }
  BreakTitles(columns);
  for (size_t bar : {kBar, kShortBar, size_t{0}}) {
    if (TotalWidth(columns, bar) <= limit) return {std::move(columns), bar};
  }
  std::vector<GridColumn> narrowed = columns;
  NarrowNames(narrowed, limit);
  for (size_t gap : {kGap, size_t{1}}) {
    if (TotalWidth(narrowed, 0, gap) <= limit) return {std::move(narrowed), 0, gap};
  }
  for (GridColumn& column : columns) {
    if (!column.right) column.width = std::min(column.width, std::max(kNarrowestName, limit / 2));
  }
  return {std::move(columns), kShortBar};
}

// The indices of the columns of each block, one block below the other.
std::vector<std::vector<size_t>> Fold(const Layout& layout, size_t limit) {
  const auto& [columns, bar_width, gap] = layout;
  std::vector<std::vector<size_t>> blocks = {{0}};
  const size_t first = WidthOf(columns[0], bar_width);
  size_t width = first;
  for (size_t i = 1; i < columns.size(); ++i) {
    const size_t more = gap + WidthOf(columns[i], bar_width);
    if (width + more > limit && blocks.back().size() > 1) {
      blocks.push_back({0});
      width = first;
    }
    blocks.back().push_back(i);
    width += more;
  }
  return blocks;
}

std::string Padded(std::string_view text, size_t width, bool right) {
  const std::string space(width - std::min(width, Width(text)), ' ');
  return right ? space + std::string(text) : std::string(text) + space;
}

std::string Bar(double share, size_t width, bool unicode) {
  constexpr std::array<std::string_view, 8> kEighths = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  share = std::clamp(share, 0.0, 1.0);
  std::string bar;
  if (!unicode) return bar.append(static_cast<size_t>(std::lround(share * width)), '#');
  const auto eighths = static_cast<size_t>(std::lround(share * 8 * width));
  for (size_t i = 0; i < eighths / 8; ++i) bar += "█";
  return bar.append(kEighths[eighths % 8]);
}

std::string WithoutTrailingSpace(std::string line) {
  line.erase(line.find_last_not_of(' ') + 1);
  return line;
}

Style StyleOf(Load load) {
  constexpr std::array<Style, 3> kStyles = {Style::kPlain, Style::kWarning, Style::kBad};
  return kStyles[static_cast<size_t>(load)];
}

class Writer {
 public:
  Writer(const Table& table, const Layout& layout, const RenderOptions& options)
      : table_(table), layout_(layout), options_(options) {}

  std::string Block(const std::vector<size_t>& indices) const {
    size_t title_lines = 0;
    for (size_t i : indices) title_lines = std::max(title_lines, layout_.columns[i].title.size());
    std::string text;
    for (size_t line = 0; line < title_lines; ++line) {
      text += Styled(TitleLine(indices, title_lines - line), Style::kFaint, options_) + "\n";
    }
    for (size_t row = 0; row < table_.rows.size(); ++row) {
      const Style style = StyleOf(LoadOf(table_, table_.rows[row]));
      text += Styled(Line(indices, row), style, options_) + "\n";
    }
    return text;
  }

 private:
  // Of the titles, which end in the same line: the one that is so far from the end.
  std::string TitleLine(const std::vector<size_t>& indices, size_t from_end) const {
    std::string line;
    for (size_t i : indices) {
      const GridColumn& column = layout_.columns[i];
      if (i != indices.front()) line.append(layout_.gap, ' ');
      const size_t lines = column.title.size();
      line += Fitted(from_end <= lines ? column.title[lines - from_end] : "", column);
      line.append(WidthOf(column, layout_.bar_width) - column.width, ' ');
    }
    return WithoutTrailingSpace(std::move(line));
  }

  std::string Line(const std::vector<size_t>& indices, size_t row) const {
    std::string line;
    for (size_t i : indices) {
      const GridColumn& column = layout_.columns[i];
      if (i != indices.front()) line.append(layout_.gap, ' ');
      line += Fitted(column.cells[row], column);
      if (!column.bar || layout_.bar_width == 0) continue;
      const double value = AsNumber(table_.rows[row][i]);
      const double share = column.largest > 0 ? value / column.largest : 0;
      const std::string bar = Bar(share, layout_.bar_width, options_.unicode);
      line += " " + Padded(bar, layout_.bar_width, false);
    }
    return WithoutTrailingSpace(std::move(line));
  }

  std::string Fitted(std::string_view text, const GridColumn& column) const {
    return Padded(CutMiddle(text, column.width, Ellipsis(options_)), column.width, column.right);
  }

  const Table& table_;
  const Layout& layout_;
  const RenderOptions& options_;
};

}  // namespace

std::string Styled(std::string_view text, Style style, const RenderOptions& options) {
  if (!options.color || style == Style::kPlain || text.empty()) return std::string(text);
  constexpr std::array<std::string_view, 6> kCodes = {"0", "1", "2", "32", "33", "31"};
  return "\x1b[" + std::string(kCodes[static_cast<size_t>(style)]) + "m" + std::string(text) +
         "\x1b[0m";
}

std::string Grid(const Table& table, const RenderOptions& options) {
  if (table.columns.empty()) return "";
  const auto limit = static_cast<size_t>(std::max(options.columns, 1));
  const Layout layout = Fit(MakeColumns(table, options), limit);
  const Writer writer(table, layout, options);
  std::string text;
  for (const std::vector<size_t>& block : Fold(layout, limit)) {
    if (!text.empty()) text += '\n';
    text += writer.Block(block);
  }
  return text;
}

bool GridFits(const Table& table, const RenderOptions& options) {
  return TotalWidth(MakeColumns(table, options), 0) <=
         static_cast<size_t>(std::max(options.columns, 0));
}

}  // namespace keyway::sim

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

constexpr size_t kGap = 2;  // between columns
constexpr std::array<size_t, 3> kBarWidths = {20, 10, 0};
constexpr size_t kNarrowestName = 16;

struct GridColumn {
  std::string title;
  bool right = false;
  bool bar = false;
  double largest = 0;  // value, of a column with bars
  size_t width = 0;
  std::vector<std::string> cells;
};

std::string_view Ellipsis(const RenderOptions& options) { return options.unicode ? "…" : "..."; }

GridColumn MakeColumn(const Table& table, size_t index, const RenderOptions& options) {
  const Column& column = table.columns[index];
  GridColumn grid;
  grid.title = Clean(column.title);
  if (column.estimate) grid.title = (options.unicode ? "≈ " : "~ ") + grid.title;
  grid.right = column.unit != Unit::kText;
  grid.bar = column.bar;
  grid.width = Width(grid.title);
  for (const std::vector<Value>& row : table.rows) {
    grid.cells.push_back(ToPeople(row[index], column.unit));
    grid.width = std::max(grid.width, Width(grid.cells.back()));
    grid.largest = std::max(grid.largest, AsNumber(row[index]));
  }
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

size_t TotalWidth(const std::vector<GridColumn>& columns, size_t bar_width) {
  if (columns.empty()) return 0;
  size_t width = kGap * (columns.size() - 1);
  for (const GridColumn& column : columns) width += WidthOf(column, bar_width);
  return width;
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

// The indices of the columns of each block, one block below the other.
std::vector<std::vector<size_t>> Fold(const std::vector<GridColumn>& columns, size_t bar_width,
                                      size_t limit) {
  std::vector<std::vector<size_t>> blocks = {{0}};
  const size_t first = WidthOf(columns[0], bar_width);
  size_t width = first;
  for (size_t i = 1; i < columns.size(); ++i) {
    const size_t more = kGap + WidthOf(columns[i], bar_width);
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
  Writer(const Table& table, const std::vector<GridColumn>& columns, size_t bar_width,
         const RenderOptions& options)
      : table_(table), columns_(columns), bar_width_(bar_width), options_(options) {}

  std::string Block(const std::vector<size_t>& indices) const {
    std::string header;
    for (size_t i : indices) {
      const GridColumn& column = columns_[i];
      if (!header.empty()) header.append(kGap, ' ');
      header += Padded(CutMiddle(column.title, column.width, Ellipsis(options_)), column.width,
                       column.right);
      header.append(WidthOf(column, bar_width_) - column.width, ' ');
    }
    std::string text = Styled(WithoutTrailingSpace(header), Style::kFaint, options_) + "\n";
    for (size_t row = 0; row < table_.rows.size(); ++row) {
      text += Styled(WithoutTrailingSpace(Line(indices, row)),
                     StyleOf(LoadOf(table_, table_.rows[row])), options_) +
              "\n";
    }
    return text;
  }

 private:
  std::string Line(const std::vector<size_t>& indices, size_t row) const {
    std::string line;
    for (size_t i : indices) {
      const GridColumn& column = columns_[i];
      if (i != indices.front()) line.append(kGap, ' ');
      line += Padded(CutMiddle(column.cells[row], column.width, Ellipsis(options_)), column.width,
                     column.right);
      if (!column.bar || bar_width_ == 0) continue;
      const double share = column.largest > 0 ? AsNumber(table_.rows[row][i]) / column.largest : 0;
      line += " " + Padded(Bar(share, bar_width_, options_.unicode), bar_width_, false);
    }
    return line;
  }

  const Table& table_;
  const std::vector<GridColumn>& columns_;
  const size_t bar_width_;
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
  std::vector<GridColumn> columns = MakeColumns(table, options);
  const auto* bar_width = std::ranges::find_if(
      kBarWidths, [&](size_t width) { return width == 0 || TotalWidth(columns, width) <= limit; });
  if (*bar_width == 0) NarrowNames(columns, limit);

  const Writer writer(table, columns, *bar_width, options);
  std::string text;
  for (const std::vector<size_t>& block : Fold(columns, *bar_width, limit)) {
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

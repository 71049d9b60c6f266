#include "tools/keywayctl/table.h"

#include <algorithm>

namespace keyway {
namespace {

constexpr std::string_view kGap = "  ";

// Characters of UTF-8 text: all bytes but those that continue one.
size_t Width(std::string_view text) {
  return static_cast<size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) >> 6) != 2; }));
}

}  // namespace

std::vector<size_t> Table::Widths() const {
  std::vector<size_t> widths;
  for (const Column& column : columns_) widths.push_back(Width(column.title));
  for (const auto& row : rows_) {
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], Width(row[i]));
  }
  return widths;
}

std::string Table::ToString(std::string_view indent) const {
  const std::vector<size_t> widths = Widths();
  std::string text;
  const auto append = [&](const auto& cell_of) {
    std::string line(indent);
    for (size_t i = 0; i < columns_.size(); ++i) {
      const std::string& cell = cell_of(i);
      const std::string space(widths[i] - Width(cell), ' ');
      if (i > 0) line += kGap;
      line += columns_[i].number ? space + cell : cell + space;
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + '\n';
  };
  const bool titled = std::any_of(columns_.begin(), columns_.end(),
                                  [](const Column& column) { return !column.title.empty(); });
  if (titled) append([&](size_t i) -> const std::string& { return columns_[i].title; });
  for (const auto& row : rows_) append([&](size_t i) -> const std::string& { return row[i]; });
  return text;
}

}  // namespace keyway

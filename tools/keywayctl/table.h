// Columns for a terminal.
#ifndef KEYWAY_TOOLS_KEYWAYCTL_TABLE_H_
#define KEYWAY_TOOLS_KEYWAYCTL_TABLE_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace keyway {

// Rows of cells, each column as wide as its widest cell. Columns of numbers are aligned
// at their right, others at their left.
class Table {
 public:
  struct Column {
    std::string title;
    bool number = false;
  };

  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  // As many cells as there are columns.
  void AddRow(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }

  // Lines that begin with `indent`. Titles come first, unless all of them are empty.
  std::string ToString(std::string_view indent = "") const;

 private:
  std::vector<size_t> Widths() const;

  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace keyway

#endif  // KEYWAY_TOOLS_KEYWAYCTL_TABLE_H_

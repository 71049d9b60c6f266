// A table in aligned columns, as wide as the terminal.
#ifndef KEYWAY_SIM_REPORT_GRID_H_
#define KEYWAY_SIM_REPORT_GRID_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "sim/report/report.h"

namespace keyway::sim {

enum class Style { kPlain, kStrong, kFaint, kGood, kWarning, kBad };

// The text in a style, where the terminal has colours.
std::string Styled(std::string_view text, Style style, const RenderOptions& options);

// The header and the rows, without title and note. What is too wide gets titles in several
// lines, loses its bars, then the middle of its names and space between columns; columns
// that still do not fit follow below, with the first column again.
std::string Grid(const Table& table, const RenderOptions& options);

// Whether the grid is not wider than the terminal, without its bars.
bool GridFits(const Table& table, const RenderOptions& options);

}  // namespace keyway::sim

#endif  // KEYWAY_SIM_REPORT_GRID_H_

// Tables as HTML. All text in it is escaped here.
#ifndef KEYWAY_SIM_REPORT_MARKUP_H_
#define KEYWAY_SIM_REPORT_MARKUP_H_

#include <string>
#include <string_view>

#include "sim/report/report.h"

namespace keyway::sim {

// For an element's content and for a quoted attribute.
std::string EscapeHtml(std::string_view text);

// The sign of an estimate.
inline constexpr std::string_view kEstimate = "<abbr title=\"estimate\">≈</abbr> ";

// A fact as people read it, with the sign where it is an estimate.
std::string FigureMarkup(const Value& value, Unit unit, bool estimate);

// A <table> which the page's script makes sortable.
std::string TableMarkup(const Table& table);

// A <table> of shape.h's AsMatrix(), with the cells coloured by their values.
std::string MatrixMarkup(const Table& square);

// JSON inside a <script> element, which ends at the first "</script" whatever is around it.
std::string JsonMarkup(std::string json);

}  // namespace keyway::sim

#endif  // KEYWAY_SIM_REPORT_MARKUP_H_

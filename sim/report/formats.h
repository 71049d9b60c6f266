// Every format, one to a file. Private to this folder.
#ifndef KEYWAY_SIM_REPORT_FORMATS_H_
#define KEYWAY_SIM_REPORT_FORMATS_H_

#include <string>

#include "sim/report/report.h"

namespace keyway::sim {

// Aligned columns, with bars and colours where the terminal has them.
std::string RenderTable(const Report& report, const RenderOptions& options);

// RFC 8259, as schema.json describes it. The same report gives the same bytes.
std::string RenderJson(const Report& report, const RenderOptions& options);

// RFC 4180. Each table follows the last after an empty line, and each line begins with the
// id of its table, so that one table is easily taken out.
std::string RenderCsv(const Report& report, const RenderOptions& options);

// One page that needs nothing beside it: charts and sortable tables.
std::string RenderHtml(const Report& report, const RenderOptions& options);

}  // namespace keyway::sim

#endif  // KEYWAY_SIM_REPORT_FORMATS_H_

// Every format, one to a file. Private to this folder.
#ifndef KEYWAY_SIM_REPORT_FORMATS_H_
#define KEYWAY_SIM_REPORT_FORMATS_H_

#include <string>

#include "sim/report/report.h"

namespace keyway::sim {

// Aligned columns for a terminal, and the spread below.
std::string RenderTable(const Report& report);

// RFC 4180: a header, and a line for each server. Shares are fractions of 1.
std::string RenderCsv(const Report& report);

// RFC 8259: one object. Shares are fractions of 1.
std::string RenderJson(const Report& report);

}  // namespace keyway::sim

#endif  // KEYWAY_SIM_REPORT_FORMATS_H_

// What the user gets to see of an experiment, in several formats.
#ifndef KEYWAY_SIM_REPORT_REPORT_H_
#define KEYWAY_SIM_REPORT_REPORT_H_

#include <span>
#include <string>
#include <string_view>

#include "sim/statistics.h"

namespace keyway::sim {

struct Report {
  std::string pool;
  std::string hash;
  std::string hash_tag;  // or empty
  std::string distribution;
  std::string keys_from;  // the source, as the user calls it
  Figures figures;
};

struct ReportFormat {
  std::string_view name;
  std::string_view help;
  std::string (*render)(const Report& report);
};

// The format with that name, or null.
const ReportFormat* FindReportFormat(std::string_view name);
std::span<const ReportFormat> AllReportFormats();

}  // namespace keyway::sim

#endif  // KEYWAY_SIM_REPORT_REPORT_H_

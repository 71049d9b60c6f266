#include "sim/report/report.h"

#include <algorithm>

#include "sim/report/formats.h"

namespace keyway::sim {
namespace {

constexpr ReportFormat kFormats[] = {
    {"table", "for people", RenderTable},
    {"csv", "a line for each server", RenderCsv},
    {"json", "everything in one object", RenderJson},
};

}  // namespace

const ReportFormat* FindReportFormat(std::string_view name) {
  const auto format = std::find_if(std::begin(kFormats), std::end(kFormats),
                                   [&](const ReportFormat& row) { return row.name == name; });
  return format == std::end(kFormats) ? nullptr : format;
}

std::span<const ReportFormat> AllReportFormats() { return kFormats; }

}  // namespace keyway::sim

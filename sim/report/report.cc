#include "sim/report/report.h"

#include <algorithm>
#include <iterator>

#include "sim/report/formats.h"

namespace keyway::sim {
namespace {

constexpr ReportFormat kFormats[] = {
    {"table", "for people at a terminal", RenderTable},
    {"json", "for programs: everything, with a schema", RenderJson},
    {"csv", "for spreadsheets: every table", RenderCsv},
    {"html", "for people: one page with charts", RenderHtml},
};

}  // namespace

const ReportFormat* FindReportFormat(std::string_view name) {
  const auto* format = std::ranges::find(kFormats, name, &ReportFormat::name);
  return format == std::end(kFormats) ? nullptr : format;
}

std::span<const ReportFormat> AllReportFormats() { return kFormats; }

}  // namespace keyway::sim

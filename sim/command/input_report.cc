#include "sim/command/input_report.h"

#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "absl/strings/str_format.h"
#include "sim/command/measure.h"

namespace keyway::sim {
namespace {

std::string Formats(const InputReport& input) {
  std::set<std::string> formats;
  for (const InputReport::SourceReport& source : input.sources) {
    if (source.records > 0) formats.insert(source.format);
  }
  std::string text;
  for (const std::string& format : formats) text += (text.empty() ? "" : ", ") + format;
  return text;
}

void AddCount(Report& report, std::string id, std::string title, uint64_t count,
              Unit unit = Unit::kCount) {
  report.facts.push_back(
      {.id = std::move(id), .title = std::move(title), .unit = unit, .value = count});
}

// Whether there are bytes of both a census and requests.
bool MixesBytes(const InputReport& input, uint64_t bytes) {
  bool stored = false, carried = false;
  for (const InputReport::SourceReport& source : input.sources) {
    if (source.records == 0) continue;
    (source.content == Content::kKeys ? stored : carried) = true;
  }
  return stored && carried && bytes > 0;
}

}  // namespace

void AddInputFacts(const InputReport& input, const Tally& tally, Report& report) {
  report.facts.push_back({.id = "format", .title = "format of the input", .value = Formats(input)});
  AddCount(report, "records", "records", input.records());
  const Counts sum = Sum(tally.scenarios.front().servers);
  for (const Load& load : LoadsOf(tally, 0)) {
    if (load.measure->id != "keys") continue;
    report.facts.push_back({.id = "keys",
                            .title = load.estimate ? "different keys" : "keys",
                            .unit = Unit::kCount,
                            .value = CountValue(load.sum),
                            .estimate = load.estimate,
                            .note = load.estimate
                                        ? absl::StrFormat("HyperLogLog, standard error %.2g%%",
                                                          100 * HyperLogLog::kStandardError)
                                        : ""});
  }
  if (sum.bytes > 0) AddCount(report, "bytes", "bytes", sum.bytes, Unit::kBytes);
  if (MixesBytes(input, sum.bytes)) {
    report.warnings.push_back(
        "the input has both keys and requests: bytes are the sum of those stored and those "
        "carried; for either alone, give the sources one at a time");
  }
  if (sum.requests() > 0) {
    AddCount(report, "reads", "reads", sum.reads);
    AddCount(report, "writes", "writes", sum.writes);
  }
  if (input.bad_lines() > 0) AddCount(report, "bad_lines", "bad lines", input.bad_lines());

  std::map<std::string, uint64_t> skipped;
  for (const InputReport::SourceReport& source : input.sources) {
    for (const auto& [reason, records] : source.skipped) skipped[reason] += records;
  }
  if (skipped.empty()) return;
  Table table = {.id = "skipped",
                 .title = "Records that count for nothing",
                 .columns = {{.id = "reason", .title = "reason"},
                             {.id = "records", .title = "records", .unit = Unit::kCount}}};
  for (const auto& [reason, records] : skipped) table.rows.push_back({reason, records});
  report.tables.push_back(std::move(table));
}

}  // namespace keyway::sim

#include "sim/partial/input_message.h"

#include <algorithm>
#include <string>

#include "sim/source/source.h"

namespace keyway::sim {
namespace {

using SourceReport = InputReport::SourceReport;

// Sources that a report does not tell apart are one.
SourceReport& SumFor(InputReport& input, const std::string& format, Content content) {
  const auto found = std::ranges::find_if(input.sources, [&](const SourceReport& source) {
    return source.name.empty() && source.format == format && source.content == content;
  });
  if (found != input.sources.end()) return *found;
  SourceReport& sum = input.sources.emplace_back();
  sum.format = format;
  sum.content = content;
  return sum;
}

// The same input, with as few sources as it takes.
InputReport Condensed(const InputReport& input) {
  InputReport sums;
  for (const SourceReport& source : input.sources) {
    if (source.records + source.lines == 0 && source.skipped.empty()) continue;
    SourceReport& sum = SumFor(sums, source.format, source.content);
    sum.records += source.records;
    sum.lines += source.lines;
    sum.bad_lines += source.bad_lines;
    for (const auto& [reason, records] : source.skipped) sum.skipped[reason] += records;
  }
  return sums;
}

}  // namespace

void PutInput(const InputReport& input, v1::Input& message) {
  for (const SourceReport& source : Condensed(input).sources) {
    v1::Input::Sum& sum = *message.add_sums();
    sum.set_format(source.format);
    sum.set_requests(source.content == Content::kRequests);
    sum.set_records(source.records);
    sum.set_lines(source.lines);
    sum.set_bad_lines(source.bad_lines);
    for (const auto& [reason, records] : source.skipped) {
      v1::Input::Skipped& skipped = *sum.add_skipped();
      skipped.set_reason(reason);
      skipped.set_records(records);
    }
  }
  for (const BadLine& example : input.examples) {
    v1::Input::BadLine& bad = *message.add_bad_lines();
    bad.set_source(input.sources[example.source].name);
    bad.set_line(example.line);
    bad.set_text(example.text);
    bad.set_reason(example.reason);
  }
}

void AddInput(const v1::Input& message, InputReport& input) {
  for (const v1::Input::Sum& sum : message.sums()) {
    SourceReport& source =
        SumFor(input, sum.format(), sum.requests() ? Content::kRequests : Content::kKeys);
    source.records += sum.records();
    source.lines += sum.lines();
    source.bad_lines += sum.bad_lines();
    for (const v1::Input::Skipped& skipped : sum.skipped()) {
      source.skipped[skipped.reason()] += skipped.records();
    }
  }
  for (const v1::Input::BadLine& bad : message.bad_lines()) {
    if (input.examples.size() == InputReport::kExamples) break;
    input.examples.push_back({.source = input.sources.size(),
                              .line = bad.line(),
                              .text = bad.text(),
                              .reason = bad.reason()});
    input.sources.emplace_back().name = bad.source();
  }
}

}  // namespace keyway::sim

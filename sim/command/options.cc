#include "sim/command/options.h"

#include <CLI/App.hpp>
#include <algorithm>
#include <cstdint>
#include <utility>

#include "absl/strings/str_format.h"
#include "sim/command/numbers.h"
#include "sim/command/progress.h"
#include "sim/source/open/open.h"

namespace keyway::sim {
namespace {

// An option for what `parse` makes of its text, put where `set` does.
template <class Parse, class Set>
CLI::Option* AddParsed(CLI::App& app, const std::string& name, const std::string& help,
                       const std::string& form, Parse parse, Set set) {
  const auto check = [parse, form](const std::string& text) {
    return parse(text) ? std::string() : absl::StrFormat("'%s' is not %s", text, form);
  };
  return app
      .add_option_function<std::string>(
          name, [parse, set](const std::string& text) { set(*parse(text)); }, help)
      ->check(CLI::Validator(check, "", ""));
}

constexpr char kShareForm[] = "a share such as 10% or 0.1";

std::string Name(const InputReport& input, size_t source) {
  return source < input.sources.size() ? input.sources[source].name : "?";
}

absl::Status ShowIn(std::string_view format, const std::string& file, const Report& report,
                    const Context& context) {
  if (file.empty()) return absl::OkStatus();
  const std::string text = FindReportFormat(format)->render(report, {});
  return WriteFile(file, context.directory, text);
}

}  // namespace

void AddShare(CLI::App& app, const std::string& name, double& share, const std::string& help) {
  AddParsed(app, name, help, kShareForm, ParseShare, [&share](double value) { share = value; })
      ->type_name("SHARE")
      ->default_str(absl::StrFormat("%g%%", 100 * share));
}

void AddShare(CLI::App& app, const std::string& name, std::optional<double>& share,
              const std::string& help) {
  AddParsed(app, name, help, kShareForm, ParseShare, [&share](double value) {
    share = value;
  })->type_name("SHARE");
}

void AddNumber(CLI::App& app, const std::string& name, std::optional<double>& number,
               const std::string& help) {
  AddParsed(app, name, help, "a number", ParseNumber, [&number](double value) {
    number = value;
  })->type_name("NUMBER");
}

void KeysOptions::AddTo(CLI::App& app) {
  const auto group = [](CLI::Option* option) { option->group(kKeysGroup); };
  app.add_option("--keys", sources,
                 "Files (any format, compressed or not), - for the standard input, or "
                 "KIND:DETAILS; see 'sim formats'")
      ->required()
      ->type_name("SOURCE")
      ->group(kKeysGroup);
  group(app.add_option("--format", format, "The format of the keys, where it is not recognised")
            ->type_name("FORMAT"));
  AddShare(app, "--max-bad", max_bad, "Fail if more of the lines than this are bad");
  group(app.get_option("--max-bad"));
  group(app.add_option("--threads", threads, "How many; 0: one for each processor")
            ->check(CLI::Range(0, 4096).description(""))
            ->type_name("NUMBER"));
  group(app.add_flag("--no-progress", no_progress, "No line of progress on a terminal"));
}

absl::StatusOr<std::vector<std::unique_ptr<Source>>> KeysOptions::Open(
    const Context& context) const {
  std::vector<std::unique_ptr<Source>> opened;
  for (const std::string& text : sources) {
    auto source = OpenSource(text, {.format = format, .directory = context.directory});
    if (!source.ok()) return source.status();
    opened.push_back(*std::move(source));
  }
  return opened;
}

absl::StatusOr<Outcome> KeysOptions::Count(const Experiment& experiment,
                                           const Context& context) const {
  absl::StatusOr<std::vector<std::unique_ptr<Source>>> opened = Open(context);
  if (!opened.ok()) return opened.status();
  std::optional<Progress> progress;
  if (context.progress && !no_progress) progress.emplace(context.messages);
  const auto tell = [&](uint64_t done, uint64_t in_all) {
    if (progress) progress->Update(done, in_all);
  };
  return Run(experiment, *std::move(opened), {.threads = threads, .on_progress = tell});
}

absl::Status JudgeInput(const InputReport& input, double max_bad, std::ostream& messages) {
  if (input.bad_lines() == 0) return absl::OkStatus();
  for (const BadLine& bad : input.examples) {
    messages << absl::StrFormat("%s:%d: '%s': %s\n", Name(input, bad.source), bad.line, bad.text,
                                bad.reason);
  }
  uint64_t lines = 0;
  for (const InputReport::SourceReport& source : input.sources) lines += source.lines;
  const double share =
      static_cast<double>(input.bad_lines()) / static_cast<double>(std::max<uint64_t>(lines, 1));
  const std::string text =
      absl::StrFormat("%d of %d lines are bad (%.2g%%)", input.bad_lines(), lines, 100 * share);
  if (share > max_bad) {
    return absl::InvalidArgumentError(
        absl::StrFormat("%s; --max-bad allows %g%%", text, 100 * max_bad));
  }
  messages << text << " and were left out\n";
  return absl::OkStatus();
}

void ReportOptions::AddTo(CLI::App& app) {
  std::vector<std::string> names;
  for (const ReportFormat& row : AllReportFormats()) names.emplace_back(row.name);
  const std::vector<std::pair<CLI::Option*, std::string>> options = {
      {app.add_option("--report", format, "How the report is shown")
           ->check(CLI::IsMember(names))
           ->capture_default_str(),
       "FORMAT"},
      {app.add_option("--output", output, "Where to; otherwise the standard output"), "FILE"},
      {app.add_option("--json", json, "The report as JSON besides"), "FILE"},
      {app.add_option("--csv", csv, "As CSV besides"), "FILE"},
      {app.add_option("--html", html, "As a page with charts besides"), "FILE"},
      {app.add_option("--color", color, "Colours: auto (on a terminal), always or never")
           ->check(CLI::IsMember({"auto", "always", "never"}).description(""))
           ->capture_default_str(),
       "WHEN"},
  };
  for (const auto& [option, type] : options) option->type_name(type)->group(kReportGroup);
}

absl::Status ReportOptions::Show(const Report& report, const Context& context) const {
  for (const auto& [name, file] : {std::pair("json", json), {"csv", csv}, {"html", html}}) {
    absl::Status status = ShowIn(name, file, report, context);
    if (!status.ok()) return status;
  }
  RenderOptions options = output.empty() ? context.render : RenderOptions();
  if (color != "auto") options.color = color == "always";
  const std::string text = FindReportFormat(format)->render(report, options);
  if (!output.empty()) return WriteFile(output, context.directory, text);
  context.output << text << std::flush;
  return context.output ? absl::OkStatus()
                        : absl::InvalidArgumentError("the report cannot be written");
}

std::vector<std::string> ArgumentsOf(const CLI::App& app) {
  std::vector<std::string> arguments;
  for (const CLI::Option* option : app.get_options()) {
    if (option->empty() || option->get_group() == kKeysGroup ||
        option->get_group() == kReportGroup) {
      continue;
    }
    for (const std::string& value : option->results()) {
      arguments.push_back(option->get_name() + "=" + value);
    }
  }
  return arguments;
}

}  // namespace keyway::sim

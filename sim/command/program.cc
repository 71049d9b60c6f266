#include "sim/command/program.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_format.h"
#include "sim/command/analysis_command.h"
#include "sim/command/commands.h"
#include "sim/command/options.h"

namespace keyway::sim {
namespace {

// A command of this run, with where its options went.
struct Entry {
  CLI::App* app = nullptr;
  std::unique_ptr<Command> command;
  bool reports = true;
  ReportOptions report = {};
};

class Program {
 public:
  explicit Program(const Context& context) : context_(context) {
    app_.require_subcommand(1);
    app_.option_defaults()->always_capture_default(false);
    app_.get_formatter()->column_width(26);
    app_.footer(
        "sim COMMAND --help shows the options of a command.\n"
        "Exit codes: 0 fine, 1 a limit is broken or something differs, 2 bad input or wrong use.");
    for (const AnalysisRow& row : AllAnalyses()) {
      Add(row.name, row.help, row.example, std::make_unique<AnalysisCommand>(row.make()), true);
    }
    for (const CommandRow& row : OtherCommands()) {
      Add(row.name, row.help, row.example, row.make(), row.reports);
    }
  }

  int Run(std::vector<std::string> arguments) {
    if (!arguments.empty() && !arguments.front().starts_with('-') &&
        !HasCommand(arguments.front())) {
      return Complain(absl::StrFormat("there is no command '%s'", arguments.front()));
    }
    std::ranges::reverse(arguments);  // as CLI11 wants them
    try {
      app_.parse(std::move(arguments));
    } catch (const CLI::CallForHelp& help) {
      app_.exit(help, context_.output, context_.messages);
      return kFine;
    } catch (const CLI::ParseError& error) {
      return Complain(error.what());
    }
    for (const std::unique_ptr<Entry>& entry : entries_) {
      if (entry->app->parsed()) return RunCommand(*entry);
    }
    return kBadInput;
  }

 private:
  void Add(std::string_view name, std::string_view help, std::string_view example,
           std::unique_ptr<Command> command, bool reports) {
    auto entry = std::make_unique<Entry>();
    entry->app = app_.add_subcommand(std::string(name), std::string(help));
    entry->app->footer(absl::StrFormat("Example:\n  %s", example));
    entry->command = std::move(command);
    entry->reports = reports;
    entry->command->AddOptions(*entry->app);
    if (reports) entry->report.AddTo(*entry->app);
    entries_.push_back(std::move(entry));
  }

  bool HasCommand(const std::string& name) const {
    return std::ranges::any_of(entries_, [&name](const std::unique_ptr<Entry>& entry) {
      return entry->app->get_name() == name;
    });
  }

  int Complain(const std::string& what) {
    const auto parsed = std::ranges::find_if(
        entries_, [](const std::unique_ptr<Entry>& entry) { return entry->app->parsed(); });
    const std::string name = parsed == entries_.end() ? "" : (*parsed)->app->get_name() + " ";
    context_.messages << what << "\nsim " << name << "--help shows how it is used.\n";
    return kBadInput;
  }

  int RunCommand(Entry& entry) {
    const absl::StatusOr<std::optional<Report>> report = entry.command->Run(context_);
    absl::Status status = report.status();
    if (status.ok() && *report) status = entry.report.Show(**report, context_);
    if (!status.ok()) {
      context_.messages << std::string(status.message()) << '\n';
      return kBadInput;
    }
    if (!*report) return kFine;
    return std::ranges::all_of((*report)->verdicts, &Verdict::held) ? kFine : kBroken;
  }

  const Context& context_;
  CLI::App app_{"Shows how keys spread over the servers of a pool, before they do.", "sim"};
  std::vector<std::unique_ptr<Entry>> entries_;  // their addresses are known to app_
};

}  // namespace

int RunProgram(const std::vector<std::string>& arguments, const Context& context) {
  return Program(context).Run(arguments);
}

}  // namespace keyway::sim

#include <CLI/App.hpp>
#include <memory>
#include <optional>

#include "absl/strings/str_format.h"
#include "sim/command/commands.h"
#include "sim/source/open/open.h"

namespace keyway::sim {
namespace {

class Formats : public Command {
 public:
  void AddOptions(CLI::App&) override {}

  absl::StatusOr<std::optional<Report>> Run(const Context& context) override {
    context.output << "Formats of files, recognised or given with --format:\n";
    for (const SourceHelp& row : AllFormats()) Show(context, row);
    context.output << "\nSources that are no files, as --keys takes them:\n";
    for (const SourceHelp& row : AllKinds()) Show(context, row);
    return std::nullopt;
  }

 private:
  static void Show(const Context& context, const SourceHelp& row) {
    context.output << absl::StrFormat("  %-14s %s\n", row.name, row.help);
  }
};

}  // namespace

std::unique_ptr<Command> MakeFormats() { return std::make_unique<Formats>(); }

}  // namespace keyway::sim

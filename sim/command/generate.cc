#include "sim/generate/generate.h"

#include <CLI/App.hpp>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "sim/command/commands.h"
#include "sim/command/files.h"
#include "sim/command/options.h"
#include "sim/command/progress.h"
#include "sim/source/open/open.h"

namespace keyway::sim {
namespace {

class GenerateCommand : public Command {
 public:
  void AddOptions(CLI::App& app) override {
    app.add_option("sources", sources_,
                   "What is written: zipf:…, sequence:… and so on, or keys from anywhere; see "
                   "'sim formats'")
        ->required()
        ->type_name("SOURCE");
    app.add_option("--output", output_,
                   "Where to; compressed if it ends in .gz, .zst or .lz4. Otherwise the standard "
                   "output")
        ->type_name("FILE");
    std::vector<std::string> names;
    std::string help = "What is written of each:";
    for (const OutputFormat& row : AllOutputFormats()) {
      names.emplace_back(row.name);
      help += absl::StrFormat("\n%s: %s", row.name, row.help);
    }
    app.add_option("--format", format_, help)
        ->check(CLI::IsMember(names))
        ->type_name("FORMAT")
        ->capture_default_str();
    app.add_option("--rate", rate_, "Requests in a second, for formats that have times")
        ->check(CLI::PositiveNumber)
        ->type_name("NUMBER")
        ->capture_default_str();
    app.add_option("--source-format", source_format_, "The format of a file that is a source")
        ->type_name("FORMAT");
    app.add_option("--threads", threads_, "How many; 0: one for each processor")
        ->check(CLI::Range(0, 4096))
        ->type_name("NUMBER");
    app.add_flag("--no-progress", no_progress_, "No line of progress on a terminal");
  }

  absl::StatusOr<std::optional<Report>> Run(const Context& context) override {
    if (output_.empty()) return Write(context, nullptr, context.output);
    std::ofstream file(PathOf(output_, context.directory), std::ios::binary);
    if (!file) {
      return absl::InvalidArgumentError(absl::StrFormat("%s: cannot be written", output_));
    }
    return Write(context, FindCompressor(output_), file);
  }

 private:
  absl::StatusOr<std::optional<Report>> Write(const Context& context, const Compressor* compressor,
                                              std::ostream& out) const {
    std::vector<std::unique_ptr<Source>> opened;
    for (const std::string& text : sources_) {
      auto source = OpenSource(text, {.format = source_format_, .directory = context.directory});
      if (!source.ok()) return source.status();
      opened.push_back(*std::move(source));
    }
    absl::StatusOr<Generated> generated = absl::UnknownError("");
    {
      std::optional<Progress> progress;
      // Two writers on one terminal would spoil the keys.
      if (context.progress && !no_progress_ && !output_.empty()) progress.emplace(context.messages);
      const auto tell = [&](uint64_t done, uint64_t in_all) {
        if (progress) progress->Update(done, in_all);
      };
      generated = Generate(std::move(opened),
                           {.format = FindOutputFormat(format_),
                            .compressor = compressor,
                            .rate = rate_,
                            .threads = threads_,
                            .on_progress = tell},
                           out);
    }
    if (!generated.ok()) return generated.status();
    Tell(*generated, context.messages);
    return std::nullopt;
  }

  void Tell(const Generated& generated, std::ostream& messages) const {
    if (!output_.empty()) {
      messages << absl::StrFormat("%d %s in %s\n", generated.items,
                                  generated.items == 1 ? "record" : "records", output_);
    }
    if (generated.left_out > 0) {
      messages << absl::StrFormat("%d keys that the format %s cannot hold were left out\n",
                                  generated.left_out, format_);
    }
    if (generated.bad_lines > 0) {
      messages << absl::StrFormat("%d bad lines of the sources were left out\n",
                                  generated.bad_lines);
    }
  }

  std::vector<std::string> sources_;
  std::string output_;
  std::string format_ = "list";
  std::string source_format_;
  double rate_ = 1e6;
  int threads_ = 0;
  bool no_progress_ = false;
};

}  // namespace

std::unique_ptr<Command> MakeGenerate() { return std::make_unique<GenerateCommand>(); }

}  // namespace keyway::sim

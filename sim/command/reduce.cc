#include <CLI/App.hpp>
#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "sim/command/analysis_command.h"
#include "sim/command/commands.h"
#include "sim/command/options.h"
#include "sim/command/partial_output.h"
#include "sim/partial/partial.h"
#include "sim/source/bytes/byte_stream.h"

namespace keyway::sim {
namespace {

// More than any partial result has.
constexpr size_t kMaxLineBytes = 256 * 1024 * 1024;

// Calls `take(line, number)`, which may fail, for each line that is not blank.
template <class Take>
absl::Status EachLine(ByteStream& stream, const Take& take) {
  std::array<char, 64 * 1024> space;
  std::string line;
  uint64_t number = 0;
  const auto end_line = [&]() -> absl::Status {
    ++number;
    const bool blank = line.find_first_not_of(" \t\r") == std::string::npos;
    const absl::Status taken = blank ? absl::OkStatus() : take(line, number);
    line.clear();
    return taken;
  };
  for (;;) {
    const absl::StatusOr<size_t> size = stream.Read(space);
    if (!size.ok()) return size.status();
    if (*size == 0) return line.empty() ? absl::OkStatus() : end_line();
    std::string_view piece(space.data(), *size);
    for (size_t end; (end = piece.find('\n')) != std::string_view::npos;) {
      line += piece.substr(0, end);
      piece.remove_prefix(end + 1);
      const absl::Status taken = end_line();
      if (!taken.ok()) return taken;
    }
    line += piece;
    if (line.size() > kMaxLineBytes) {
      return absl::InvalidArgumentError(
          absl::StrFormat("%s:%d: is too long for a partial result", stream.name(), number + 1));
    }
  }
}

// The sum of the partial results so far.
class Reduction {
 public:
  // `place` is what messages call the line.
  absl::Status Add(std::string_view line, const std::string& place) {
    const absl::StatusOr<Partial> partial = Partial::Read(line);
    absl::Status status = partial.status();
    if (status.ok()) status = analysis_ == nullptr ? Start(*partial, place) : Compare(*partial);
    if (status.ok()) status = partial->AddTo(outcome_.tally, outcome_.input);
    if (status.ok()) return status;
    return absl::InvalidArgumentError(absl::StrFormat("%s: %s", place, status.message()));
  }

  // Null while there was no line.
  const Analysis* analysis() const { return analysis_.get(); }
  const PartialPlan& plan() const { return plan_; }
  const Outcome& outcome() const { return outcome_; }

 private:
  // Plans as the process did that counted.
  absl::Status Start(const Partial& partial, const std::string& place) {
    plan_ = partial.plan();
    first_place_ = place;
    const AnalysisRow* const row = FindAnalysis(plan_.command);
    if (row == nullptr) {
      return absl::InvalidArgumentError(
          absl::StrFormat("is of %s, which this program does not have", plan_.command));
    }
    analysis_ = row->make();
    CLI::App app;
    analysis_->AddOptions(app);
    std::vector<std::string> arguments = plan_.arguments;
    std::ranges::reverse(arguments);  // as CLI11 wants them
    try {
      app.parse(std::move(arguments));
    } catch (const CLI::ParseError& error) {
      return absl::InvalidArgumentError(error.what());
    }
    Files files(plan_.files);
    const absl::StatusOr<Experiment> experiment = analysis_->Plan(files);
    if (!experiment.ok()) return experiment.status();
    outcome_.tally = EmptyTally(*experiment);
    return absl::OkStatus();
  }

  absl::Status Compare(const Partial& partial) const {
    const std::string difference = DifferenceOf(plan_, partial.plan());
    if (difference.empty()) return absl::OkStatus();
    return absl::InvalidArgumentError(absl::StrFormat("%s as %s", difference, first_place_));
  }

  std::unique_ptr<Analysis> analysis_;
  PartialPlan plan_;
  std::string first_place_;
  Outcome outcome_;
};

// The second step of an analysis.
class Reduce : public Command {
 public:
  void AddOptions(CLI::App& app) override {
    app.add_option("FILES", files_,
                   "What sim map wrote, compressed or not; - is the standard input")
        ->type_name("")
        ->capture_default_str();
    app.add_flag("--partial", partial_,
                 "Write to the standard output one partial result of them all, and no report");
  }

  absl::StatusOr<std::optional<Report>> Run(const Context& context) override {
    Reduction reduction;
    for (const std::string& file : files_) {
      const absl::Status added = AddFile(file, context, reduction);
      if (!added.ok()) return added;
    }
    if (reduction.analysis() == nullptr) {
      return absl::InvalidArgumentError("there is no partial result of sim map in the input");
    }
    const Outcome& outcome = reduction.outcome();
    if (partial_) {
      const absl::Status written = PutPartial(reduction.plan(), outcome, context);
      if (!written.ok()) return written;
      return std::nullopt;
    }
    const absl::Status judged =
        JudgeInput(outcome.input, reduction.plan().max_bad, context.messages);
    if (!judged.ok()) return judged;
    return DrawAndWrite(*reduction.analysis(), outcome, context);
  }

 private:
  static absl::Status AddFile(const std::string& file, const Context& context,
                              Reduction& reduction) {
    const absl::StatusOr<OpenedBytes> opened = OpenBytes(PathOf(file, context.directory), file);
    if (!opened.ok()) return opened.status();
    return EachLine(*opened->stream, [&](std::string_view line, uint64_t number) {
      return reduction.Add(line, absl::StrFormat("%s:%d", file, number));
    });
  }

  std::vector<std::string> files_ = {"-"};
  bool partial_ = false;
};

}  // namespace

std::unique_ptr<Command> MakeReduce() { return std::make_unique<Reduce>(); }

}  // namespace keyway::sim

#include "sim/study/study.h"

#include <CLI/App.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_format.h"
#include "sim/command/commands.h"
#include "sim/command/options.h"
#include "sim/command/progress.h"
#include "sim/source/synthetic/numbers.h"
#include "sim/study/study_report.h"

namespace keyway::sim {
namespace {

std::string Schemes() {
  std::string names;
  for (const SchemeKind& kind : AllSchemes()) {
    if (!names.empty()) names += ", ";
    names += kind.name;
    if (!kind.parameter.empty()) {
      names += absl::StrFormat(" (%s: %d)", kind.parameter, kind.usual);
    }
  }
  return names;
}

class Study : public Command {
 public:
  void AddOptions(CLI::App& app) override {
    app.add_option("--distribution", options_.schemes, "Some of " + Schemes())
        ->delimiter(',')
        ->type_name("NAME,…")
        ->capture_default_str();
    app.add_option("--servers", options_.servers, "How many")
        ->delimiter(',')
        ->type_name("NUMBER,…")
        ->capture_default_str();
    app.add_option("--points,--probes,--entries,--slots,--percent,--capacity", options_.parameters,
                   "The parameter of the distribution; otherwise its usual one")
        ->delimiter(',')
        ->type_name("NUMBER,…");
    app.add_option("--weights", options_.weights, "Of the servers, again and again; otherwise 1")
        ->delimiter(',')
        ->type_name("NUMBER,…");
    app.add_option("--labels", options_.labels,
                   "Of the servers: a template of keys, as in 'sim formats'; numbers go on over "
                   "the repetitions")
        ->type_name("TEMPLATE")
        ->capture_default_str();
    app.add_option("--keys", keys_, "How many random keys are tried, where trying is needed")
        ->type_name("NUMBER")
        ->capture_default_str();
    app.add_flag("--sampled", options_.sampled, "Try keys also where shares can be computed");
    AddNumber(app, "--zipf", options_.zipf, "The exponent of the keys' popularity");
    app.add_option("--add", options_.add, "How many servers join")->type_name("NUMBER");
    app.add_option("--remove", options_.remove, "How many servers leave, any of them")
        ->type_name("NUMBER");
    app.add_option("--repetitions", options_.repetitions, "Each with other labels and keys")
        ->type_name("NUMBER")
        ->capture_default_str();
    AddShare(app, "--interval", options_.interval, "The part of the servers from low to high");
    app.add_option("--seed", options_.seed, "Of the keys, of who leaves, and of random labels")
        ->type_name("NUMBER")
        ->capture_default_str();
    app.add_option("--threads", options_.threads, "How many; 0: one for each processor")
        ->check(CLI::Range(0, 4096))
        ->type_name("NUMBER");
    app.add_flag("--no-progress", no_progress_, "No line of progress on a terminal");
  }

  absl::StatusOr<std::optional<Report>> Run(const Context& context) override {
    const absl::StatusOr<uint64_t> keys = ParseCount("--keys", keys_);
    if (!keys.ok()) return keys.status();
    options_.keys = *keys;
    std::optional<Progress> progress;
    if (context.progress && !no_progress_) progress.emplace(context.messages);
    options_.on_progress = [&](uint64_t done, uint64_t in_all) {
      if (progress) progress->Update(done, in_all);
    };
    const absl::StatusOr<std::vector<CaseResult>> results = RunStudy(options_);
    if (!results.ok()) return results.status();
    return StudyReport(options_, *results);
  }

 private:
  StudyOptions options_;
  std::string keys_ = "1e5";
  bool no_progress_ = false;
};

}  // namespace

std::unique_ptr<Command> MakeStudy() { return std::make_unique<Study>(); }

}  // namespace keyway::sim

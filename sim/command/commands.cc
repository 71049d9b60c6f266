#include "sim/command/commands.h"

#include <algorithm>

namespace keyway::sim {
namespace {

constexpr AnalysisRow kAnalyses[] = {
    {.name = "balance",
     .help = "How keys, bytes and requests spread over the servers of a pool.",
     .example = "sim balance --config nutcracker.yml --keys keys.txt",
     .make = MakeBalance},
    {.name = "diff",
     .help = "What moves from one configuration to another, and how much of it has to.",
     .example = "sim diff --from today.yml --to tomorrow.yml --keys keys.txt",
     .make = MakeDiff},
    {.name = "failures",
     .help = "What happens when servers fail: who takes over, and who is overloaded.",
     .example = "sim failures --config nutcracker.yml --keys keys.txt --lose 2 --capacity 1.5",
     .make = MakeFailures},
    {.name = "advise",
     .help = "Which hash, distribution and weights spread the keys better, and what that moves.",
     .example =
         "sim advise --config nutcracker.yml --keys keys.txt --max-moved 10% --write new.yml",
     .make = MakeAdvise},
    {.name = "check",
     .help = "Whether limits hold, for CI: exit code 0 if all do, 1 if one is broken.",
     .example = "sim check --config nutcracker.yml --keys keys.txt --max-peak-to-mean 1.25",
     .make = MakeCheck},
};

constexpr CommandRow kOthers[] = {
    {.name = "verify",
     .help = "Whether the keys of running servers are where the configuration has them.",
     .example = "sim verify --config nutcracker.yml --servers",
     .make = MakeVerify},
    {.name = "generate",
     .help = "Writes key sets and workloads, in any format, for tests and for other tools.",
     .example = "sim generate zipf:keys=1e6,requests=1e7,reads=0.9 --format twitter --output t.gz",
     .make = MakeGenerate,
     .reports = false},
    {.name = "study",
     .help = "How distributions do by themselves: shares, peaks and moves, over many fleets.",
     .example = "sim study --distribution ring --points 1,10,100 --servers 1000",
     .make = MakeStudy},
    {.name = "map",
     .help = "Counts a part of the keys for any analysis, into a line of text.",
     .example = "sim map balance --config nutcracker.yml --keys part-1.txt > part-1.line",
     .make = MakeMap,
     .reports = false},
    {.name = "reduce",
     .help = "Adds up what map wrote, to the report of the whole.",
     .example = "sim reduce part-*.line",
     .make = MakeReduce},
    {.name = "formats",
     .help = "What keys are read from.",
     .example = "sim formats",
     .make = MakeFormats,
     .reports = false},
};

}  // namespace

std::span<const AnalysisRow> AllAnalyses() { return kAnalyses; }

const AnalysisRow* FindAnalysis(std::string_view name) {
  const auto found = std::ranges::find(kAnalyses, name, &AnalysisRow::name);
  return found == std::end(kAnalyses) ? nullptr : found;
}

std::span<const CommandRow> OtherCommands() { return kOthers; }

}  // namespace keyway::sim

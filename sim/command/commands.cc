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
};

}  // namespace

std::span<const AnalysisRow> AllAnalyses() { return kAnalyses; }

const AnalysisRow* FindAnalysis(std::string_view name) {
  const auto found = std::ranges::find(kAnalyses, name, &AnalysisRow::name);
  return found == std::end(kAnalyses) ? nullptr : found;
}

std::span<const CommandRow> OtherCommands() { return {}; }

}  // namespace keyway::sim

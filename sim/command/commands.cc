#include "sim/command/commands.h"

#include <algorithm>

namespace keyway::sim {
namespace {

constexpr AnalysisRow kAnalyses[] = {
    {.name = "balance",
     .help = "How keys, bytes and requests spread over the servers of a pool.",
     .example = "sim balance --config nutcracker.yml --keys keys.txt",
     .make = MakeBalance},
};

}  // namespace

std::span<const AnalysisRow> AllAnalyses() { return kAnalyses; }

const AnalysisRow* FindAnalysis(std::string_view name) {
  const auto found = std::ranges::find(kAnalyses, name, &AnalysisRow::name);
  return found == std::end(kAnalyses) ? nullptr : found;
}

std::span<const CommandRow> OtherCommands() { return {}; }

}  // namespace keyway::sim

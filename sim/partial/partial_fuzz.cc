// Any line is a partial result or has a reason why not; and whatever a partial result
// says, its counts go where there are places for them. An input that does not start like a
// line is the bytes in one, which changes within a line would never reach.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "sim/engine/input.h"
#include "sim/engine/tally.h"
#include "sim/partial/line.h"
#include "sim/partial/partial.h"

namespace keyway::sim {
namespace {

constexpr size_t kServers = 3;

void Require(bool condition) {
  if (!condition) std::abort();
}

// Of all servers, and without one.
Tally NoCounts() {
  Tally tally;
  tally.scenarios.resize(2);
  for (ScenarioTally& scenario : tally.scenarios) scenario.servers.resize(kServers);
  tally.scenarios.back().matrix.resize(kServers * kServers);
  return tally;
}

void Check(std::string_view line) {
  const absl::StatusOr<Partial> partial = Partial::Read(line);
  if (!partial.ok()) return;
  Require(DifferenceOf(partial->plan(), partial->plan()).empty());
  Tally tally = NoCounts();
  InputReport input;
  if (!partial->AddTo(tally, input).ok()) return;

  Require(tally.hot_keys.Top(10).size() <= 10);
  const absl::StatusOr<std::string> again = WritePartial(partial->plan(), tally, input);
  Require(again.ok());
  Tally twice = NoCounts();
  Require(Partial::Read(*again)->AddTo(twice, input).ok());
  Require(twice.scenarios.back().matrix == tally.scenarios.back().matrix);
}

}  // namespace
}  // namespace keyway::sim

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (text.starts_with("keyway")) {
    keyway::sim::Check(text);
  } else if (const auto line = keyway::sim::PackLine(text); line.ok()) {
    keyway::sim::Check(*line);
  }
  return 0;
}

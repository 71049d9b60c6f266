// What users write after the name of a kind. The input is a byte that chooses the kind, and
// the options.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string_view>

#include "sim/source/synthetic/purpose.h"
#include "sim/source/synthetic/workload.h"

namespace {

using keyway::sim::ParseWorkload;
using keyway::sim::Random;
using keyway::sim::WorkloadKind;

constexpr WorkloadKind kKinds[] = {
    {.name = "uniform:", .names = "{hex}"},
    {.name = "template:", .names = ""},
    {.name = "zipf:", .names = "{id}", .zipf = true},
};

constexpr uint64_t kIds = 8;
// Longer ones only make a case slower.
constexpr size_t kMaxInput = 512;

void Require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0 || size > kMaxInput) return 0;
  const std::string_view details(reinterpret_cast<const char*>(data + 1), size - 1);
  const auto workload = ParseWorkload(kKinds[data[0] % std::size(kKinds)], details);
  if (!workload.ok()) {
    Require(!workload.status().message().empty());
    return 0;
  }
  Require(workload->keys > 0);
  Require(workload->first_block <= workload->end_block);

  // Room of the exact size, so that a sanitizer sees every byte too far.
  const auto room = std::make_unique<char[]>(workload->names.max_size());
  for (uint64_t id = workload->start; id < workload->start + kIds; ++id) {
    const char* const end = workload->names.Write(id, room.get());
    Require(end <= room.get() + workload->names.max_size());
    Random random(workload->seed, keyway::sim::kForSizes, id);
    if (workload->sizes) Require(workload->sizes->Draw(random) <= keyway::sim::kMaxValueBytes);
    if (!workload->popular) continue;
    const uint64_t rank = workload->popular->Draw(random);
    Require(rank >= 1 && rank <= workload->keys);
  }
  return 0;
}

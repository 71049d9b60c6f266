// Any bytes in every format: wherever a block ends, the same records come out. The last
// byte of the input says where that is.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string_view>

#include "sim/source/format/format.h"
#include "sim/source/format/testing.h"

namespace keyway::sim {
namespace {

void Check(const FormatSpec& spec, std::string_view content, size_t size) {
  if (spec.recognise != nullptr) spec.recognise(content);
  if (spec.make == nullptr) return;
  const std::string_view details =
      spec.name == "libcachesim" ? "obj-id-col=2,obj-size-col=3,op-col=4" : "";
  const absl::StatusOr<std::unique_ptr<Format>> format = spec.make(content, details);
  if (!format.ok()) std::abort();
  const Collected whole = CollectCut(**format, content, 0);
  const Collected parts = CollectCut(**format, content, size);
  const bool same = whole.weighted() == parts.weighted() && whole.bad == parts.bad &&
                    whole.skipped == parts.skipped && whole.lines == parts.lines;
  if (!same) std::abort();
}

}  // namespace
}  // namespace keyway::sim

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view content(reinterpret_cast<const char*>(data), size);
  for (const keyway::sim::FormatSpec& spec : keyway::sim::AllFormatSpecs()) {
    keyway::sim::Check(spec, content, data[size - 1] * size / 256);
  }
  return 0;
}

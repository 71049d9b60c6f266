#include "sim/source/format/formats.h"

namespace keyway::sim {

std::span<const FormatSpec> AllFormatSpecs() {
  static const FormatSpec kFormats[] = {
      kRdbFormat,
      kHexFormat,
      kNulFormat,
      kListFormat,
  };
  return kFormats;
}

}  // namespace keyway::sim

#include "sim/source/format/formats.h"

namespace keyway::sim {

std::span<const FormatSpec> AllFormatSpecs() {
  static const FormatSpec kFormats[] = {
      // clang-format off
      kRdbFormat,
      kMonitorFormat,
      kRedisCliFormat,
      kRdbCsvFormat,
      kSlotStatsFormat,
      kMetadumpFormat,
      kMgdumpFormat,
      kTwitterFormat,
      kCacheLibFormat,
      kLibCacheSimFormat,
      kOracleGeneralFormat,
      kHexFormat,
      kNulFormat,
      kListFormat,
      // clang-format on
  };
  return kFormats;
}

}  // namespace keyway::sim

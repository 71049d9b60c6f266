// Declares every format (private to this folder).
#ifndef KEYWAY_SIM_SOURCE_FORMAT_FORMATS_H_
#define KEYWAY_SIM_SOURCE_FORMAT_FORMATS_H_

#include "sim/source/format/format.h"

namespace keyway::sim {

extern const FormatSpec kRdbFormat;
extern const FormatSpec kMonitorFormat;
extern const FormatSpec kRedisCliFormat;
extern const FormatSpec kRdbCsvFormat;
extern const FormatSpec kSlotStatsFormat;
extern const FormatSpec kMetadumpFormat;
extern const FormatSpec kMgdumpFormat;
extern const FormatSpec kTwitterFormat;
extern const FormatSpec kCacheLibFormat;
extern const FormatSpec kLibCacheSimFormat;
extern const FormatSpec kOracleGeneralFormat;
extern const FormatSpec kHexFormat;
extern const FormatSpec kNulFormat;
extern const FormatSpec kListFormat;

// For formats without details.
template <class Made>
absl::StatusOr<std::unique_ptr<Format>> Make(std::string_view, std::string_view details) {
  if (!details.empty()) return absl::InvalidArgumentError("the format takes no details");
  return std::make_unique<Made>();
}

}  // namespace keyway::sim

#endif  // KEYWAY_SIM_SOURCE_FORMAT_FORMATS_H_

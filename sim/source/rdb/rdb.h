// The keys of a Redis dump, as redis-server writes it by SAVE and BGSAVE, and redis-cli by
// --rdb.
#ifndef KEYWAY_SIM_SOURCE_RDB_RDB_H_
#define KEYWAY_SIM_SOURCE_RDB_RDB_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "absl/status/statusor.h"
#include "sim/source/bytes/byte_stream.h"
#include "sim/source/source.h"

namespace keyway::sim {

// The newest version that is read: Redis 7.4. Each includes all before it.
inline constexpr int kNewestRdb = 12;

// Whether a file that begins like this is one.
bool LooksLikeRdb(std::string_view head);

struct RdbOptions {
  std::optional<uint64_t> database;  // only this one's keys; the rest are skipped, and counted
};

// "db=3", or nothing.
absl::StatusOr<RdbOptions> ParseRdbOptions(std::string_view text);

// A census: each key with the size of its value, as SkipLayout of layout.h counts it.
// Keys that had expired when the file was begun are skipped, and counted. The checksum at
// the end is checked, which the last Next() may find wrong.
std::unique_ptr<Source> MakeRdbSource(std::unique_ptr<ByteStream> stream,
                                      const RdbOptions& options);

}  // namespace keyway::sim

#endif  // KEYWAY_SIM_SOURCE_RDB_RDB_H_

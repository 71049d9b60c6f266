#include "sim/source/rdb/rdb.h"

#include <utility>

#include "sim/source/format/formats.h"

namespace keyway::sim {
namespace {

absl::StatusOr<std::unique_ptr<Source>> Open(std::string_view details,
                                             std::unique_ptr<PeekStream> stream) {
  const absl::StatusOr<RdbOptions> options = ParseRdbOptions(details);
  if (!options.ok()) return options.status();
  return MakeRdbSource(std::move(stream), *options);
}

}  // namespace

const FormatSpec kRdbFormat = {
    .name = "rdb",
    .help = "a Redis dump, up to version 12; rdb:db=N takes one database of it",
    .content = Content::kKeys,
    .recognise = LooksLikeRdb,
    .open = Open,
};

}  // namespace keyway::sim

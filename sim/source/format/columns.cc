// Traces with a column for the key: CacheLib's, which name their columns in a header, and
// CSV as libCacheSim reads it, where the user says which column is which.
#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_format.h"
#include "sim/source/format/formats.h"
#include "sim/source/format/lines.h"
#include "sim/source/format/operations.h"

namespace keyway::sim {
namespace {

constexpr size_t kMaxColumns = 64;
constexpr size_t kNone = std::numeric_limits<size_t>::max();

// Which column has what, from 0.
struct Columns {
  char separator = ',';
  size_t key = kNone;
  size_t size = kNone;
  size_t operation = kNone;    // without it requests are reads
  size_t repetitions = kNone;  // without it a line is one request
  std::string header = {};     // what no request is; empty if there is none

  size_t count() const {
    size_t last = key;
    for (const size_t column : {size, operation, repetitions}) {
      if (column != kNone) last = std::max(last, column);
    }
    return last + 1;
  }
};

class ColumnsFormat final : public Format {
 public:
  explicit ColumnsFormat(Columns columns)
      : columns_(std::move(columns)), count_(columns_.count()) {}

  uint64_t Parse(std::string_view bytes, RecordSink& sink) const override {
    return ParseLines(bytes, sink, [&](std::string_view line) { return ParseLine(line, sink); });
  }

 private:
  std::string_view ParseLine(std::string_view line, RecordSink& sink) const {
    if (line.empty() || line == columns_.header) return {};
    std::array<std::string_view, kMaxColumns> fields;
    for (size_t i = 0; i < count_; ++i) {
      if (i > 0 && line.data() == nullptr) return "has too few columns";
      fields[i] = TakeColumn(line);
    }
    uint64_t size = 0, repetitions = 1;
    if (columns_.size != kNone && !ParseNumber(fields[columns_.size], size)) {
      return "has no number where the size should be";
    }
    if (columns_.repetitions != kNone && !ParseNumber(fields[columns_.repetitions], repetitions)) {
      return "has no number where the number of operations should be";
    }
    Operation operation = Operation::kRead;
    if (columns_.operation != kNone) operation = FindOperation(fields[columns_.operation]);
    if (operation == Operation::kUnknown) return "has an unknown operation";
    sink.Add(fields[columns_.key], {.keys = 0,
                                    .bytes = size * repetitions,
                                    .reads = operation == Operation::kRead ? repetitions : 0,
                                    .writes = operation == Operation::kWrite ? repetitions : 0});
    return {};
  }

  // Takes a column off the front, and leaves a null view behind the last one.
  std::string_view TakeColumn(std::string_view& rest) const {
    // Columns are so short that a call to find the separator would take longer.
    size_t size = 0;
    while (size < rest.size() && rest[size] != columns_.separator) ++size;
    const std::string_view column = rest.substr(0, size);
    rest = size == rest.size() ? std::string_view() : rest.substr(size + 1);
    return column;
  }

  const Columns columns_;
  const size_t count_;
};

// --- CacheLib ---

// In the order of traces without a header.
constexpr std::string_view kCacheLibOrder = "key,op,size,op_count,key_size,ttl";

bool ReadHeader(std::string_view header, Columns& columns) {
  columns.header = std::string(header);
  for (size_t i = 0; !header.empty(); ++i) {
    const std::string_view name = TakeField(header, ',');
    if (name == "key") columns.key = i;
    if (name == "size") columns.size = i;
    if (name == "op") columns.operation = i;
    if (name == "op_count") columns.repetitions = i;
  }
  return columns.key != kNone && columns.operation != kNone && columns.count() <= kMaxColumns;
}

bool IsCacheLib(std::string_view head) {
  Columns columns;
  return ReadHeader(FirstLine(head), columns);
}

absl::StatusOr<std::unique_ptr<Format>> MakeCacheLib(std::string_view head,
                                                     std::string_view details) {
  if (!details.empty()) return absl::InvalidArgumentError("the format takes no details");
  Columns columns;
  if (!ReadHeader(FirstLine(head), columns)) {
    columns = {};
    ReadHeader(kCacheLibOrder, columns);
  }
  return std::make_unique<ColumnsFormat>(std::move(columns));
}

// --- libCacheSim ---

// Options that say which column has what; libCacheSim counts from 1.
struct ColumnOption {
  std::string_view name;
  size_t Columns::*column;  // null: of no use here
};

constexpr ColumnOption kColumnOptions[] = {
    {"time-col", nullptr},
    {"obj-id-col", &Columns::key},
    {"obj-size-col", &Columns::size},
    {"op-col", &Columns::operation},
    {"ttl-col", nullptr},
    {"feature-cols", nullptr},
    {"obj-id-is-num", nullptr},
};

// The value of an option, up to the next comma. That of delimiter may be one itself.
std::string_view TakeValue(std::string_view name, std::string_view& rest) {
  if (name != "delimiter" || rest.empty()) return TakeField(rest, ',');
  const std::string_view value = rest.substr(0, rest.starts_with("\\t") ? 2 : 1);
  rest.remove_prefix(value.size());
  if (rest.starts_with(',')) rest.remove_prefix(1);
  return value;
}

absl::Status SetColumn(std::string_view name, std::string_view value, Columns& columns) {
  const auto* const row =
      std::find_if(std::begin(kColumnOptions), std::end(kColumnOptions),
                   [&](const ColumnOption& option) { return option.name == name; });
  if (row == std::end(kColumnOptions)) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "libcachesim has no option \"%s\"; give obj-id-col=N and, if there are, obj-size-col=N, "
        "op-col=N, delimiter=C, has-header=true",
        name));
  }
  if (row->column == nullptr) return absl::OkStatus();
  size_t column;
  if (!ParseNumber(value, column) || column < 1 || column > kMaxColumns) {
    return absl::InvalidArgumentError(
        absl::StrFormat("%s=%s: columns are 1 to %d", name, value, kMaxColumns));
  }
  columns.*(row->column) = column - 1;
  return absl::OkStatus();
}

// Whether the first line is none: it has no number where the size should be.
bool LooksLikeHeader(std::string_view line, const Columns& columns) {
  if (columns.size == kNone) return false;
  for (size_t i = 0; i < columns.size; ++i) TakeField(line, columns.separator);
  uint64_t size;
  return !ParseNumber(TakeField(line, columns.separator), size);
}

absl::StatusOr<std::unique_ptr<Format>> MakeLibCacheSim(std::string_view head,
                                                        std::string_view details) {
  Columns columns;
  std::optional<bool> has_header;
  while (!details.empty()) {
    while (details.starts_with(' ')) details.remove_prefix(1);
    const std::string_view name = TakeField(details, '=');
    const std::string_view value = TakeValue(name, details);
    if (name == "delimiter") {
      columns.separator = value == "\\t" ? '\t' : value.empty() ? ',' : value[0];
    } else if (name == "has-header") {
      has_header = value == "true" || value == "1";
    } else if (absl::Status set = SetColumn(name, value, columns); !set.ok()) {
      return set;
    }
  }
  if (columns.key == kNone) {
    return absl::InvalidArgumentError(
        "which column has the key? --format libcachesim:obj-id-col=2,obj-size-col=3");
  }
  const std::string_view first = FirstLine(head);
  if (has_header.value_or(LooksLikeHeader(first, columns))) columns.header = std::string(first);
  return std::make_unique<ColumnsFormat>(std::move(columns));
}

}  // namespace

const FormatSpec kCacheLibFormat = {
    .name = "cachelib",
    .help = "a trace of CacheLib's CacheBench (kvcache): requests",
    .content = Content::kRequests,
    .recognise = IsCacheLib,
    .make = MakeCacheLib,
};

const FormatSpec kLibCacheSimFormat = {
    .name = "libcachesim",
    .help = "CSV as libCacheSim reads it: libcachesim:time-col=1,obj-id-col=2,obj-size-col=3",
    .content = Content::kRequests,
    .make = MakeLibCacheSim,
};

}  // namespace keyway::sim

// What redis-rdb-tools prints with "rdb -c memory":
//   database,type,key,size_in_bytes,encoding,num_elements,len_largest_element,expiry
//   0,string,user:1,72,string,5,5,
// Versions before 0.1.12 end a line earlier. Keys stand there as they are, commas
// included, or with \xHH (--escape print), or, in the oldest versions, quoted as in JSON.
#include <algorithm>

#include "sim/source/format/escapes.h"
#include "sim/source/format/formats.h"
#include "sim/source/format/lines.h"

namespace keyway::sim {
namespace {

constexpr std::string_view kHeader = "database,type,key,size_in_bytes,";
constexpr std::string_view kTypes[] = {"string", "list",   "set",    "sortedset",
                                       "hash",   "stream", "module", "dict"};
constexpr size_t kFieldsBeforeSize = 3;  // database, type, key

bool IsType(std::string_view text) {
  return std::find(std::begin(kTypes), std::end(kTypes), text) != std::end(kTypes);
}

// How many fields stand behind the size, from the number of all.
size_t FieldsBehindSize(std::string_view line) {
  const auto fields = static_cast<size_t>(std::count(line.begin(), line.end(), ',')) + 1;
  return fields - std::min(fields, kFieldsBeforeSize + 1);
}

class RdbCsvFormat final : public Format {
 public:
  explicit RdbCsvFormat(size_t behind) : behind_(behind) {}

  uint64_t Parse(std::string_view bytes, RecordSink& sink) const override {
    return ParseLines(bytes, sink, [&](std::string_view line) { return ParseLine(line, sink); });
  }

 private:
  std::string_view ParseLine(std::string_view line, RecordSink& sink) const {
    if (line.empty() || line.starts_with(kHeader)) return {};
    TakeField(line, ',');
    if (!IsType(TakeField(line, ','))) return "its second field is no type of Redis";
    // From behind, since the key may hold commas.
    for (size_t i = 0; i < behind_; ++i) TakeLastField(line, ',');
    uint64_t size;
    if (!ParseNumber(TakeLastField(line, ','), size)) return "has no size in bytes";
    const bool quoted = line.size() >= 2 && line.starts_with('"') && line.ends_with('"');
    const std::optional<std::string_view> key =
        quoted ? FromQuoted(line.substr(1, line.size() - 2), sink) : FromUnprintable(line, sink);
    if (!key) return "a key with an unknown escape";
    sink.Add(*key, {.bytes = size});
    return {};
  }

  const size_t behind_;
};

bool IsRdbCsv(std::string_view head) {
  std::string_view line = FirstLine(head);
  if (line.starts_with(kHeader)) return true;
  uint64_t database;
  return ParseNumber(TakeField(line, ','), database) && IsType(TakeField(line, ',')) &&
         FieldsBehindSize(FirstLine(head)) >= 1;
}

// The header, or the first key if there is none, tells how many fields the lines have.
absl::StatusOr<std::unique_ptr<Format>> MakeRdbCsv(std::string_view head,
                                                   std::string_view details) {
  if (!details.empty()) return absl::InvalidArgumentError("the format takes no details");
  return std::make_unique<RdbCsvFormat>(FieldsBehindSize(FirstLine(head)));
}

}  // namespace

const FormatSpec kRdbCsvFormat = {
    .name = "rdb-csv",
    .help = "the CSV of redis-rdb-tools' rdb -c memory: keys and their sizes in memory",
    .recognise = IsRdbCsv,
    .make = MakeRdbCsv,
};

}  // namespace keyway::sim

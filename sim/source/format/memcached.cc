// What memcached's crawler prints:
//   key=a%20b exp=-1 la=1700000000 cas=1 fetch=no cls=1 size=70      lru_crawler metadump
//   mg user:1                                                        lru_crawler mgdump
#include "sim/source/format/escapes.h"
#include "sim/source/format/formats.h"
#include "sim/source/format/lines.h"

namespace keyway::sim {
namespace {

constexpr std::string_view kKey = "key=";
constexpr std::string_view kSize = "size=";

// What stands around the lines about keys.
bool IsFrame(std::string_view line) {
  return line.empty() || line == "OK" || line == "END" || line == "EN";
}

// Expired items are not told apart: memcached leaves them out when it prints, and nothing
// in the file says when that was.
class MetadumpFormat final : public Format {
 public:
  uint64_t Parse(std::string_view bytes, RecordSink& sink) const override {
    return ParseLines(bytes, sink, [&](std::string_view line) { return ParseLine(line, sink); });
  }

 private:
  static std::string_view ParseLine(std::string_view line, RecordSink& sink) {
    if (IsFrame(line)) return {};
    const std::string_view first = TakeField(line, ' ');
    if (!first.starts_with(kKey)) return "does not begin with key=";
    uint64_t size = 0;
    bool sized = false;
    while (!line.empty()) {
      const std::string_view field = TakeField(line, ' ');
      if (field.starts_with(kSize)) sized = ParseNumber(field.substr(kSize.size()), size);
    }
    if (!sized) return "has no size=";
    const std::optional<std::string_view> key = FromPercent(first.substr(kKey.size()), sink);
    if (!key) return "a key with a % that is followed by no two hexadecimal digits";
    sink.Add(*key, {.bytes = size});
    return {};
  }
};

class MgdumpFormat final : public Format {
 public:
  uint64_t Parse(std::string_view bytes, RecordSink& sink) const override {
    return ParseLines(bytes, sink, [&](std::string_view line) { return ParseLine(line, sink); });
  }

 private:
  static std::string_view ParseLine(std::string_view line, RecordSink& sink) {
    if (IsFrame(line)) return {};
    if (TakeField(line, ' ') != "mg") return "does not begin with mg";
    const std::string_view text = TakeField(line, ' ');
    if (text.empty()) return "has no key";
    if (line.empty()) {
      sink.Add(text);
      return {};
    }
    if (line != "b") return "has a flag other than b";
    const std::optional<std::string_view> key = FromBase64(text, sink);
    if (!key) return "a key that is not in base 64, as the flag b says";
    sink.Add(*key);
    return {};
  }
};

bool IsMetadump(std::string_view head) {
  const std::string_view line = FirstLineBehindOk(head);
  return line.starts_with(kKey) && line.find(" exp=") != std::string_view::npos;
}

bool IsMgdump(std::string_view head) { return FirstLineBehindOk(head).starts_with("mg "); }

}  // namespace

const FormatSpec kMetadumpFormat = {
    .name = "metadump",
    .help = "memcached's lru_crawler metadump: keys and the sizes of their items",
    .recognise = IsMetadump,
    .make = Make<MetadumpFormat>,
};

const FormatSpec kMgdumpFormat = {
    .name = "mgdump",
    .help = "memcached's lru_crawler mgdump: keys",
    .recognise = IsMgdump,
    .make = Make<MgdumpFormat>,
};

}  // namespace keyway::sim

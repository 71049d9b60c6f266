// Keys and nothing else: by lines, in hexadecimal, between NUL bytes.
#include <array>

#include "sim/source/format/escapes.h"
#include "sim/source/format/formats.h"
#include "sim/source/format/lines.h"

namespace keyway::sim {
namespace {

class ListFormat final : public Format {
 public:
  uint64_t Parse(std::string_view bytes, RecordSink& sink) const override {
    std::array<std::string_view, RecordBatch::kCapacity> keys;
    size_t count = 0;
    const uint64_t lines = ForEachLine(bytes, [&](std::string_view line, uint64_t) {
      keys[count] = line;
      if (++count < keys.size()) return;
      sink.AddEach(keys);
      count = 0;
    });
    sink.AddEach(std::span(keys).first(count));
    return lines;
  }
};

// A text is a list if it is nothing else, so this is the last row of the table.
bool IsText(std::string_view head) { return head.find('\0') == std::string_view::npos; }

class HexFormat final : public Format {
 public:
  uint64_t Parse(std::string_view bytes, RecordSink& sink) const override {
    return ParseLines(bytes, sink, [&](std::string_view line) -> std::string_view {
      const std::optional<std::string_view> key = FromHex(line, sink);
      if (!key) return "not two hexadecimal digits for each byte";
      sink.Add(*key);
      return {};
    });
  }
};

class NulFormat final : public Format {
 public:
  size_t Cut(std::string_view bytes) const override { return bytes.rfind('\0') + 1; }

  uint64_t Parse(std::string_view bytes, RecordSink& sink) const override {
    while (!bytes.empty()) sink.Add(TakeField(bytes, '\0'));
    return 0;
  }
};

}  // namespace

const FormatSpec kListFormat = {
    .name = "list",
    .help = "a key on each line: every byte but the line feed",
    .recognise = IsText,
    .make = Make<ListFormat>,
};

const FormatSpec kHexFormat = {
    .name = "hex",
    .help = "a key on each line, two hexadecimal digits for each byte",
    .make = Make<HexFormat>,
};

const FormatSpec kNulFormat = {
    .name = "nul",
    .help = "keys that each end with a NUL byte",
    .make = Make<NulFormat>,
};

}  // namespace keyway::sim

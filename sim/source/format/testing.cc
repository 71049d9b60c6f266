#include "sim/source/format/testing.h"

#include <vector>

namespace keyway::sim {
namespace {

class Stretch final : public Block {
 public:
  Stretch(const Format& format, std::string_view bytes)
      : format_(format), bytes_(bytes.begin(), bytes.end()) {}

  uint64_t Parse(RecordSink& sink) override {
    return format_.Parse(std::string_view(bytes_.data(), bytes_.size()), sink);
  }

 private:
  const Format& format_;
  const std::vector<char> bytes_;  // of its exact size, so that a sanitizer sees more
};

}  // namespace

const FormatSpec* FindFormatSpec(std::string_view name) {
  for (const FormatSpec& row : AllFormatSpecs()) {
    if (row.name == name) return &row;
  }
  return nullptr;
}

Collected CollectCut(const Format& format, std::string_view content, size_t size) {
  const size_t cut = format.Cut(content.substr(0, size));
  Collected parts;
  for (const std::string_view part : {content.substr(0, cut), content.substr(cut)}) {
    Stretch stretch(format, part);
    Collect(stretch, parts);
  }
  return parts;
}

}  // namespace keyway::sim

#include "sim/source/testing.h"

#include <memory>

#include "absl/strings/str_format.h"

namespace keyway::sim {
namespace {

class CollectingSink final : public RecordSink {
 public:
  explicit CollectingSink(Collected& collected) : collected_(collected) {}
  ~CollectingSink() override { Flush(); }

  // Rooms of their exact size, so that a sanitizer sees every byte too far.
  std::span<char> Room(size_t bytes) override {
    rooms_.push_back(std::make_unique<char[]>(bytes));
    return {rooms_.back().get(), bytes};
  }

  void Bad(uint64_t line, std::string_view text, std::string_view reason) override {
    collected_.bad.push_back(
        absl::StrFormat("line %d: %s: %s", collected_.lines + line, text, reason));
  }

  void Skip(std::string_view reason, uint64_t records) override {
    collected_.skipped[std::string(reason)] += records;
  }

 protected:
  void Flush() override {
    for (size_t i = 0; i < batch_.size; ++i) {
      collected_.records.push_back(
          {std::string(batch_.keys[i]), batch_.weighted ? batch_.weights[i] : Weight{}});
    }
    batch_.size = 0;
    batch_.weighted = false;
  }

 private:
  Collected& collected_;
  std::vector<std::unique_ptr<char[]>> rooms_;
};

}  // namespace

std::vector<std::string> Collected::keys() const {
  std::vector<std::string> all;
  for (const Record& record : records) all.push_back(record.key);
  return all;
}

std::vector<std::string> Collected::weighted() const {
  std::vector<std::string> all;
  for (const auto& [key, weight] : records) {
    all.push_back(absl::StrFormat("%s %d/%d/%d/%d", key, weight.keys, weight.bytes, weight.reads,
                                  weight.writes));
  }
  return all;
}

Collected Collect(Source& source) {
  Collected collected;
  while (true) {
    absl::StatusOr<std::unique_ptr<Block>> block = source.Next();
    collected.status = block.status();
    if (!block.ok() || *block == nullptr) return collected;
    Collect(**block, collected);
  }
}

void Collect(Block& block, Collected& collected) {
  uint64_t lines;
  {
    CollectingSink sink(collected);
    lines = block.Parse(sink);
  }
  collected.lines += lines;
  ++collected.blocks;
}

}  // namespace keyway::sim

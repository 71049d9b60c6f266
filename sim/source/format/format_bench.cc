// Reading a list of keys against merely decompressing it, and what a line of each format
// costs. In one thread: the records' own work comes on top.
#include <array>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "benchmark/benchmark.h"
#include "sim/source/bytes/byte_stream.h"
#include "sim/source/bytes/compressor.h"
#include "sim/source/bytes/memory_stream.h"
#include "sim/source/format/format.h"
#include "sim/source/format/testing.h"

namespace keyway::sim {
namespace {

constexpr size_t kKeys = 2'000'000;
constexpr size_t kPiece = 128 * 1024;
constexpr size_t kSpace = 1024 * 1024;

// Does the least with a record that makes it count.
class NullSink final : public RecordSink {
 public:
  std::span<char> Room(size_t bytes) override {
    if (room_.size() - used_ < bytes) {
      Flush();
      used_ = 0;
      if (room_.size() < bytes) room_.resize(bytes);
    }
    const std::span<char> room(room_.data() + used_, bytes);
    used_ += bytes;
    return room;
  }
  void Bad(uint64_t, std::string_view, std::string_view) override { ++bad_; }
  void Skip(std::string_view, uint64_t) override {}
  uint64_t records() {
    Flush();
    return records_;
  }

 protected:
  void Flush() override {
    for (size_t i = 0; i < batch_.size; ++i) sum_ += batch_.keys[i].size();
    benchmark::DoNotOptimize(sum_);
    records_ += batch_.size;
    batch_.size = 0;
    batch_.weighted = false;
  }

 private:
  std::vector<char> room_ = std::vector<char>(256 * 1024);
  size_t used_ = 0;
  uint64_t records_ = 0, bad_ = 0, sum_ = 0;
};

const std::string& Keys() {
  static const std::string& keys = *[] {
    auto* const text = new std::string;
    for (uint64_t i = 0; i < kKeys; ++i) {
      *text += "session:" + std::to_string(i * 2654435761 % 10'000'000'000) + "\n";
    }
    return text;
  }();
  return keys;
}

// As a file whose name ends so.
std::string Packed(const std::string& text, std::string_view suffix) {
  const Compressor* const compressor = FindCompressor(suffix);
  if (compressor == nullptr) return text;
  std::string out;
  if (!compressor->compress(text, compressor->usual_level, out)) std::abort();
  return out;
}

std::unique_ptr<PeekStream> Open(const std::string& bytes) {
  return std::move(OpenStream(MakeMemoryStream(bytes, "keys", kPiece))->stream);
}

void BM_Decompress(benchmark::State& state, std::string_view suffix) {
  const std::string bytes = Packed(Keys(), suffix);
  std::vector<char> space(kSpace);
  for (auto _ : state) {
    const std::unique_ptr<PeekStream> stream = Open(bytes);
    while (stream->Read(space).value() > 0) benchmark::DoNotOptimize(space.data());
  }
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(Keys().size()));
}

void BM_ReadList(benchmark::State& state, std::string_view suffix) {
  const std::string bytes = Packed(Keys(), suffix);
  for (auto _ : state) {
    const std::unique_ptr<Source> source = *OpenFormat(*FindFormatSpec("list"), "", Open(bytes));
    NullSink sink;
    while (const std::unique_ptr<Block> block = *source->Next()) block->Parse(sink);
    if (sink.records() != kKeys) state.SkipWithError("keys are missing");
  }
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(Keys().size()));
}

// What each format calls a usual line.
struct Line {
  const char* format;
  const char* details;
  const char* text;
};

constexpr Line kLines[] = {
    {"list", "", "session:1234567890"},
    {"hex", "", "73657373696f6e3a31323334353637383930"},
    {"monitor", "", R"(1795377897.784215 [0 127.0.0.1:54812] "SET" "key:000000000012" "VXK")"},
    {"rdb-csv", "", "0,string,session:1234567890,96,string,17,17,"},
    {"metadump", "", "key=session%3A1234567890 exp=-1 la=1795377425 cas=1 fetch=yes cls=1 size=69"},
    {"twitter", "", "0,nz:u:eeW511W3dcH3de3d15ec,22,304,2,get,0"},
    {"cachelib", "", "1668505117,GET,8,1,46,0"},
    {"libcachesim", "obj-id-col=2,obj-size-col=3", "1,1668505117,512,3"},
};

void BM_Lines(benchmark::State& state, Line line) {
  std::string text;
  while (text.size() < kSpace / 2) text += std::string(line.text) + "\n";
  const auto format = FindFormatSpec(line.format)->make(text, line.details);
  NullSink sink;
  uint64_t lines = 0;
  for (auto _ : state) lines += (*format)->Parse(text, sink);
  if (sink.records() != lines) state.SkipWithError("records are missing");
  state.SetItemsProcessed(static_cast<int64_t>(lines));
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(text.size()));
}

BENCHMARK_CAPTURE(BM_Decompress, none, "")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(BM_ReadList, none, "")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(BM_Decompress, gzip, ".gz")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(BM_ReadList, gzip, ".gz")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(BM_Decompress, zstd, ".zst")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(BM_ReadList, zstd, ".zst")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(BM_Decompress, lz4, ".lz4")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(BM_ReadList, lz4, ".lz4")->Unit(benchmark::kMillisecond);

const int kRegistered = [] {
  for (const Line& line : kLines) {
    benchmark::RegisterBenchmark((std::string("BM_Lines/") + line.format).c_str(), BM_Lines, line)
        ->Unit(benchmark::kMicrosecond);
  }
  return 0;
}();

}  // namespace
}  // namespace keyway::sim

// How fast a dump is read, beside merely going over its bytes:
//
//     bazel run --config=opt //sim/source/rdb:rdb_bench

#include <benchmark/benchmark.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "sim/source/rdb/crc64.h"
#include "sim/source/rdb/rdb.h"
#include "sim/source/rdb/testing.h"
#include "sim/source/source.h"

namespace keyway::sim {
namespace {

constexpr size_t kDumpBytes = 64 << 20, kPiece = 1 << 20;

// Values of one size, under keys of 22 bytes.
const std::string& DumpOf(size_t value_bytes) {
  static std::string dump;
  static size_t made_of = 0;
  if (made_of == value_bytes) return dump;
  Dump making(10);
  const std::string value(value_bytes, 'v');
  std::string key = "user:0000000000:object";
  for (uint64_t i = 0; making.size() < kDumpBytes; ++i) {
    uint64_t digits = i;
    for (size_t at = 14; at > 4; --at, digits /= 10) key[at] = static_cast<char>('0' + digits % 10);
    making.Pair(key, value);
  }
  dump = making.Finish();
  made_of = value_bytes;
  return dump;
}

// The first use of bytes that come by reads: each is looked at once.
void BM_Scan(benchmark::State& state) {
  const std::string& dump = DumpOf(static_cast<size_t>(state.range(0)));
  std::vector<char> window(256 * 1024);
  for (auto _ : state) {
    state.PauseTiming();
    const std::unique_ptr<ByteStream> stream = MakeStream(dump, kPiece);
    state.ResumeTiming();
    uint64_t sum = 0;
    while (true) {
      const size_t size = stream->Read(window).value();
      if (size == 0) break;
      for (size_t i = 0; i < size; ++i) sum += window[i] == '\n';
    }
    benchmark::DoNotOptimize(sum);
  }
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(dump.size()));
}

void BM_Rdb(benchmark::State& state) {
  const std::string& dump = DumpOf(static_cast<size_t>(state.range(0)));
  for (auto _ : state) {
    state.PauseTiming();
    const std::unique_ptr<Source> source = MakeRdbSource(MakeStream(dump, kPiece), {});
    state.ResumeTiming();
    while (true) {
      const std::unique_ptr<Block> block = source->Next().value();
      if (block == nullptr) break;
      benchmark::DoNotOptimize(block.get());
    }
  }
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(dump.size()));
}

void BM_Crc64(benchmark::State& state, uint64_t (*crc)(uint64_t, std::string_view)) {
  const std::string bytes(static_cast<size_t>(state.range(0)), 'x');
  for (auto _ : state) benchmark::DoNotOptimize(crc(0, bytes));
  state.SetBytesProcessed(state.iterations() * state.range(0));
}

BENCHMARK(BM_Scan)->Arg(20)->Arg(100)->Arg(1000);
BENCHMARK(BM_Rdb)->Arg(20)->Arg(100)->Arg(1000);
BENCHMARK_CAPTURE(BM_Crc64, folded, Crc64)->Arg(256 * 1024);
BENCHMARK_CAPTURE(BM_Crc64, tables, Crc64ByTables)->Arg(256 * 1024);

}  // namespace
}  // namespace keyway::sim

#include "benchmark/benchmark.h"
#include "proxy/stats/histogram.h"

namespace keyway {
namespace {

// What a reply costs on the data path.
void BM_Record(benchmark::State& state) {
  Histogram histogram;
  int64_t ns = 1;
  for (auto _ : state) {
    ns = ns * 5 % 10'000'019;  // from nothing to 10 ms, in all orders
    histogram.Record(std::chrono::nanoseconds(ns));
  }
  benchmark::DoNotOptimize(histogram.counts().total());
}
BENCHMARK(BM_Record);

// What a reader costs the control thread for each worker and server.
void BM_Counts(benchmark::State& state) {
  Histogram histogram;
  histogram.Record(std::chrono::microseconds(100));
  HistogramCounts sum;
  for (auto _ : state) {
    sum += histogram.counts();
    benchmark::DoNotOptimize(sum);
  }
}
BENCHMARK(BM_Counts);

}  // namespace
}  // namespace keyway

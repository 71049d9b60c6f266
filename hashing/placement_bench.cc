// What a key costs, and what a new ring costs:
//
//     bazel run --config=opt //hashing:placement_bench -- --benchmark_filter=Pick

#include <benchmark/benchmark.h>

#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_format.h"
#include "hashing/placement.h"
#include "hashing/slots.h"

namespace keyway::hashing {
namespace {

// So many that neither the caches nor the branch predictor know them by heart.
constexpr size_t kHashes = 1 << 16;

std::vector<Member> Servers(size_t count) {
  std::vector<Member> members;
  for (size_t number = 1; number <= count; ++number) {
    members.push_back({.name = absl::StrFormat("10.0.%d.%d:6379", number / 256, number % 256)});
  }
  return members;
}

void BM_Hash(benchmark::State& state, const HashFunction* function) {
  const std::string key(static_cast<size_t>(state.range(0)), 'k');
  for (auto _ : state) {
    // The compiler must not know that the key is the same each time.
    std::string_view bytes = key;
    benchmark::DoNotOptimize(bytes);
    benchmark::DoNotOptimize(function->hash(bytes));
  }
}

void BM_Slot(benchmark::State& state) {
  const std::string key(static_cast<size_t>(state.range(0)), 'k');
  for (auto _ : state) {
    std::string_view bytes = key;
    benchmark::DoNotOptimize(bytes);
    benchmark::DoNotOptimize(SlotOf(bytes));
  }
}

void BM_Build(benchmark::State& state, const DistributionKind* kind) {
  const std::vector<Member> members = Servers(static_cast<size_t>(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(kind->make(members));
}

void BM_Pick(benchmark::State& state, const DistributionKind* kind) {
  const auto distribution = kind->make(Servers(static_cast<size_t>(state.range(0))));
  std::mt19937 random;
  std::vector<uint32_t> hashes(kHashes);
  for (uint32_t& hash : hashes) hash = static_cast<uint32_t>(random());
  size_t next = 0;
  for (auto _ : state) benchmark::DoNotOptimize((*distribution)->Pick(hashes[next++ % kHashes]));
}

// All that a key goes through: tag, hash, ring, and the caller's index.
void BM_MemberFor(benchmark::State& state) {
  const auto placement = Placement::Make({.hash_tag = "{}"}, Servers(10));
  std::vector<std::string> keys;
  for (size_t number = 0; number < 4096; ++number) {
    keys.push_back(absl::StrFormat("user:{%08d}:name", number * 7919));
  }
  size_t next = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(placement->MemberFor(keys[next++ % keys.size()]));
  }
}

void RegisterAll() {
  for (const HashFunction& function : AllHashes()) {
    benchmark::RegisterBenchmark(absl::StrFormat("Hash/%s", function.name).c_str(), BM_Hash,
                                 &function)
        ->Arg(16)
        ->Arg(128);
  }
  benchmark::RegisterBenchmark("Slot", BM_Slot)->Arg(16)->Arg(128);
  for (const DistributionKind& kind : AllDistributions()) {
    benchmark::RegisterBenchmark(absl::StrFormat("Build/%s", kind.name).c_str(), BM_Build, &kind)
        ->Arg(2)
        ->Arg(10)
        ->Arg(100)
        ->Arg(1000);
  }
  for (const DistributionKind& kind : AllDistributions()) {
    benchmark::RegisterBenchmark(absl::StrFormat("Pick/%s", kind.name).c_str(), BM_Pick, &kind)
        ->Arg(2)
        ->Arg(10)
        ->Arg(100)
        ->Arg(1000);
  }
  benchmark::RegisterBenchmark("MemberFor", BM_MemberFor);
}

}  // namespace
}  // namespace keyway::hashing

int main(int argc, char** argv) {
  keyway::hashing::RegisterAll();
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}

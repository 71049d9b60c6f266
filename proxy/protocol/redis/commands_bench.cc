#include <array>
#include <string_view>

#include "benchmark/benchmark.h"
#include "proxy/protocol/redis/commands.h"

namespace keyway::redis {
namespace {

constexpr std::array<std::string_view, 16> kNames = {
    "GET",  "set",  "SET",  "get",    "INCR",  "hget", "EXPIRE",           "mget",
    "HSET", "zadd", "LPOP", "EXISTS", "setnx", "DEL",  "ZREVRANGEBYSCORE", "hmget"};

void BM_FindCommand(benchmark::State& state) {
  size_t i = 0;
  for (auto _ : state) benchmark::DoNotOptimize(FindCommand(kNames[i++ % kNames.size()]));
}
BENCHMARK(BM_FindCommand);

void BM_FindCommandUnknown(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(FindCommand("nosuchcommand"));
}
BENCHMARK(BM_FindCommandUnknown);

}  // namespace
}  // namespace keyway::redis

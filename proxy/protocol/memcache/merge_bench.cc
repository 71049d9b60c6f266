// What it costs to make one reply of the replies of four servers. The time is that of a
// whole request.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "benchmark/benchmark.h"
#include "proxy/protocol/memcache/codec.h"

namespace keyway::memcache {
namespace {

constexpr size_t kServers = 4;

// Arguments: the number of keys, and the size of each value. The keys are dealt out to
// the servers in turn.
void Gets(benchmark::State& state) {
  const auto count = static_cast<size_t>(state.range(0));
  const std::string value(static_cast<size_t>(state.range(1)), 'x');
  BlockPool pool;
  std::vector<std::string> keys;
  std::vector<std::string> replies(kServers);
  std::vector<std::vector<uint32_t>> ordinals(kServers);
  for (size_t i = 0; i < count; ++i) {
    keys.push_back("key:" + std::to_string(100'000 + i));
    ordinals[i % kServers].push_back(static_cast<uint32_t>(i));
    replies[i % kServers] +=
        "VALUE " + keys[i] + " 0 " + std::to_string(value.size()) + "\r\n" + value + "\r\n";
  }
  const Codec& codec = MemcacheCodec();
  const CommandSpec& command = *codec.FindCommand("get");
  std::vector<std::vector<uint32_t>> ends(kServers);
  std::vector<Part> parts;
  for (size_t server = 0; server < kServers; ++server) {
    const std::string reply = replies[server] + "END\r\n";
    ends[server] = codec.ElementEnds(command, reply);
    BlockRef block = pool.Get(reply.size());
    reply.copy(block->data(), reply.size());
    const std::string_view bytes{block->data(), reply.size()};
    parts.push_back({.keys = ordinals[server],
                     .server = "server",
                     .reply = {.block = std::move(block), .bytes = bytes},
                     .element_ends = ends[server]});
  }
  const std::vector<std::string_view> key_texts(keys.begin(), keys.end());
  for (auto _ : state) {
    OutputBuffer out(pool);
    codec.Combine(command, key_texts, parts, out);
    benchmark::DoNotOptimize(out.size());
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(Gets)
    ->ArgNames({"keys", "bytes"})
    ->Args({10, 16})
    ->Args({100, 16})
    ->Args({1000, 16})
    ->Args({100, 16384});

}  // namespace
}  // namespace keyway::memcache

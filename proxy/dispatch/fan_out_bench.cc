// What a split request costs on its way to the servers: its keys are grouped, and a
// request is composed for each group. What the replies cost: merge_bench of the protocols.

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "benchmark/benchmark.h"
#include "proxy/base/buffer.h"
#include "proxy/config/config.h"
#include "proxy/dispatch/key_split.h"
#include "proxy/protocol/codecs.h"
#include "proxy/routing/snapshot.h"
#include "proxy/testing/wire.h"

namespace keyway {
namespace {

std::shared_ptr<const PoolRoute> RouteOver(size_t servers) {
  auto config = std::make_shared<PoolConfig>();
  config->name = "pool";
  for (size_t i = 0; i < servers; ++i) {
    ServerConfig server;
    server.name = "server" + std::to_string(i);
    config->servers.push_back(server);
  }
  return *PoolRoute::Make(config, std::vector<bool>(servers, true),
                          std::vector<std::optional<Address>>(servers));
}

std::string MgetOf(size_t keys) {
  std::vector<std::string> words = {"MGET"};
  for (size_t i = 0; i < keys; ++i) words.push_back("key:" + std::to_string(100'000 + i));
  return Resp(words);
}

// Arguments: the number of keys, and of servers.
void Split(benchmark::State& state) {
  const auto route = RouteOver(static_cast<size_t>(state.range(1)));
  const Codec& codec = *FindCodec("redis");
  const std::string bytes = MgetOf(static_cast<size_t>(state.range(0)));
  Request request;
  if (codec.MakeRequestParser()->Next(bytes, nullptr, request) != Parsed::kDone) {
    state.SkipWithError("not parsed");
    return;
  }
  KeyPositions positions;
  FindKeys(request, positions);
  KeySplit split(static_cast<size_t>(state.range(1)));
  BlockPool pool;
  for (auto _ : state) {
    split.Make(*route, request, positions);
    for (const KeySplit::Group& group : split.groups()) {
      OutputBuffer out(pool);
      codec.Compose(request, positions, group.ordinals, out);
      benchmark::DoNotOptimize(out.size());
    }
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(Split)->ArgNames({"keys", "servers"})->ArgsProduct({{2, 10, 100, 1000}, {4, 100}});

}  // namespace
}  // namespace keyway

// What it costs to make one reply of the replies of four servers. The time is that of a
// whole request.

#include <string>
#include <utility>
#include <vector>

#include "benchmark/benchmark.h"
#include "proxy/protocol/redis/codec.h"
#include "proxy/protocol/redis/commands.h"
#include "proxy/protocol/redis/merge.h"

namespace keyway::redis {
namespace {

constexpr size_t kServers = 4;

// The keys of a request and their replies, dealt out to the servers in turn.
class Replies {
 public:
  Replies(const std::string& command, size_t keys, const std::string& element) {
    const bool many = FindCommand(command)->merge == Merge::kKeyOrder;
    for (size_t server = 0; server < kServers; ++server) {
      std::vector<uint32_t>& ordinals = ordinals_[server];
      for (size_t key = server; key < keys; key += kServers) {
        ordinals.push_back(static_cast<uint32_t>(key));
      }
      std::string reply = many ? "*" + std::to_string(ordinals.size()) + "\r\n" : element;
      for (size_t i = 0; many && i < ordinals.size(); ++i) reply += element;
      ends_[server] = RedisCodec().ElementEnds(*FindCommand(command), reply);
      BlockRef block = pool_.Get(reply.size());
      reply.copy(block->data(), reply.size());
      const std::string_view bytes{block->data(), reply.size()};
      parts_.push_back({.keys = ordinals,
                        .server = "server",
                        .reply = {.block = std::move(block), .bytes = bytes},
                        .element_ends = ends_[server]});
    }
  }

  std::span<const Part> parts() const { return parts_; }
  BlockPool& pool() { return pool_; }

 private:
  BlockPool pool_;
  std::vector<uint32_t> ordinals_[kServers];
  std::vector<uint32_t> ends_[kServers];
  std::vector<Part> parts_;
};

void Merged(benchmark::State& state, const std::string& command, const std::string& element) {
  const CommandSpec& row = *FindCommand(command);
  Replies replies(command, static_cast<size_t>(state.range(0)), element);
  for (auto _ : state) {
    OutputBuffer out(replies.pool());
    Combine(row, replies.parts(), out);
    benchmark::DoNotOptimize(out.size());
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

std::string Bulk(size_t bytes) {
  return "$" + std::to_string(bytes) + "\r\n" + std::string(bytes, 'x') + "\r\n";
}

BENCHMARK_CAPTURE(Merged, mget_of_16_bytes, "mget", Bulk(16))->Arg(10)->Arg(100)->Arg(1000);
BENCHMARK_CAPTURE(Merged, mget_of_16_kb, "mget", Bulk(16384))->Arg(10)->Arg(100);
BENCHMARK_CAPTURE(Merged, del, "del", ":3\r\n")->Arg(10)->Arg(1000);
BENCHMARK_CAPTURE(Merged, mset, "mset", "+OK\r\n")->Arg(10)->Arg(1000);

}  // namespace
}  // namespace keyway::redis

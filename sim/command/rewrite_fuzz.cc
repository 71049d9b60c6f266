// Whatever a configuration looks like, a change of it is what was asked for, or is refused.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "proxy/config/parse.h"
#include "sim/command/rewrite.h"

namespace keyway::sim {
namespace {

void ChangePool(std::string_view text, const Config& config, size_t index) {
  const PoolConfig& pool = config.pools[index];
  NewPlacement placement = {.hash = pool.hash == "md5" ? "murmur" : "md5",
                            .distribution = "rendezvous"};
  for (const ServerConfig& server : pool.servers)
    placement.weights.push_back(server.weight / 2 + 1);
  const absl::StatusOr<std::string> changed = Rewrite(text, config.file, pool.name, placement);
  if (!changed.ok()) return;
  const ParsedConfig after = ParseConfig(*changed, config.file);
  if (!after.ok() || after.config.pools.size() != config.pools.size()) std::abort();
  for (size_t i = 0; i < config.pools.size(); ++i) {
    const PoolConfig& before_pool = config.pools[i];
    const PoolConfig& after_pool = after.config.pools[i];
    if (after_pool.name != before_pool.name || after_pool.listen_text != before_pool.listen_text ||
        after_pool.servers.size() != before_pool.servers.size()) {
      std::abort();
    }
    if (i != index && after_pool.hash != before_pool.hash) std::abort();
  }
  if (after.config.pools[index].hash != placement.hash) std::abort();
}

}  // namespace
}  // namespace keyway::sim

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const keyway::ParsedConfig parsed = keyway::ParseConfig(text, "fuzz.yml");
  if (!parsed.ok()) return 0;
  for (size_t i = 0; i < parsed.config.pools.size(); ++i) {
    keyway::sim::ChangePool(text, parsed.config, i);
  }
  return 0;
}

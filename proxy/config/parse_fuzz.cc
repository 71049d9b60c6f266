// Any bytes are a configuration or have a reason why not, and reading them ends.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "proxy/config/parse.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const keyway::ParsedConfig parsed = keyway::ParseConfig(text, "fuzz.yml");
  if (parsed.ok() && parsed.config.pools.empty()) std::abort();
  for (const keyway::PoolConfig& pool : parsed.config.pools) {
    if (parsed.ok() && pool.servers.empty()) std::abort();
  }
  if (parsed.Report().empty() != parsed.problems.empty()) std::abort();
  return 0;
}

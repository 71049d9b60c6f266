#include "proxy/load_config.h"

#include <algorithm>
#include <string>
#include <tuple>
#include <utility>

#include "absl/status/statusor.h"
#include "proxy/net/address.h"

namespace keyway {
namespace {

constexpr char kExample[] =
    "alpha:\n"
    "  listen: 127.0.0.1:22121\n"
    "  hash: fnv1a_64\n"
    "  distribution: ketama\n"
    "  auto_eject_hosts: true\n"
    "  redis: true\n"
    "  server_retry_timeout: 2000\n"
    "  server_failure_limit: 1\n"
    "  servers:\n"
    "   - 127.0.0.1:6386:1\n"
    "   - 127.0.0.1:6387:1\n";

bool IsBefore(const Problem& a, const Problem& b) {
  return std::tie(a.location.line, a.location.column) <
         std::tie(b.location.line, b.location.column);
}

void CheckListenAddress(const PoolConfig& pool, Problems& problems) {
  const absl::StatusOr<Address> address = Resolve(pool.listen);
  if (address.ok()) return;
  const auto key = pool.key_locations.find("listen");
  Problem problem = {.location = key == pool.key_locations.end() ? pool.location : key->second,
                     .pool = pool.name,
                     .key = "listen",
                     .message = std::string(address.status().message())};
  problems.insert(std::upper_bound(problems.begin(), problems.end(), problem, IsBefore),
                  std::move(problem));
}

}  // namespace

ParsedConfig LoadConfig(const std::string& path) {
  ParsedConfig parsed = ReadConfigFile(path);
  for (const PoolConfig& pool : parsed.config.pools) CheckListenAddress(pool, parsed.problems);
  return parsed;
}

ParsedConfig ExampleConfig() { return ParseConfig(kExample, "built-in example"); }

}  // namespace keyway

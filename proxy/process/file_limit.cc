#include "proxy/process/file_limit.h"

#include <sys/resource.h>

#include <algorithm>

#include "proxy/base/limits.h"

namespace keyway {
namespace {

// Standard streams, log, pid file, the listener of the statistics, and what the system's
// resolver opens for a moment.
constexpr int64_t kOwnFiles = 16;

// Of the admin service: gRPC's own five, and its callers.
constexpr int64_t kAdminFiles = 16;

// The loop's own two, and one connection that is accepted only to be refused.
constexpr int64_t kFilesOfAWorker = 3;

}  // namespace

int64_t RaiseFileLimit() {
  rlimit limit = {};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
  const rlimit raised = {.rlim_cur = limit.rlim_max, .rlim_max = limit.rlim_max};
  return static_cast<int64_t>(setrlimit(RLIMIT_NOFILE, &raised) == 0 ? raised.rlim_cur
                                                                     : limit.rlim_cur);
}

FileBudget ShareFiles(int64_t limit, const Config& config, int64_t workers) {
  int64_t of_a_worker = kFilesOfAWorker;
  int64_t servers = 0;
  for (const PoolConfig& pool : config.pools) {
    const auto pool_servers = static_cast<int64_t>(pool.servers.size());
    servers += pool_servers;
    of_a_worker += 1 + pool_servers * pool.server_connections;
  }
  const int64_t others = kOwnFiles + kAdminFiles + workers * of_a_worker +
                         std::min(servers, static_cast<int64_t>(kMaxProbes)) +
                         static_cast<int64_t>(kMaxStatsReaders);
  const int64_t rest = std::max(limit - others, int64_t{0});
  const int64_t leases = std::min(workers * servers * static_cast<int64_t>(kMaxLeases), rest / 4);
  return {.limit = limit,
          .others = others,
          .leases = leases,
          .clients = std::max(rest - leases, limit / 4)};
}

}  // namespace keyway

// What control reports, as messages of the API.
#ifndef KEYWAY_PROXY_ADMIN_ADMIN_MESSAGES_H_
#define KEYWAY_PROXY_ADMIN_ADMIN_MESSAGES_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "proxy/admin/admin.pb.h"
#include "proxy/base/log.h"
#include "proxy/control/control_report.h"
#include "proxy/control/stats_pages.h"

namespace keyway {

// The index of the pool with that name; an empty name will do where there is only one.
absl::StatusOr<size_t> FindPool(const ControlReport& report, const std::string& name);

// Everything, or one pool; reads the counters of `stats`. Fails if there is no such pool.
absl::StatusOr<admin::v1::State> MakeState(const ControlReport& report, const StatsSource& stats,
                                           const std::string& only_pool);

// Where a key goes by the pool's routing, and why.
absl::StatusOr<admin::v1::RouteResponse> MakeRouteResponse(const PoolReport& pool,
                                                           std::string_view key);

// One server of a pool, by its index there, without its statistics.
admin::v1::Server MakeServer(const PoolReport& pool, size_t server);

admin::v1::LogLevel MakeLogLevel(LogLevel level);

// A level by its name or number.
absl::StatusOr<LogLevel> ParseLogLevel(const std::string& text);

}  // namespace keyway

#endif  // KEYWAY_PROXY_ADMIN_ADMIN_MESSAGES_H_

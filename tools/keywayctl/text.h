// What the proxy answers, for people. Each function returns whole lines.
#ifndef KEYWAY_TOOLS_KEYWAYCTL_TEXT_H_
#define KEYWAY_TOOLS_KEYWAYCTL_TEXT_H_

#include <string>

#include "proxy/admin/admin.pb.h"

namespace keyway {

std::string StateText(const admin::v1::State& state);
// The names of the pools, or of their servers, a line each.
std::string NamesText(const admin::v1::State& state, bool of_servers);
std::string RouteText(const admin::v1::RouteResponse& route);
// After ejecting and after restoring a server of `pool`.
std::string EjectedText(const std::string& pool, const admin::v1::OrderResponse& response);
std::string RestoredText(const std::string& pool, const admin::v1::OrderResponse& response);
std::string LogLevelText(const admin::v1::LogLevel& level);

}  // namespace keyway

#endif  // KEYWAY_TOOLS_KEYWAYCTL_TEXT_H_

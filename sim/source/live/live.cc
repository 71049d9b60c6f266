#include "sim/source/live/live.h"

#include "absl/status/status.h"
#include "absl/strings/str_format.h"
#include "sim/source/live/memcached.h"
#include "sim/source/live/redis.h"

namespace keyway::sim {
namespace {

absl::StatusOr<std::unique_ptr<Source>> OpenParsed(std::string_view kind,
                                                   const absl::StatusOr<LiveServer>& server) {
  if (server.ok()) return OpenLive(*server);
  return absl::InvalidArgumentError(
      absl::StrFormat("%s %s", kind, std::string(server.status().message())));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Source>> OpenLive(const LiveServer& server) {
  return server.redis ? OpenRedis(server) : OpenMemcached(server);
}

absl::StatusOr<std::unique_ptr<Source>> OpenRedisAt(std::string_view details) {
  return OpenParsed("redis://", ParseRedis(details));
}

absl::StatusOr<std::unique_ptr<Source>> OpenRedisSocketAt(std::string_view details) {
  return OpenParsed("redis-socket:", ParseRedisSocket(details));
}

absl::StatusOr<std::unique_ptr<Source>> OpenMemcachedAt(std::string_view details) {
  return OpenParsed("memcached://", ParseMemcached(details));
}

absl::StatusOr<std::unique_ptr<Source>> OpenMemcachedSocketAt(std::string_view details) {
  return OpenParsed("memcached-socket:", ParseMemcachedSocket(details));
}

}  // namespace keyway::sim

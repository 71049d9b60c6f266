#include "proxy/config/check.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_format.h"
#include "hashing/ketama.h"
#include "hashing/placement.h"
#include "hashing/ring.h"
#include "proxy/config/address_text.h"

namespace keyway {
namespace {

// ketama hashes this many bytes of "name-number" and no more.
constexpr size_t kKetamaTextBytes = 272;

// Remembers where each of some things was seen first.
template <class Thing>
class FirstSeen {
 public:
  // The earlier place of an equal thing, or null if this is the first.
  const Location* Add(const Thing& thing, Location location) {
    const auto [entry, added] = first_.try_emplace(thing, location);
    return added ? nullptr : &entry->second;
  }

 private:
  std::map<Thing, Location> first_;
};

// Where a key of the pool stands; a key that has its default is the whole pool's affair.
Location PlaceOf(const PoolConfig& pool, std::string_view key) {
  const auto place = pool.key_locations.find(key);
  return place == pool.key_locations.end() ? pool.location : place->second;
}

// Which members have a point on ketama's ring, and so get keys.
std::vector<bool> HasPoints(std::span<const hashing::Member> members) {
  std::vector<bool> has_points(members.size());
  const absl::StatusOr<hashing::Ring> ring = hashing::KetamaRing(members);
  for (size_t i = 0; ring.ok() && i < ring->size(); ++i) has_points[(*ring)[i].member] = true;
  return has_points;
}

// Checks one pool by itself.
class PoolChecker {
 public:
  PoolChecker(const PoolConfig& pool, Problems& problems) : pool_(pool), problems_(problems) {}

  void Check() {
    CheckNames();
    CheckHosts();
    CheckSharedAddresses();
    CheckPlacement();
    CheckRedisOnly();
  }

 private:
  void Report(Severity severity, Location location, std::string_view key, std::string message) {
    problems_.push_back({.location = location,
                         .pool = pool_.name,
                         .key = std::string(key),
                         .message = std::move(message),
                         .severity = severity});
  }
  // Whether the value of that key has been refused already.
  bool Reported(std::string_view key) const {
    return std::any_of(problems_.begin(), problems_.end(), [&](const Problem& problem) {
      return problem.pool == pool_.name && problem.key == key;
    });
  }
  void Warn(Location location, std::string_view key, std::string message) {
    Report(Severity::kWarning, location, key, std::move(message));
  }

  void CheckRedisOnly() {
    if (pool_.redis || Reported("redis")) return;
    if (!pool_.redis_auth.empty()) {
      Report(Severity::kError, PlaceOf(pool_, "redis_auth"), "redis_auth",
             "needs a redis pool; write 'redis: true', or leave it out");
    }
    if (pool_.redis_db != 0) {
      Warn(PlaceOf(pool_, "redis_db"), "redis_db", "has no effect; memcached has no databases");
    }
  }

  void CheckNames() {
    FirstSeen<std::string> names;
    for (const ServerConfig& server : pool_.servers) {
      if (const Location* first = names.Add(server.name, server.location)) {
        unique_ = false;
        Report(Severity::kError, server.location, "servers",
               absl::StrFormat("%s is the name of the server in line %d too; give one of them "
                               "another name behind its weight",
                               Quoted(server.name), first->line));
      }
    }
  }

  // A host that cannot be reached is not an error in nutcracker, nor is it here: the
  // other servers work.
  void CheckHosts() {
    for (const ServerConfig& server : pool_.servers) {
      const Endpoint& endpoint = server.endpoint;
      const std::string wrong =
          endpoint.is_unix() ? CheckUnixPath(endpoint.path) : CheckHost(endpoint.host);
      if (!wrong.empty()) Warn(server.location, "servers", "never reached: " + wrong);
    }
  }

  void CheckSharedAddresses() {
    FirstSeen<std::string> addresses;
    for (const ServerConfig& server : pool_.servers) {
      const Endpoint& endpoint = server.endpoint;
      const std::string address = endpoint.is_unix()
                                      ? endpoint.path
                                      : absl::StrFormat("%s:%d", endpoint.host, endpoint.port);
      const Location* first = addresses.Add(address, server.location);
      if (first != nullptr && unique_) {
        Warn(server.location, "servers",
             absl::StrFormat("%s is the address in line %d too; two names share one server",
                             Quoted(address), first->line));
      }
    }
  }

  void CheckPlacement() {
    if (pool_.servers.empty() || !unique_) return;
    std::vector<hashing::Member> members;
    for (const ServerConfig& server : pool_.servers) {
      members.push_back({.name = server.name, .weight = server.weight});
    }
    const hashing::PlacementOptions options = {
        .hash = pool_.hash, .hash_tag = pool_.hash_tag, .distribution = pool_.distribution};
    const absl::StatusOr<hashing::Placement> placement = hashing::Placement::Make(options, members);
    if (!placement.ok()) {
      Report(Severity::kError, PlaceOf(pool_, "servers"), "servers",
             std::string(placement.status().message()));
    } else if (pool_.distribution == "ketama") {
      CheckKetama(members);
    }
  }

  void CheckKetama(std::span<const hashing::Member> members) {
    if (pool_.hash == "crc32" && members.size() > 1) {
      Warn(PlaceOf(pool_, "hash"), "hash",
           "crc32 yields 15 bits, which ketama maps to practically one server; crc32a has 32");
    }
    FirstSeen<std::string_view> starts;
    const std::vector<bool> has_points = HasPoints(members);
    for (size_t i = 0; i < pool_.servers.size(); ++i) {
      const ServerConfig& server = pool_.servers[i];
      if (!has_points[i]) {
        Warn(server.location, "servers",
             absl::StrFormat("never gets a key: a weight of %d is too little beside the others",
                             server.weight));
      }
      if (server.name.size() < kKetamaTextBytes) continue;
      const std::string_view start = std::string_view(server.name).substr(0, kKetamaTextBytes);
      if (const Location* first = starts.Add(start, server.location)) {
        Warn(server.location, "servers",
             absl::StrFormat("ketama cannot tell this name from the one in line %d; it hashes the "
                             "first %d bytes, in which they are equal",
                             first->line, kKetamaTextBytes));
      }
    }
  }

  const PoolConfig& pool_;
  Problems& problems_;
  bool unique_ = true;  // no two servers of one name
};

// Two spellings of one address, as far as that shows without asking a name server.
std::string Canonical(const std::string& host) {
  if (host == "localhost") return "127.0.0.1";
  char text[INET6_ADDRSTRLEN];
  in_addr ipv4;
  in6_addr ipv6;
  if (inet_aton(host.c_str(), &ipv4) == 1) {
    return inet_ntop(AF_INET, &ipv4, text, sizeof(text));
  }
  if (inet_pton(AF_INET6, host.c_str(), &ipv6) == 1) {
    return inet_ntop(AF_INET6, &ipv6, text, sizeof(text));
  }
  return host;
}

// Whether binding both is likely to fail. "::" takes IPv4's addresses too unless the
// system says otherwise.
bool SameSocket(const Endpoint& a, const Endpoint& b) {
  if (a.is_unix() || b.is_unix()) return a.path == b.path;
  if (a.port != b.port) return false;
  const std::string host_a = Canonical(a.host), host_b = Canonical(b.host);
  const auto is_ipv6 = [](const std::string& host) { return host.find(':') != std::string::npos; };
  const auto covers = [&](const std::string& all, const std::string& host) {
    return all == "::" || (all == "0.0.0.0" && !is_ipv6(host));
  };
  return host_a == host_b || covers(host_a, host_b) || covers(host_b, host_a);
}

void CheckListeners(const Config& config, Problems& problems) {
  for (auto pool = config.pools.begin(); pool != config.pools.end(); ++pool) {
    if (pool->listen_text.empty()) continue;
    const auto other = std::find_if(config.pools.begin(), pool, [&](const PoolConfig& earlier) {
      return !earlier.listen_text.empty() && SameSocket(earlier.listen, pool->listen);
    });
    if (other == pool) continue;
    const bool same_text = other->listen_text == pool->listen_text;
    problems.push_back(
        {.location = PlaceOf(*pool, "listen"),
         .pool = pool->name,
         .key = "listen",
         .message = absl::StrFormat("pool %s in line %d listens at %s %s", Quoted(other->name),
                                    PlaceOf(*other, "listen").line, Quoted(other->listen_text),
                                    same_text ? "too; give each pool its own address"
                                              : "and is likely to have taken this address"),
         .severity = same_text ? Severity::kError : Severity::kWarning});
  }
}

}  // namespace

void CheckConfig(const Config& config, Problems& problems) {
  if (config.pools.empty() && !HasError(problems)) {
    problems.push_back({.message = "there is no pool; write 'name:', and below it indented at "
                                   "least 'listen' and 'servers'"});
  }
  FirstSeen<std::string> names;
  for (const PoolConfig& pool : config.pools) {
    PoolChecker(pool, problems).Check();
    if (const Location* first = names.Add(pool.name, pool.location)) {
      problems.push_back(
          {.location = pool.location,
           .pool = pool.name,
           .message = absl::StrFormat("line %d has a pool of this name too; rename one of them",
                                      first->line)});
    }
  }
  CheckListeners(config, problems);
}

}  // namespace keyway

// The configuration as plain data. Fields carry the defaults of nutcracker 0.5.0;
// fields that nutcracker lacks say so.
#ifndef KEYWAY_PROXY_CONFIG_CONFIG_H_
#define KEYWAY_PROXY_CONFIG_CONFIG_H_

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "proxy/base/endpoint.h"

namespace keyway {

// A place in a configuration file, for messages. Lines and columns start at 1; 0 is
// unknown.
struct Location {
  int line = 0;
  int column = 0;
};

struct ServerConfig {
  Endpoint endpoint;
  uint32_t weight = 1;
  // What the ring hashes, statistics show and duplicates are found by; see
  // "server name" in config/README.md for how twemproxy derives it.
  std::string name;
  std::string line;  // as written in the file
  Location location;
};

struct PoolConfig {
  std::string name;
  Endpoint listen;
  std::string listen_text;  // as written; equal texts are duplicates
  int listen_mode = 0;      // permissions of a unix socket; 0 leaves them to the umask
  std::string hash = "fnv1a_64";
  std::string hash_tag;  // empty, or exactly two bytes
  std::string distribution = "ketama";
  int timeout_ms = 0;  // 0: none
  int backlog = 512;
  int client_connections = 0;  // most clients of this pool; 0: no limit of its own
  bool redis = false;          // false: memcached
  bool reuse_port = false;     // other processes may listen there, too
  bool tcpkeepalive = false;
  std::string redis_auth;
  int redis_db = 0;
  bool preconnect = false;
  bool auto_eject_hosts = false;
  int server_connections = 1;  // shared connections to each server, for each worker
  int server_retry_timeout_ms = 30000;
  int server_failure_limit = 2;
  std::vector<ServerConfig> servers;  // in the order of the file
  Location location;
  std::map<std::string, Location, std::less<>> key_locations;  // of the keys in the file
};

// The top-level mapping `keyway:`, which nutcracker does not have.
struct ProcessConfig {
  int workers = 0;  // threads that serve clients; 0: one for each processor
  // From one look-up of a server's name to the next; 0: only when the server fails.
  int lookup_interval_ms = 30000;
};

struct Config {
  ProcessConfig process;
  std::vector<PoolConfig> pools;  // in the order of the file
  std::string file;               // for messages
};

}  // namespace keyway

#endif  // KEYWAY_PROXY_CONFIG_CONFIG_H_

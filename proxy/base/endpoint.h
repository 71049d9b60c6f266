// Where to listen or to connect to, as written by a person.
#ifndef KEYWAY_PROXY_BASE_ENDPOINT_H_
#define KEYWAY_PROXY_BASE_ENDPOINT_H_

#include <cstdint>
#include <string>

namespace keyway {

// A host and port, or the path of a unix socket.
struct Endpoint {
  std::string host;  // name or address; empty for a unix socket
  uint16_t port = 0;
  std::string path;  // unix socket, else empty

  bool is_unix() const { return !path.empty(); }
  friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

}  // namespace keyway

#endif  // KEYWAY_PROXY_BASE_ENDPOINT_H_

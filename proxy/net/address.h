// Socket addresses.
#ifndef KEYWAY_PROXY_NET_ADDRESS_H_
#define KEYWAY_PROXY_NET_ADDRESS_H_

#include <sys/socket.h>

#include <cstring>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "proxy/base/endpoint.h"

namespace keyway {

// An address the kernel understands: IPv4, IPv6 or a unix socket.
struct Address {
  sockaddr_storage storage = {};
  socklen_t size = 0;

  bool is_unix() const { return storage.ss_family == AF_UNIX; }
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
  friend bool operator==(const Address& a, const Address& b) {
    return a.size == b.size && std::memcmp(&a.storage, &b.storage, a.size) == 0;
  }
};

// All addresses of the host, at least one, in the resolver's order. Looks the host up, and
// so may block for as long as the resolver takes; numbers and unix sockets do not.
absl::StatusOr<std::vector<Address>> ResolveAll(const Endpoint& endpoint);
// The first of them, which is the one that counts in twemproxy.
absl::StatusOr<Address> Resolve(const Endpoint& endpoint);

// Whether only programs of this machine can connect to it: loopback and unix sockets.
bool IsLocal(const Address& address);

// "127.0.0.1:22121", "[::1]:22121" or the path.
std::string ToString(const Address& address);

}  // namespace keyway

#endif  // KEYWAY_PROXY_NET_ADDRESS_H_

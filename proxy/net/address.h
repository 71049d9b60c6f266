// Socket addresses.
#ifndef KEYWAY_PROXY_NET_ADDRESS_H_
#define KEYWAY_PROXY_NET_ADDRESS_H_

#include <sys/socket.h>

#include <string>

#include "absl/status/statusor.h"
#include "proxy/base/endpoint.h"

namespace keyway {

// An address the kernel understands: IPv4, IPv6 or a unix socket.
struct Address {
  sockaddr_storage storage = {};
  socklen_t size = 0;

  bool is_unix() const { return storage.ss_family == AF_UNIX; }
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

// Looks the host up, and so may block for as long as the resolver takes; numbers and
// unix sockets do not. Of several addresses the first counts, as in twemproxy.
absl::StatusOr<Address> Resolve(const Endpoint& endpoint);

// Whether only programs of this machine can connect to it: loopback and unix sockets.
bool IsLocal(const Address& address);

// "127.0.0.1:22121", "[::1]:22121" or the path.
std::string ToString(const Address& address);

}  // namespace keyway

#endif  // KEYWAY_PROXY_NET_ADDRESS_H_

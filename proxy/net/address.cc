#include "proxy/net/address.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <cstddef>
#include <cstring>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_format.h"

namespace keyway {
namespace {

absl::StatusOr<Address> UnixAddress(const std::string& path) {
  Address address;
  auto* name = reinterpret_cast<sockaddr_un*>(&address.storage);
  if (path.size() >= sizeof(name->sun_path)) {
    return absl::InvalidArgumentError(
        absl::StrFormat("the path %s is too long for a unix socket (%d bytes at most)", path,
                        static_cast<int>(sizeof(name->sun_path)) - 1));
  }
  name->sun_family = AF_UNIX;
  std::memcpy(name->sun_path, path.data(), path.size());
  address.size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size() + 1);
  return address;
}

}  // namespace

absl::StatusOr<std::vector<Address>> ResolveAll(const Endpoint& endpoint) {
  if (endpoint.is_unix()) {
    absl::StatusOr<Address> address = UnixAddress(endpoint.path);
    if (!address.ok()) return address.status();
    return std::vector<Address>{*address};
  }
  addrinfo hints = {};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const std::string port = std::to_string(endpoint.port);
  const char* host = endpoint.host.empty() ? nullptr : endpoint.host.c_str();
  const int error = getaddrinfo(host, port.c_str(), &hints, &found);
  if (error != 0) {
    return absl::NotFoundError(
        absl::StrFormat("cannot resolve '%s': %s", endpoint.host, gai_strerror(error)));
  }
  std::vector<Address> addresses;
  for (const addrinfo* each = found; each != nullptr; each = each->ai_next) {
    Address& address = addresses.emplace_back();
    std::memcpy(&address.storage, each->ai_addr, each->ai_addrlen);
    address.size = each->ai_addrlen;
  }
  freeaddrinfo(found);
  return addresses;
}

absl::StatusOr<Address> Resolve(const Endpoint& endpoint) {
  const absl::StatusOr<std::vector<Address>> addresses = ResolveAll(endpoint);
  if (!addresses.ok()) return addresses.status();
  return addresses->front();
}

bool IsLocal(const Address& address) {
  switch (address.storage.ss_family) {
    case AF_INET: {
      const auto* ip = reinterpret_cast<const sockaddr_in*>(&address.storage);
      return ntohl(ip->sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
    }
    case AF_INET6: {
      const auto* ip = reinterpret_cast<const sockaddr_in6*>(&address.storage);
      return IN6_IS_ADDR_LOOPBACK(&ip->sin6_addr);
    }
    default:
      return address.is_unix();
  }
}

std::string ToString(const Address& address) {
  char text[INET6_ADDRSTRLEN] = "";
  switch (address.storage.ss_family) {
    case AF_INET: {
      const auto* ip = reinterpret_cast<const sockaddr_in*>(&address.storage);
      inet_ntop(AF_INET, &ip->sin_addr, text, sizeof(text));
      return absl::StrFormat("%s:%d", text, ntohs(ip->sin_port));
    }
    case AF_INET6: {
      const auto* ip = reinterpret_cast<const sockaddr_in6*>(&address.storage);
      inet_ntop(AF_INET6, &ip->sin6_addr, text, sizeof(text));
      return absl::StrFormat("[%s]:%d", text, ntohs(ip->sin6_port));
    }
    case AF_UNIX:
      if (address.size <= offsetof(sockaddr_un, sun_path)) return "unix";
      return reinterpret_cast<const sockaddr_un*>(&address.storage)->sun_path;
    default:
      return "unknown";
  }
}

}  // namespace keyway

// Addresses as nutcracker.yml writes them: a pool's `listen` and the lines of `servers`.
#ifndef KEYWAY_PROXY_CONFIG_ADDRESS_TEXT_H_
#define KEYWAY_PROXY_CONFIG_ADDRESS_TEXT_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "proxy/base/endpoint.h"

namespace keyway {

// Functions that return text return what is wrong and what would be right, or nothing
// when all is well.

struct ListenAddress {
  Endpoint endpoint;
  int mode = 0;  // permissions of a unix socket; 0 leaves them to the umask
};

// "host:port" or "/path [octal mode]".
std::string ParseListen(std::string_view text, ListenAddress& listen);

struct ServerText {
  Endpoint endpoint;
  uint32_t weight = 1;
  std::string name;  // "server name" of README.md
};

// "host:port:weight [name]" or "/path:weight [name]".
std::string ParseServer(std::string_view text, ServerText& server);

// Whether a host can be an IPv4 or IPv6 address or a name; "*" is every address. Name
// servers are not asked. Says what is wrong.
std::string CheckHost(std::string_view host);

// Why no program can open that unix socket, or nothing.
std::string CheckUnixPath(std::string_view path);

}  // namespace keyway

#endif  // KEYWAY_PROXY_CONFIG_ADDRESS_TEXT_H_

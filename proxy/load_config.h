// The configuration that the process runs with.
#ifndef KEYWAY_PROXY_LOAD_CONFIG_H_
#define KEYWAY_PROXY_LOAD_CONFIG_H_

#include <string>

#include "proxy/config/parse.h"

namespace keyway {

// Reads the file, and finds what only this machine can show: an address to listen on
// that does not resolve is a problem like the others. May block for as long as the
// system's resolver takes.
ParsedConfig LoadConfig(const std::string& path);

// What runs for somebody who only wants to try: one pool over two local Redis servers.
ParsedConfig ExampleConfig();

}  // namespace keyway

#endif  // KEYWAY_PROXY_LOAD_CONFIG_H_

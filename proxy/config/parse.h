// From the text of a configuration file to a Config.
#ifndef KEYWAY_PROXY_CONFIG_PARSE_H_
#define KEYWAY_PROXY_CONFIG_PARSE_H_

#include <string>
#include <string_view>

#include "proxy/config/config.h"
#include "proxy/config/problem.h"

namespace keyway {

// With problems that are errors, `config` holds what could be read, for messages only.
struct ParsedConfig {
  Config config;
  Problems problems;  // all of them, warnings included, in the order of the file

  bool ok() const { return !HasError(problems); }

  // One line for each problem, each ending in a line feed. Of more than a hundred the first
  // errors (without errors, warnings) and a line that counts the rest.
  std::string Report() const;
};

// Reads the text of a nutcracker.yml. `file` is its name, for messages. Pure: neither
// files nor name servers are asked.
ParsedConfig ParseConfig(std::string_view text, std::string file);

// The same for a file; one that cannot be read is a problem like the others.
ParsedConfig ReadConfigFile(const std::string& path);

}  // namespace keyway

#endif  // KEYWAY_PROXY_CONFIG_PARSE_H_

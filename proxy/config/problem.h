// What is wrong with a configuration, and where.
#ifndef KEYWAY_PROXY_CONFIG_PROBLEM_H_
#define KEYWAY_PROXY_CONFIG_PROBLEM_H_

#include <string>
#include <string_view>
#include <vector>

#include "proxy/config/config.h"

namespace keyway {

enum class Severity {
  kError,    // the configuration cannot be used
  kWarning,  // legal, but hardly what was meant
};

struct Problem {
  Location location = {};
  std::string pool = {};  // the pool's name as written, or empty
  std::string key = {};   // the key in that pool, or empty
  std::string message = {};
  Severity severity = Severity::kError;

  // "file:line:column: error: pool 'alpha': key 'timeout': message"
  std::string ToString(std::string_view file) const;
};

using Problems = std::vector<Problem>;

// The text in single quotes for a message: what cannot be printed is escaped, and a long
// text cut.
std::string Quoted(std::string_view text);

// Whether there is an error among them.
bool HasError(const Problems& problems);

}  // namespace keyway

#endif  // KEYWAY_PROXY_CONFIG_PROBLEM_H_

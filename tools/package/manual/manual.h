// The parts of the manual pages and the shell completion that follow from the program's own
// tables, so that they list every option and every key.
#ifndef KEYWAY_TOOLS_PACKAGE_MANUAL_MANUAL_H_
#define KEYWAY_TOOLS_PACKAGE_MANUAL_MANUAL_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace keyway {

// Plain text as a manual page's source (groff's man format) writes it, within a line.
std::string Roff(std::string_view text);

// A page from its source: each line "@NAME@" gives way to what is generated under that name:
//   options          an entry for each option of the daemon
//   pool-keys        an entry for each key of a pool, with its default
//   process-keys     the same for the section that is no pool
//   hashes           the names of the hash functions, and of those that nutcracker lacks
//   distributions    the same for distributions
// Fails on a name that is none of these.
absl::StatusOr<std::string> FillPage(std::string_view source);

// A completion script for bash.
std::string BashCompletion(std::string_view program);

}  // namespace keyway

#endif  // KEYWAY_TOOLS_PACKAGE_MANUAL_MANUAL_H_

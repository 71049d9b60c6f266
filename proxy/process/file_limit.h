// How many files, and so connections, the system lets this process have open.
#ifndef KEYWAY_PROXY_PROCESS_FILE_LIMIT_H_
#define KEYWAY_PROXY_PROCESS_FILE_LIMIT_H_

#include <cstdint>

#include "proxy/config/config.h"

namespace keyway {

// Raises the limit as far as it goes (RLIMIT_NOFILE, from soft to hard), and returns it.
int64_t RaiseFileLimit();

// How many clients may be open at a time, over all pools, so that a limit of `files`
// leaves room for everything else: the shared connections of each of `workers` to each
// server, listeners, probes, readers of statistics. A quarter of the limit at least, for
// a limit that is too low for all of that.
int64_t ClientsWithin(int64_t files, const Config& config, int64_t workers);

}  // namespace keyway

#endif  // KEYWAY_PROXY_PROCESS_FILE_LIMIT_H_

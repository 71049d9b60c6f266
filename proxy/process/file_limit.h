// How many files, and so connections, the system lets this process have open.
#ifndef KEYWAY_PROXY_PROCESS_FILE_LIMIT_H_
#define KEYWAY_PROXY_PROCESS_FILE_LIMIT_H_

#include <cstdint>

#include "proxy/config/config.h"

namespace keyway {

// Raises the limit as far as it goes (RLIMIT_NOFILE, from soft to hard), and returns it.
int64_t RaiseFileLimit();

// How the files of a process are shared out.
struct FileBudget {
  int64_t limit;
  int64_t others;   // all but the next two, at most: servers, listeners, probes, …
  int64_t leases;   // server connections that single clients have for themselves
  int64_t clients;  // over all pools
  // For all of that. Clients have a quarter of the limit even when it is too low.
  bool suffices() const { return others + leases + clients <= limit; }
};

// The others are the shared connections of each of `workers` to each server, listeners,
// probes, readers of statistics and operators. Leases have room for as many as there can
// be, but for no more than a quarter of what the others leave: without clients there are
// none.
FileBudget ShareFiles(int64_t limit, const Config& config, int64_t workers);

}  // namespace keyway

#endif  // KEYWAY_PROXY_PROCESS_FILE_LIMIT_H_

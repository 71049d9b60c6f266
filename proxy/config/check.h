// What no single key and no single pool can show.
#ifndef KEYWAY_PROXY_CONFIG_CHECK_H_
#define KEYWAY_PROXY_CONFIG_CHECK_H_

#include "proxy/config/config.h"
#include "proxy/config/problem.h"

namespace keyway {

// Errors: no pools; the same name or the same listener twice; servers of one name in a
// pool; servers that the pool's distribution cannot place. Warnings: what is legal, but
// a known trap. A configuration that already has problems may be given; what follows
// from them is not reported again.
void CheckConfig(const Config& config, Problems& problems);

}  // namespace keyway

#endif  // KEYWAY_PROXY_CONFIG_CHECK_H_

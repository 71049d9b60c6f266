// What a session remembers between requests: plain data, which local commands read
// and write.
#ifndef KEYWAY_PROXY_DISPATCH_SESSION_STATE_H_
#define KEYWAY_PROXY_DISPATCH_SESSION_STATE_H_

#include <cstdint>

namespace keyway {

struct SessionState {
  uint64_t number = 0;         // of the client, within its worker
  bool authenticated = false;  // has given the pool's password, or needs none
};

}  // namespace keyway

#endif  // KEYWAY_PROXY_DISPATCH_SESSION_STATE_H_

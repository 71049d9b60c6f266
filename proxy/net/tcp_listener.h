// Listening TCP and unix sockets.
#ifndef KEYWAY_PROXY_NET_TCP_LISTENER_H_
#define KEYWAY_PROXY_NET_TCP_LISTENER_H_

#include <memory>

#include "absl/status/statusor.h"
#include "proxy/net/poller.h"

namespace keyway {

// A unix socket's file is replaced when nobody listens on it, and removed with the
// listener; one that somebody listens on is an address in use.
absl::StatusOr<std::unique_ptr<Listener>> ListenTcp(Poller& poller, const Address& address,
                                                    const ListenOptions& options,
                                                    AcceptHandler& handler);

}  // namespace keyway

#endif  // KEYWAY_PROXY_NET_TCP_LISTENER_H_

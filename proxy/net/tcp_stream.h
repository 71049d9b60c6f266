// Non-blocking TCP and unix sockets as streams of a Poller.
#ifndef KEYWAY_PROXY_NET_TCP_STREAM_H_
#define KEYWAY_PROXY_NET_TCP_STREAM_H_

#include <memory>

#include "proxy/net/poller.h"

namespace keyway {

std::unique_ptr<Stream> ConnectTcp(Poller& poller, const Address& address,
                                   const StreamOptions& options, StreamHandler& handler);

// A stream over a connected, non-blocking socket, which it owns from now on.
std::unique_ptr<Stream> OpenTcp(Poller& poller, int fd, StreamHandler& handler);

}  // namespace keyway

#endif  // KEYWAY_PROXY_NET_TCP_STREAM_H_

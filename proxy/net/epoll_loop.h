// The event loop over Linux's epoll.
#ifndef KEYWAY_PROXY_NET_EPOLL_LOOP_H_
#define KEYWAY_PROXY_NET_EPOLL_LOOP_H_

#include <memory>

#include "proxy/net/event_loop.h"

namespace keyway {

// Its thread is the one that calls Run; before that, the one that made it.
std::unique_ptr<EventLoop> MakeEpollLoop();

}  // namespace keyway

#endif  // KEYWAY_PROXY_NET_EPOLL_LOOP_H_

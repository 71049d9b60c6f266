#include "tools/bench/poll.h"

#include <algorithm>
#include <ctime>

namespace keyway::bench {
namespace {

epoll_event Interest(uint32_t events, void* owner) {
  epoll_event event = {};
  event.events = events;
  event.data.ptr = owner;
  return event;
}

}  // namespace

Poll::Poll() : epoll_(::epoll_create1(EPOLL_CLOEXEC)) {}

void Poll::Add(int fd, void* owner) {
  epoll_event event = Interest(EPOLLIN, owner);
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event);
}

void Poll::WantWritable(int fd, void* owner, bool wanted) {
  epoll_event event = Interest(wanted ? EPOLLIN | EPOLLOUT : EPOLLIN, owner);
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, fd, &event);
}

std::span<const epoll_event> Poll::Wait(std::chrono::nanoseconds longest) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(longest);
  const timespec timeout = {.tv_sec = seconds.count(), .tv_nsec = (longest - seconds).count()};
  const int count = ::epoll_pwait2(epoll_.get(), ready_.data(), static_cast<int>(ready_.size()),
                                   &timeout, nullptr);
  return {ready_.data(), static_cast<size_t>(std::max(count, 0))};
}

}  // namespace keyway::bench

#include "proxy/threads.h"

#include <pthread.h>

#include <string>
#include <utility>

#include "absl/strings/str_format.h"
#include "proxy/net/epoll_loop.h"
#include "proxy/process/crash_log.h"

namespace keyway {
namespace {

// `name` is for top and ps; the system cuts it to 15 characters.
std::thread RunOnThread(EventLoop& loop, std::string name) {
  return std::thread([&loop, name = std::move(name)] {
    pthread_setname_np(pthread_self(), name.c_str());
    const CrashStack stack;
    loop.Run();
  });
}

}  // namespace

Threads::Threads(int workers) : control_(MakeEpollLoop()) {
  for (int i = 0; i < workers; ++i) workers_.push_back(MakeEpollLoop());
}

std::vector<EventLoop*> Threads::workers() const {
  std::vector<EventLoop*> loops;
  for (const std::unique_ptr<EventLoop>& loop : workers_) loops.push_back(loop.get());
  return loops;
}

void Threads::Start() {
  threads_.push_back(RunOnThread(*control_, "control"));
  for (size_t i = 0; i < workers_.size(); ++i) {
    threads_.push_back(RunOnThread(*workers_[i], absl::StrFormat("worker %d", i)));
  }
}

void Threads::Stop() {
  for (const std::unique_ptr<EventLoop>& loop : workers_) loop->Stop();
  control_->Stop();
}

void Threads::Join() {
  for (std::thread& thread : threads_) thread.join();
}

}  // namespace keyway

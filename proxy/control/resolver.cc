#include "proxy/control/resolver.h"

#include <arpa/inet.h>
#include <pthread.h>

#include <deque>
#include <mutex>
#include <utility>

#include "absl/status/status.h"
#include "proxy/base/limits.h"

namespace keyway {

struct ThreadResolver::Shared {
  struct Waiting {
    Endpoint endpoint;
    Done done;
  };

  std::mutex mutex;
  EventLoop* loop;  // null once the resolver is gone
  std::deque<Waiting> waiting;
  size_t threads = 0;
};

bool IsName(const Endpoint& endpoint) {
  if (endpoint.is_unix()) return false;
  in6_addr unused;
  const char* host = endpoint.host.c_str();
  return inet_pton(AF_INET, host, &unused) != 1 && inet_pton(AF_INET6, host, &unused) != 1;
}

ThreadResolver::ThreadResolver(EventLoop& loop) : shared_(std::make_shared<Shared>()) {
  shared_->loop = &loop;
}

ThreadResolver::~ThreadResolver() {
  const std::lock_guard lock(shared_->mutex);
  shared_->loop = nullptr;
  shared_->waiting.clear();
}

void ThreadResolver::Lookup(const Endpoint& endpoint, Done done) {
  const std::lock_guard lock(shared_->mutex);
  shared_->waiting.push_back({endpoint, std::move(done)});
  if (shared_->threads == kMaxLookups) return;
  const int error = StartThread();
  if (error == 0) {
    ++shared_->threads;
  } else if (shared_->threads == 0) {
    RefuseLast(error);
  }
}

// Without std::thread, which throws when the system has no thread left.
int ThreadResolver::StartThread() {
  auto argument = std::make_unique<std::shared_ptr<Shared>>(shared_);
  const auto run = [](void* pointer) -> void* {
    const std::unique_ptr<std::shared_ptr<Shared>> shared(
        static_cast<std::shared_ptr<Shared>*>(pointer));
    Work(*shared);
    return nullptr;
  };
  pthread_t thread;
  const int error = pthread_create(&thread, nullptr, run, argument.get());
  if (error != 0) return error;
  static_cast<void>(argument.release());
  pthread_detach(thread);
  return 0;
}

// When there are threads, they will come to it instead.
void ThreadResolver::RefuseLast(int error) {
  Done done = std::move(shared_->waiting.back().done);
  shared_->waiting.pop_back();
  shared_->loop->Post([done = std::move(done), error]() mutable {
    done(absl::ErrnoToStatus(error, "cannot look it up"));
  });
}

// Ends when nothing is waiting.
void ThreadResolver::Work(const std::shared_ptr<Shared>& shared) {
  std::unique_lock lock(shared->mutex);
  while (!shared->waiting.empty()) {
    auto [endpoint, done] = std::move(shared->waiting.front());
    shared->waiting.pop_front();
    lock.unlock();
    auto addresses = ResolveAll(endpoint);
    lock.lock();
    if (shared->loop == nullptr) break;
    shared->loop->Post(
        [addresses = std::move(addresses), done = std::move(done)]() mutable { done(addresses); });
  }
  --shared->threads;
}

}  // namespace keyway

#include "proxy/net/epoll_loop.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <map>
#include <mutex>
#include <utility>
#include <vector>

#include "proxy/base/limits.h"
#include "proxy/net/poller.h"
#include "proxy/net/tcp_listener.h"
#include "proxy/net/tcp_stream.h"

namespace keyway {
namespace {

// Events taken from the kernel at once; more wait for the next turn.
constexpr int kEventsPerTurn = 512;

// Rounds of tasks and flushes in one turn. What is left then, because tasks went on
// making tasks, is done in the next turn, after looking at the sockets again.
constexpr int kRoundsPerTurn = 8;

class EpollLoop : public Poller, private Pollable {
 public:
  EpollLoop()
      : Poller(std::chrono::steady_clock::now()),
        epoll_(epoll_create1(EPOLL_CLOEXEC)),
        wake_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
    Watch(wake_, EPOLLIN, *this);
  }
  ~EpollLoop() override {
    receive_block_ = BlockRef();
    close(wake_);
    close(epoll_);
  }

  WallTime WallNow() const override { return std::chrono::system_clock::now(); }
  BlockPool& blocks() override { return blocks_; }
  BlockRef& receive_block() override { return receive_block_; }

  Timer After(Duration delay, Task task) override;
  void AtEndOfTurn(Task task) override { end_of_turn_.push_back(std::move(task)); }
  void Post(Task task) override;
  void Stop() override;
  void Run() override;

  absl::StatusOr<std::unique_ptr<Listener>> Listen(const Address& address,
                                                   const ListenOptions& options,
                                                   AcceptHandler& handler) override {
    return ListenTcp(*this, address, options, handler);
  }
  std::unique_ptr<Stream> Connect(const Address& address, const StreamOptions& options,
                                  StreamHandler& handler) override {
    return ConnectTcp(*this, address, options, handler);
  }

  void Watch(int fd, uint32_t events, Pollable& owner) override {
    Control(EPOLL_CTL_ADD, fd, events, owner);
  }
  void Rewatch(int fd, uint32_t events, Pollable& owner) override {
    Control(EPOLL_CTL_MOD, fd, events, owner);
  }
  void Unwatch(int fd, Pollable& owner) override;
  bool MayReadMore() override { return further_reads_++ < kFurtherReadsPerTurn; }
  void CallLater(Pollable& owner) override { later_.push_back(&owner); }
  void FlushLater(Pollable& owner) override { dirty_.push_back(&owner); }
  void FlushPatiently(Pollable& owner) override {
    if (patient_.empty()) patient_since_ = now_;
    patient_.push_back(&owner);
  }

 private:
  void OnEvents(uint32_t events) override;  // of wake_

  void Control(int operation, int fd, uint32_t events, Pollable& owner) {
    epoll_event event = {};
    event.events = events;
    event.data.ptr = &owner;
    epoll_ctl(epoll_, operation, fd, &event);
  }
  int WaitMilliseconds() const;
  void RunTurn();
  void RunEvents(int count);
  void RunTimers();
  void RunLater();
  void RunEndOfTurn();
  void EndPatience();
  void Flush();

  const int epoll_;
  const int wake_;
  BlockPool blocks_;
  BlockRef receive_block_;

  std::array<epoll_event, kEventsPerTurn> events_;
  int event_ = 0;  // the one being handled
  int event_count_ = 0;
  int further_reads_ = 0;  // in this turn
  std::vector<Pollable*> later_;
  std::vector<Pollable*> calling_;  // those of later_ whose turn it is
  std::vector<Pollable*> dirty_;
  std::vector<Pollable*> patient_;
  Time patient_since_;
  std::vector<Task> end_of_turn_;
  std::map<std::pair<Time, uint64_t>, Task> timers_;
  uint64_t next_timer_ = 0;

  std::atomic<bool> stopped_ = false;
  std::mutex mutex_;
  std::vector<Task> posted_;  // guarded by mutex_
};

Timer EpollLoop::After(Duration delay, Task task) {
  const std::pair<Time, uint64_t> key{now_ + delay, next_timer_++};
  timers_.emplace(key, std::move(task));
  return Timer([this, key] { timers_.erase(key); });
}

void EpollLoop::Post(Task task) {
  bool first;
  {
    std::lock_guard lock(mutex_);
    first = posted_.empty();
    posted_.push_back(std::move(task));
  }
  if (!first) return;
  const uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = write(wake_, &one, sizeof(one));
}

void EpollLoop::Stop() {
  stopped_ = true;
  Post([] {});
}

void EpollLoop::OnEvents(uint32_t) {
  uint64_t count;
  [[maybe_unused]] const ssize_t got = read(wake_, &count, sizeof(count));
  std::vector<Task> tasks;
  {
    std::lock_guard lock(mutex_);
    tasks.swap(posted_);
  }
  for (Task& task : tasks) task();
}

void EpollLoop::Unwatch(int fd, Pollable& owner) {
  epoll_ctl(epoll_, EPOLL_CTL_DEL, fd, nullptr);
  for (int i = event_ + 1; i < event_count_; ++i) {
    if (events_[i].data.ptr == &owner) events_[i].data.ptr = nullptr;
  }
  std::replace(calling_.begin(), calling_.end(), &owner, static_cast<Pollable*>(nullptr));
  std::erase(later_, &owner);
  std::erase(dirty_, &owner);
  std::erase(patient_, &owner);
}

int EpollLoop::WaitMilliseconds() const {
  if (!later_.empty() || !dirty_.empty() || !patient_.empty() || !end_of_turn_.empty()) return 0;
  if (timers_.empty()) return -1;
  const Duration wait = timers_.begin()->first.first - std::chrono::steady_clock::now();
  if (wait <= Duration::zero()) return 0;
  // Rounded up: waking too early would only mean waiting again.
  const auto ms = std::chrono::ceil<std::chrono::milliseconds>(wait).count();
  return static_cast<int>(std::min<int64_t>(ms, 1'000'000));
}

void EpollLoop::Run() {
  while (!stopped_.exchange(false)) RunTurn();
}

void EpollLoop::RunTurn() {
  const int count = epoll_wait(epoll_, events_.data(), kEventsPerTurn, WaitMilliseconds());
  now_ = std::chrono::steady_clock::now();
  RunEvents(count);
  RunLater();
  RunTimers();
  if (count <= 0 || now_ - patient_since_ >= kPatience) EndPatience();
  for (int round = 0; round < kRoundsPerTurn; ++round) {
    if (end_of_turn_.empty() && dirty_.empty()) break;
    RunEndOfTurn();
    Flush();
  }
}

void EpollLoop::RunEvents(int count) {
  event_count_ = std::max(count, 0);
  further_reads_ = 0;
  for (event_ = 0; event_ < event_count_; ++event_) {
    const epoll_event& event = events_[event_];
    if (event.data.ptr != nullptr) static_cast<Pollable*>(event.data.ptr)->OnEvents(event.events);
  }
  event_count_ = 0;
}

void EpollLoop::RunLater() {
  calling_.swap(later_);
  // By index: handlers may null entries of the vector that is walked.
  for (size_t i = 0; i < calling_.size(); ++i) {
    if (calling_[i] != nullptr) calling_[i]->OnLater();
  }
  calling_.clear();
}

void EpollLoop::RunTimers() {
  while (!timers_.empty() && timers_.begin()->first.first <= now_) {
    Task task = std::move(timers_.begin()->second);
    timers_.erase(timers_.begin());
    task();
  }
}

void EpollLoop::RunEndOfTurn() {
  std::vector<Task> tasks;
  tasks.swap(end_of_turn_);
  for (Task& task : tasks) task();
}

// Servers before clients: they have more to do with what they get.
void EpollLoop::EndPatience() {
  dirty_.insert(dirty_.begin(), patient_.begin(), patient_.end());
  patient_.clear();
}

void EpollLoop::Flush() {
  for (Pollable* owner : dirty_) owner->OnFlush();
  dirty_.clear();
}

}  // namespace

std::unique_ptr<EventLoop> MakeEpollLoop() { return std::make_unique<EpollLoop>(); }

}  // namespace keyway

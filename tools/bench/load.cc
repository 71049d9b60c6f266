#include "tools/bench/load.h"

#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>

#include "absl/strings/str_format.h"
#include "tools/bench/cpu_time.h"
#include "tools/bench/poll.h"

namespace keyway::bench {
namespace {

using std::chrono::nanoseconds;

constexpr int64_t kPatienceNs = 10'000'000'000;
constexpr int64_t kLongestWaitNs = 100'000'000;
constexpr size_t kReceiveBytes = 1 << 18;
// So many arrivals at most between two looks at the replies.
constexpr int kArrivalsPerTurn = 1024;

int64_t NowNs() { return nanoseconds(std::chrono::steady_clock::now().time_since_epoch()).count(); }

class Load {
 public:
  explicit Load(const LoadOptions& options)
      : options_(options), wanted_(options.processes), buffer_(kReceiveBytes) {
    wanted_.push_back(getpid());
  }

  absl::Status ConnectAll();
  absl::StatusOr<LoadResult> Run();

 private:
  enum class Phase { kWarmUp, kMeasured, kDraining };

  bool open_loop() const { return options_.rate > 0; }
  bool IsMeasured(const Client& client) const { return &client.group() == &options_.measured; }
  bool InClosedLoop(const Client& client) const { return !open_loop() || !IsMeasured(client); }
  bool MayAsk() const {
    return phase_ != Phase::kDraining && (options_.requests == 0 || asked_ < options_.requests);
  }
  std::vector<nanoseconds> CpuTimes() const;
  // Goes to the next phase when it is time.
  void Advance(int64_t now_ns);
  void FillPipeline(Client& client, int64_t now_ns);
  absl::Status FlushAsked();
  void AskWhatIsDue(int64_t now_ns);
  absl::Status Turn();
  absl::Status Read(Client& client);
  absl::Status Send(Client& client);
  nanoseconds NextWait() const;
  size_t Waiting() const;
  LoadResult Result() const;

  const LoadOptions& options_;
  std::vector<int> wanted_;  // processes; the last is this one
  Poll poll_;
  std::vector<std::unique_ptr<Client>> clients_;
  std::vector<char> buffer_;
  Phase phase_ = Phase::kWarmUp;
  int64_t phase_end_ns_ = 0;
  int64_t last_reply_ns_ = 0;
  uint64_t asked_ = 0;
  double next_due_ns_ = 0;         // in open loop
  std::vector<Client*> to_flush_;  // clients that have asked

  uint64_t replies_ = 0;
  Latencies latencies_;
  int64_t measured_from_ns_ = 0;
  int64_t measured_to_ns_ = 0;
  std::vector<nanoseconds> cpu_from_;
  std::vector<nanoseconds> cpu_to_;
};

absl::Status Load::ConnectAll() {
  for (const Group* group : {&options_.measured, &options_.beside}) {
    for (size_t i = 0; i < group->clients; ++i) {
      auto socket = Connect(options_.endpoint);
      if (!socket.ok()) return socket.status();
      clients_.push_back(std::make_unique<Client>(*std::move(socket), *group));
      poll_.Add(clients_.back()->fd(), clients_.back().get());
    }
  }
  return absl::OkStatus();
}

std::vector<nanoseconds> Load::CpuTimes() const {
  std::vector<nanoseconds> times;
  for (const int process : wanted_) times.push_back(CpuTimeOf(process));
  return times;
}

void Load::Advance(int64_t now_ns) {
  if (phase_ == Phase::kWarmUp && now_ns >= phase_end_ns_) {
    phase_ = Phase::kMeasured;
    cpu_from_ = CpuTimes();
    measured_from_ns_ = NowNs();
    phase_end_ns_ = options_.requests > 0 ? std::numeric_limits<int64_t>::max()
                                          : measured_from_ns_ + options_.duration.count();
  } else if (phase_ == Phase::kMeasured && (now_ns >= phase_end_ns_ || !MayAsk())) {
    // A given number of requests is measured to the last reply.
    if (options_.requests > 0 && Waiting() > 0) return;
    phase_ = Phase::kDraining;
    cpu_to_ = CpuTimes();
    measured_to_ns_ = NowNs();
  }
}

void Load::FillPipeline(Client& client, int64_t now_ns) {
  while (client.waiting() < client.group().pipeline && MayAsk()) client.Ask(asked_++, now_ns);
}

void Load::AskWhatIsDue(int64_t now_ns) {
  const double mean_gap_ns = 1e9 / options_.rate;
  for (int i = 0; i < kArrivalsPerTurn && next_due_ns_ <= static_cast<double>(now_ns); ++i) {
    if (!MayAsk()) return;
    Client& client = *clients_[asked_++ % options_.measured.clients];
    if (!client.has_output()) to_flush_.push_back(&client);
    client.Ask(asked_, static_cast<int64_t>(next_due_ns_));
    // Scattered apart from the numbers that choose items.
    const double chance = static_cast<double>(Scatter(~asked_) >> 11) * 0x1p-53;
    next_due_ns_ += -std::log1p(-chance) * mean_gap_ns;
  }
}

absl::Status Load::FlushAsked() {
  for (Client* client : to_flush_) {
    if (absl::Status status = Send(*client); !status.ok()) return status;
  }
  to_flush_.clear();
  return absl::OkStatus();
}

absl::Status Load::Send(Client& client) {
  if (!client.Flush()) return absl::UnavailableError("a connection was closed");
  if (client.has_output() != client.writable_wanted) {
    client.writable_wanted = client.has_output();
    poll_.WantWritable(client.fd(), &client, client.writable_wanted);
  }
  return absl::OkStatus();
}

absl::Status Load::Read(Client& client) {
  size_t size = 0;
  switch (ReceiveSome(client.fd(), buffer_.data(), buffer_.size(), size)) {
    case Received::kNothing:
      return absl::OkStatus();
    case Received::kEnd:
      return absl::UnavailableError(
          absl::StrFormat("a connection was closed with %d replies due", client.waiting()));
    case Received::kBytes:
      break;
  }
  last_reply_ns_ = NowNs();
  const bool right = client.OnBytes({buffer_.data(), size}, [&](int64_t due_ns) {
    if (phase_ == Phase::kWarmUp || !IsMeasured(client)) return;
    if (phase_ == Phase::kMeasured) ++replies_;
    if (due_ns < measured_from_ns_ && phase_ == Phase::kDraining) return;
    latencies_.Record(last_reply_ns_ - due_ns);
  });
  return right ? absl::OkStatus() : absl::DataLossError(client.complaint());
}

size_t Load::Waiting() const {
  size_t waiting = 0;
  for (const auto& client : clients_) waiting += client->waiting();
  return waiting;
}

nanoseconds Load::NextWait() const {
  if (!open_loop() || phase_ == Phase::kDraining) return nanoseconds(kLongestWaitNs);
  const double wait = next_due_ns_ - static_cast<double>(NowNs());
  return nanoseconds(std::clamp<int64_t>(static_cast<int64_t>(wait), 0, kLongestWaitNs));
}

absl::Status Load::Turn() {
  for (const epoll_event& event : poll_.Wait(NextWait())) {
    Client& client = *static_cast<Client*>(event.data.ptr);
    if (event.events & ~uint32_t{EPOLLOUT}) {
      if (absl::Status status = Read(client); !status.ok()) return status;
      if (InClosedLoop(client) && client.waiting() == 0) FillPipeline(client, last_reply_ns_);
    }
    if (client.has_output()) {
      if (absl::Status status = Send(client); !status.ok()) return status;
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<LoadResult> Load::Run() {
  int64_t now_ns = last_reply_ns_ = NowNs();
  next_due_ns_ = static_cast<double>(now_ns);
  phase_end_ns_ = now_ns + options_.warm_up.count();
  Advance(now_ns);
  for (const auto& client : clients_) {
    if (!InClosedLoop(*client)) continue;
    FillPipeline(*client, now_ns);
    to_flush_.push_back(client.get());
  }
  while (phase_ != Phase::kDraining || Waiting() > 0) {
    if (open_loop()) AskWhatIsDue(now_ns);
    if (absl::Status status = FlushAsked(); !status.ok()) return status;
    if (absl::Status status = Turn(); !status.ok()) return status;
    now_ns = NowNs();
    Advance(now_ns);
    if (now_ns - last_reply_ns_ > kPatienceNs) {
      return absl::DeadlineExceededError(
          absl::StrFormat("no reply for ten seconds, %d are due", Waiting()));
    }
  }
  return Result();
}

LoadResult Load::Result() const {
  LoadResult result;
  result.duration = nanoseconds(measured_to_ns_ - measured_from_ns_);
  result.replies = replies_;
  result.latencies = latencies_;
  for (size_t i = 0; i < wanted_.size(); ++i) {
    result.cpu_times.push_back(cpu_to_[i] - cpu_from_[i]);
  }
  result.own_cpu_time = result.cpu_times.back();
  result.cpu_times.pop_back();
  return result;
}

}  // namespace

absl::StatusOr<LoadResult> RunLoad(const LoadOptions& options) {
  prctl(PR_SET_TIMERSLACK, 1);  // open loop waits for fractions of a millisecond
  RaiseFileLimit();
  Load load(options);
  if (absl::Status status = load.ConnectAll(); !status.ok()) return status;
  return load.Run();
}

}  // namespace keyway::bench

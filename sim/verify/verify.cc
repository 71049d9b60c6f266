#include "sim/verify/verify.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <list>
#include <memory>
#include <mutex>
#include <numeric>
#include <string_view>
#include <thread>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_format.h"
#include "hashing/placement.h"
#include "sim/verify/presence.h"
#include "sim/verify/visit.h"

namespace keyway::sim {
namespace {

// The wait is for the servers, not for this machine.
constexpr size_t kServersAtATime = 16;

uint64_t Sum(const std::vector<ServerFindings>& servers, uint64_t ServerFindings::*field) {
  return std::transform_reduce(servers.begin(), servers.end(), uint64_t{0}, std::plus<>(),
                               [field](const ServerFindings& server) { return server.*field; });
}

// Runs all visits on some threads; the first error ends them all.
class Tour {
 public:
  Tour(std::list<Visit>& visits, const VerifyOptions& options,
       const std::atomic<uint64_t>& keys_seen)
      : options_(options), keys_seen_(keys_seen) {
    for (Visit& visit : visits) waiting_.push_back(&visit);
  }

  absl::Status Run() {
    std::vector<std::thread> threads(std::min(waiting_.size(), kServersAtATime));
    working_ = threads.size();
    for (std::thread& thread : threads) thread = std::thread([this] { Work(); });
    AwaitEnd();
    for (std::thread& thread : threads) thread.join();
    return status_;
  }

 private:
  void Work() {
    std::unique_lock lock(mutex_);
    while (status_.ok() && !waiting_.empty()) {
      Visit* const visit = waiting_.front();
      waiting_.pop_front();
      lock.unlock();
      const absl::Status status = visit->Run();
      lock.lock();
      if (status_.ok()) status_ = status;
    }
    --working_;
    ended_.notify_one();
  }

  void AwaitEnd() {
    constexpr std::chrono::milliseconds kProgressInterval{100};
    std::unique_lock lock(mutex_);
    while (!ended_.wait_for(lock, kProgressInterval, [this] { return working_ == 0; })) {
      if (options_.on_progress) options_.on_progress(keys_seen_);
    }
  }

  const VerifyOptions& options_;
  const std::atomic<uint64_t>& keys_seen_;
  std::mutex mutex_;
  std::condition_variable ended_;
  std::list<Visit*> waiting_;
  size_t working_ = 0;
  absl::Status status_;
};

// Asks one server for the keys with these numbers, and tells `take` each answer.
template <class KeyOf, class Take>
absl::Status AskFor(const LiveServer& server, Asked asked, const std::vector<size_t>& numbers,
                    KeyOf&& key_of, Take&& take) {
  if (numbers.empty()) return absl::OkStatus();
  const absl::StatusOr<std::unique_ptr<Presence>> presence = OpenPresence(server, asked);
  if (!presence.ok()) return presence.status();
  std::vector<std::string_view> keys;
  for (const size_t number : numbers) keys.push_back(key_of(number));
  const absl::StatusOr<std::vector<Answer>> answers = (*presence)->Ask(keys);
  if (!answers.ok()) return answers.status();
  for (size_t i = 0; i < numbers.size(); ++i) take(numbers[i], (*answers)[i]);
  return absl::OkStatus();
}

// Where else the examples are.
absl::Status FindCopies(const Deployment& deployment, std::vector<Misplaced>& examples) {
  for (size_t server = 0; server < deployment.servers.size(); ++server) {
    std::vector<size_t> others;
    for (size_t i = 0; i < examples.size(); ++i) {
      const bool ask = CanAsk(deployment.servers[server], examples[i].key);
      if (examples[i].found != server && ask) others.push_back(i);
    }
    const absl::Status status = AskFor(
        deployment.servers[server], Asked::kServer, others,
        [&](size_t i) -> std::string_view { return examples[i].key; },
        [&](size_t i, const Answer& answer) {
          if (answer.there) examples[i].also_on.push_back(server);
        });
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

// What the proxy does not find may have expired since: then its server has it no longer.
absl::Status DropGone(const Deployment& deployment, ProxyFindings& findings) {
  std::vector<std::vector<size_t>> numbers(deployment.servers.size());  // by server
  for (size_t i = 0; i < findings.unreadable.size(); ++i) {
    if (!findings.unreadable[i].answer.empty()) continue;
    numbers[findings.unreadable[i].found.server].push_back(i);
  }
  std::vector<bool> gone(findings.unreadable.size());
  for (size_t server = 0; server < numbers.size(); ++server) {
    const absl::Status status = AskFor(
        deployment.servers[server], Asked::kServer, numbers[server],
        [&](size_t i) -> std::string_view { return findings.unreadable[i].found.key; },
        [&](size_t i, const Answer& answer) { gone[i] = !answer.there; });
    if (!status.ok()) return status;
  }
  std::vector<Unreadable> unreadable;
  for (size_t i = 0; i < gone.size(); ++i) {
    if (!gone[i]) unreadable.push_back(std::move(findings.unreadable[i]));
  }
  findings.gone = findings.unreadable.size() - unreadable.size();
  findings.unreadable = std::move(unreadable);
  return absl::OkStatus();
}

absl::StatusOr<ProxyFindings> ReadThrough(const Deployment& deployment,
                                          const std::vector<FoundKey>& sample) {
  ProxyFindings findings;
  std::vector<size_t> askable;
  for (size_t i = 0; i < sample.size(); ++i) {
    if (CanAsk(*deployment.proxy, sample[i].key)) askable.push_back(i);
  }
  findings.asked = askable.size();
  absl::Status status = AskFor(
      *deployment.proxy, Asked::kProxy, askable,
      [&](size_t i) -> std::string_view { return sample[i].key; },
      [&](size_t i, const Answer& answer) {
        if (!answer.there) findings.unreadable.push_back({sample[i], answer.error});
      });
  if (status.ok()) status = DropGone(deployment, findings);
  if (!status.ok()) return status;
  return findings;
}

absl::StatusOr<hashing::Placement> MakePlacement(const Scenario& scenario) {
  if (scenario.options.distribution == "random") {
    return absl::InvalidArgumentError(
        "the distribution is random, which places no key twice alike: nothing can be verified");
  }
  return hashing::Placement::Make(scenario.options, scenario.members);
}

}  // namespace

uint64_t Findings::keys() const { return Sum(servers, &ServerFindings::keys); }
uint64_t Findings::misplaced_keys() const { return Sum(servers, &ServerFindings::misplaced); }
uint64_t Findings::copies() const { return Sum(servers, &ServerFindings::copies); }

absl::StatusOr<Findings> Verify(const Deployment& deployment, const VerifyOptions& options) {
  const absl::StatusOr<hashing::Placement> placement = MakePlacement(deployment.scenario);
  if (!placement.ok()) return placement.status();
  std::atomic<uint64_t> keys_seen = 0;
  std::list<Visit> visits;
  for (size_t server = 0; server < deployment.servers.size(); ++server) {
    visits.emplace_back(deployment, *placement, options, server, keys_seen);
  }
  absl::Status status = Tour(visits, options, keys_seen).Run();
  if (!status.ok()) return status;

  Findings findings;
  for (const Visit& visit : visits) {
    const size_t server = findings.servers.size();
    findings.servers.push_back(visit.findings());
    findings.misplaced.insert(findings.misplaced.end(), visit.examples().begin(),
                              visit.examples().end());
    for (const std::string& key : visit.sample()) findings.sample.push_back({key, server});
  }
  status = FindCopies(deployment, findings.misplaced);
  if (!status.ok()) return status;
  if (deployment.proxy.has_value()) {
    absl::StatusOr<ProxyFindings> proxy = ReadThrough(deployment, findings.sample);
    if (!proxy.ok()) return proxy.status();
    findings.proxy = *std::move(proxy);
  }
  return findings;
}

}  // namespace keyway::sim

#include "sim/engine/experiment.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <list>
#include <mutex>
#include <thread>
#include <utility>

#include "sim/engine/counter.h"
#include "sim/engine/feed.h"
#include "sim/engine/worker.h"

namespace keyway::sim {
namespace {

constexpr std::chrono::milliseconds kBetweenProgress(100);

size_t ThreadCount(int wanted) {
  if (wanted > 0) return static_cast<size_t>(wanted);
  return std::max(1u, std::thread::hardware_concurrency());
}

// How many workers are done.
class Gate {
 public:
  void Arrive() {
    const std::lock_guard lock(mutex_);
    ++arrived_;
    changed_.notify_one();
  }

  // Calls `meanwhile` until `count` have arrived.
  template <typename Meanwhile>
  void WaitFor(size_t count, const Meanwhile& meanwhile) {
    std::unique_lock lock(mutex_);
    while (!changed_.wait_for(lock, kBetweenProgress, [&] { return arrived_ == count; })) {
      lock.unlock();
      meanwhile();
      lock.lock();
    }
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  size_t arrived_ = 0;
};

}  // namespace

Tally EmptyTally(const Experiment& experiment) {
  Tally tally;
  const size_t servers = experiment.servers.size();
  for (const Scenario& scenario : experiment.scenarios) {
    ScenarioTally& counts = tally.scenarios.emplace_back();
    counts.servers.resize(servers);
    if (scenario.matrix) counts.matrix.resize(servers * servers);
  }
  return tally;
}

absl::StatusOr<Outcome> Run(const Experiment& experiment,
                            std::vector<std::unique_ptr<Source>> sources,
                            const RunOptions& options) {
  const absl::StatusOr<Placements> placements = Placements::Make(experiment);
  if (!placements.ok()) return placements.status();

  Feed feed(std::move(sources));
  std::list<Worker> workers;
  std::vector<std::thread> threads;
  Gate gate;
  for (size_t i = ThreadCount(options.threads); i > 0; --i) {
    Worker& worker = workers.emplace_back(experiment, *placements, feed);
    threads.emplace_back([&worker, &gate] {
      worker.Run();
      gate.Arrive();
    });
  }
  gate.WaitFor(threads.size(), [&] {
    if (!options.on_progress) return;
    const auto [done, in_all] = feed.Progress();
    options.on_progress(done, in_all);
  });
  for (std::thread& thread : threads) thread.join();
  if (!feed.status().ok()) return feed.status();

  Outcome outcome = {.tally = workers.front().TakeTally(), .input = feed.Report()};
  workers.pop_front();
  for (Worker& worker : workers) outcome.tally.Merge(worker.TakeTally());
  return outcome;
}

}  // namespace keyway::sim

#include "sim/study/study.h"

#include <algorithm>
#include <atomic>
#include <boost/math/distributions/chi_squared.hpp>
#include <chrono>
#include <cmath>
#include <condition_variable>
#include <mutex>
#include <numeric>
#include <thread>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_format.h"
#include "sim/source/synthetic/zipf.h"

namespace keyway::sim {
namespace {

template <typename... Args>
absl::Status Invalid(const absl::FormatSpec<Args...>& format, const Args&... args) {
  return absl::InvalidArgumentError(absl::StrFormat(format, args...));
}

// What memory takes: some 20 bytes for each key and thread, 8 for each server of each
// repetition.
constexpr uint64_t kMaxKeys = 100'000'000;
constexpr uint64_t kMaxServers = 1'000'000;
constexpr uint64_t kMaxLoads = 200'000'000;

// A key of each place in the ranking.
std::vector<double> PopularityOf(const StudyOptions& options) {
  if (!options.zipf) return {};
  const double sum = ZipfSum(options.keys, *options.zipf);
  std::vector<double> popularity(options.keys);
  for (uint64_t key = 0; key < options.keys; ++key) {
    popularity[key] = std::pow(static_cast<double>(key + 1), -*options.zipf) / sum;
  }
  return popularity;
}

absl::Status Check(const StudyOptions& options) {
  if (options.repetitions == 0) return Invalid("no repetition shows nothing");
  if (options.keys == 0) return Invalid("no keys show nothing");
  if (options.keys > kMaxKeys) {
    return Invalid("%d keys are more than %d; repetitions make it more", options.keys, kMaxKeys);
  }
  if (options.zipf && (*options.zipf < 0 || *options.zipf > kMaxZipfExponent)) {
    return Invalid("a Zipf exponent is from 0 to %g", kMaxZipfExponent);
  }
  if (options.interval <= 0 || options.interval >= 1) return Invalid("an interval is from 0 to 1");
  for (const uint32_t servers : options.servers) {
    if (servers == 0 || servers <= options.remove) {
      return Invalid("%d servers, of which %d leave: nobody is left", servers, options.remove);
    }
    const uint64_t count = uint64_t{servers} + options.add;
    if (count > kMaxServers || count * options.repetitions > kMaxLoads) {
      return Invalid("%d servers in %d repetitions are too many; %d and %d in all are not", count,
                     options.repetitions, kMaxServers, kMaxLoads);
    }
  }
  if (std::ranges::count(options.weights, uint32_t{0}) > 0) return Invalid("a weight of 0");
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Setup>> SetupsOf(const StudyOptions& options,
                                            std::span<const double> popularity) {
  std::vector<Setup> setups;
  for (const std::string& name : options.schemes) {
    const SchemeKind* const kind = FindScheme(name);
    if (kind == nullptr) {
      std::string names;
      for (const SchemeKind& row : AllSchemes()) names += " " + std::string(row.name);
      return Invalid("there is no distribution \"%s\"; there are%s", name, names);
    }
    std::vector<uint32_t> parameters = options.parameters;
    if (parameters.empty() || kind->parameter.empty()) parameters = {kind->usual};
    for (const uint32_t servers : options.servers) {
      for (const uint32_t parameter : parameters) {
        setups.push_back({.kind = kind,
                          .parameter = parameter,
                          .servers = servers,
                          .weights = options.weights,
                          .labels = options.labels,
                          .keys = options.keys,
                          .sampled = options.sampled,
                          .popularity = popularity,
                          .add = options.add,
                          .remove = options.remove,
                          .seed = options.seed});
      }
    }
  }
  return setups;
}

using RepetitionOr = absl::StatusOr<Repetition>;

// Every repetition of every setup, on all cores.
std::vector<RepetitionOr> RunAll(std::span<const Setup> setups, const StudyOptions& options) {
  const size_t in_all = setups.size() * options.repetitions;
  std::vector<RepetitionOr> done(in_all, absl::CancelledError());
  std::atomic<size_t> next = 0;
  std::mutex mutex;
  std::condition_variable finished;
  size_t count = 0, working = 0;  // guarded by the mutex
  const auto work = [&] {
    for (size_t job = next.fetch_add(1); job < in_all; job = next.fetch_add(1)) {
      done[job] = Repeat(setups[job / options.repetitions], job % options.repetitions);
      if (!done[job].ok()) next = in_all;
      const std::lock_guard lock(mutex);
      ++count;
    }
    const std::lock_guard lock(mutex);
    --working;
    finished.notify_one();
  };

  const size_t threads = options.threads > 0 ? static_cast<size_t>(options.threads)
                                             : std::max(1u, std::thread::hardware_concurrency());
  working = std::min(threads, in_all);
  std::vector<std::jthread> workers;
  for (size_t i = 0; i < std::min(threads, in_all); ++i) workers.emplace_back(work);
  constexpr std::chrono::milliseconds kTellEvery(200);
  std::unique_lock lock(mutex);
  while (working > 0) {
    finished.wait_for(lock, kTellEvery);
    if (options.on_progress) options.on_progress(count, in_all);
  }
  lock.unlock();
  workers.clear();
  return done;
}

Sample SampleOf(const std::vector<double>& values) {
  return {.mean = std::reduce(values.begin(), values.end()) / static_cast<double>(values.size()),
          .median = Quantile(values, 0.5),
          .p95 = Quantile(values, 0.95)};
}

// Statistics of independent tests add up, and so do their degrees of freedom.
class ChiSquareSum {
 public:
  void Add(const std::optional<ChiSquare>& test) {
    if (!test || test->degrees <= 0) return;
    statistic_ += test->statistic;
    degrees_ += test->degrees;
  }

  std::optional<double> Probability() const {
    if (degrees_ == 0) return std::nullopt;
    if (!std::isfinite(statistic_)) return 0;
    const boost::math::chi_squared distribution(degrees_);
    return boost::math::cdf(boost::math::complement(distribution, statistic_));
  }

 private:
  double statistic_ = 0;
  double degrees_ = 0;
};

std::optional<MovementSummary> Summarize(std::span<const RepetitionOr> repetitions,
                                         std::optional<Movement> Repetition::*which) {
  if (!((*repetitions.front()).*which)) return std::nullopt;
  MovementSummary summary;
  ChiSquareSum evenness;
  const double part = 1 / static_cast<double>(repetitions.size());
  for (const RepetitionOr& repetition : repetitions) {
    const Movement& movement = *((*repetition).*which);
    summary.needed += movement.needed * part;
    summary.moved += movement.moved * part;
    summary.between_staying += movement.between_staying * part;
    evenness.Add(movement.evenness);
  }
  summary.evenness = evenness.Probability();
  return summary;
}

// The share of a server with k of n k random points is Beta(k, (n - 1) k) distributed.
std::optional<double> ExpectedDeviation(const Setup& setup) {
  const bool equal =
      std::ranges::adjacent_find(setup.weights, std::not_equal_to<>()) == setup.weights.end();
  if (setup.kind->points == nullptr || !equal || !setup.popularity.empty()) return std::nullopt;
  const double n = setup.servers, k = setup.kind->points(setup.parameter, setup.servers);
  return std::sqrt((n - 1) / (n * k + 1));
}

CaseResult ResultOf(const Setup& setup, std::span<const RepetitionOr> repetitions,
                    double interval) {
  CaseResult result = {.kind = setup.kind,
                       .servers = setup.servers,
                       .parameter = setup.parameter,
                       .expected_deviation = ExpectedDeviation(setup),
                       .first = *repetitions.front()};
  std::vector<double> loads, peaks, troughs;
  ChiSquareSum chance;
  double squares = 0, spilled = 0;
  for (const RepetitionOr& repetition : repetitions) {
    loads.insert(loads.end(), repetition->loads.begin(), repetition->loads.end());
    peaks.push_back(repetition->spread.max_to_mean);
    troughs.push_back(repetition->spread.min_to_mean);
    squares += repetition->spread.variation * repetition->spread.variation;
    spilled += repetition->spilled.value_or(0);
    chance.Add(repetition->chance);
  }
  const auto count = static_cast<double>(repetitions.size());
  result.exact = result.first.exact;
  result.deviation = std::sqrt(squares / count);
  result.low = Quantile(loads, (1 - interval) / 2);
  result.high = Quantile(loads, (1 + interval) / 2);
  result.peak = SampleOf(peaks);
  result.trough = SampleOf(troughs);
  result.chance = chance.Probability();
  if (result.first.spilled) result.spilled = spilled / count;
  result.added = Summarize(repetitions, &Repetition::added);
  result.removed = Summarize(repetitions, &Repetition::removed);
  return result;
}

}  // namespace

double Quantile(std::vector<double> values, double part) {
  const double place = part * static_cast<double>(values.size() - 1);
  const auto below = values.begin() + static_cast<ptrdiff_t>(place);
  std::ranges::nth_element(values, below);
  if (below + 1 == values.end()) return *below;
  const double next = *std::min_element(below + 1, values.end());
  return *below + (place - std::floor(place)) * (next - *below);
}

absl::StatusOr<std::vector<CaseResult>> RunStudy(const StudyOptions& options) {
  if (absl::Status status = Check(options); !status.ok()) return status;
  const std::vector<double> popularity = PopularityOf(options);
  const absl::StatusOr<std::vector<Setup>> setups = SetupsOf(options, popularity);
  if (!setups.ok()) return setups.status();
  const std::vector<RepetitionOr> done = RunAll(*setups, options);
  for (const RepetitionOr& repetition : done) {
    const bool not_run = absl::IsCancelled(repetition.status());
    if (!repetition.ok() && !not_run) return repetition.status();
  }
  std::vector<CaseResult> results;
  for (size_t i = 0; i < setups->size(); ++i) {
    const std::span<const RepetitionOr> all(done);
    results.push_back(ResultOf(
        (*setups)[i], all.subspan(i * options.repetitions, options.repetitions), options.interval));
  }
  return results;
}

}  // namespace keyway::sim

#include "hashing/measure.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numeric>
#include <random>
#include <set>
#include <utility>

namespace keyway::hashing {
namespace {

double Mean(std::span<const double> values) {
  return std::reduce(values.begin(), values.end()) / static_cast<double>(values.size());
}

std::set<std::string> Names(std::span<const Member> members) {
  std::set<std::string> names;
  for (const Member& member : members) names.insert(member.name);
  return names;
}

}  // namespace

std::vector<Member> Servers(size_t count) {
  std::vector<Member> members;
  for (size_t number = 1; number <= count; ++number) {
    members.push_back({.name = "server" + std::to_string(number)});
  }
  return members;
}

std::unique_ptr<Distribution> MakeOrDie(std::string_view kind, std::span<const Member> members) {
  auto distribution = FindDistribution(kind)->make(members);
  if (!distribution.ok()) {
    ADD_FAILURE() << distribution.status();
    std::abort();
  }
  return *std::move(distribution);
}

std::vector<uint32_t> RandomHashes(size_t count, uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<uint32_t> hashes(count);
  std::ranges::generate(hashes, std::ref(random));
  return hashes;
}

std::vector<size_t> Count(const Distribution& distribution, size_t members,
                          std::span<const uint32_t> hashes) {
  std::vector<size_t> counts(members);
  for (const uint32_t hash : hashes) ++counts.at(distribution.Pick(hash));
  return counts;
}

double Peak(std::span<const double> values) { return std::ranges::max(values) / Mean(values); }

double Trough(std::span<const double> values) { return std::ranges::min(values) / Mean(values); }

double Deviation(std::span<const double> values) {
  const double mean = Mean(values);
  double squares = 0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  return std::sqrt(squares / static_cast<double>(values.size())) / mean;
}

std::vector<double> Shares(const Ring& ring, size_t members) {
  std::vector<double> shares(members);
  ring.Shares(shares);
  return shares;
}

double ChiSquareScore(std::span<const size_t> counts, std::span<const double> weights) {
  const auto total = static_cast<double>(std::reduce(counts.begin(), counts.end()));
  const double weight = std::reduce(weights.begin(), weights.end());
  double statistic = 0;
  for (size_t index = 0; index < counts.size(); ++index) {
    const double expected = total * weights[index] / weight;
    const double difference = static_cast<double>(counts[index]) - expected;
    statistic += difference * difference / expected;
  }
  const auto freedom = static_cast<double>(counts.size() - 1);
  const double variance = 2 / (9 * freedom);
  return (std::cbrt(statistic / freedom) - (1 - variance)) / std::sqrt(variance);
}

double ChiSquareScore(std::span<const size_t> counts) {
  return ChiSquareScore(counts, std::vector<double>(counts.size(), 1));
}

Movement Move(std::string_view kind, std::span<const Member> before, std::span<const Member> after,
              std::span<const uint32_t> hashes) {
  const std::unique_ptr<Distribution> first = MakeOrDie(kind, before);
  const std::unique_ptr<Distribution> second = MakeOrDie(kind, after);
  const std::set<std::string> old_names = Names(before);
  const std::set<std::string> new_names = Names(after);

  Movement movement;
  const double part = 1 / static_cast<double>(hashes.size());
  for (const uint32_t hash : hashes) {
    const std::string& from = before[first->Pick(hash)].name;
    const std::string& to = after[second->Pick(hash)].name;
    if (from == to) continue;
    movement.total += part;
    if (new_names.contains(from) && old_names.contains(to)) movement.between_survivors += part;
  }
  return movement;
}

}  // namespace keyway::hashing

#include "sim/study/study.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "hashing/distribution.h"

namespace keyway::sim {
namespace {

using testing::HasSubstr;

std::vector<CaseResult> Studied(const StudyOptions& options) {
  absl::StatusOr<std::vector<CaseResult>> results = RunStudy(options);
  EXPECT_TRUE(results.ok()) << results.status();
  return *std::move(results);
}

TEST(SchemeTest, AllOfTheProxysDistributionsCanBeStudied) {
  for (const hashing::DistributionKind& kind : hashing::AllDistributions()) {
    EXPECT_NE(FindScheme(kind.name), nullptr) << kind.name;
  }
}

// What every row of the table promises.
class EveryScheme : public testing::TestWithParam<SchemeKind> {};

INSTANTIATE_TEST_SUITE_P(Schemes, EveryScheme,
                         testing::ValuesIn(AllSchemes().begin(), AllSchemes().end()),
                         [](const auto& kind) { return std::string(kind.param.name); });

TEST_P(EveryScheme, PlacesKeysOnThoseWhoAreThere) {
  const SchemeKind& kind = GetParam();
  Fleet fleet = {.servers = {{"a"}, {"b"}, {"c"}, {"d"}, {"e"}}, .at_first = 4};
  Fleet joined = fleet, left = fleet;
  joined.joined = true;
  left.left = {1, 3};
  std::vector<uint64_t> hashes;
  for (uint64_t key = 1; key <= 2000; ++key) hashes.push_back(key * 0x9e3779b97f4a7c15);
  for (const auto& [some, expected] : {std::pair(&fleet, std::set<uint32_t>{0, 1, 2, 3}),
                                       {&joined, {0, 1, 2, 3, 4}},
                                       {&left, {0, 2}}}) {
    const auto scheme = kind.make(kind.name, *some, kind.usual);
    ASSERT_TRUE(scheme.ok()) << scheme.status();
    std::vector<uint32_t> places(hashes.size());
    (*scheme)->Place(hashes, places);
    EXPECT_EQ(std::set<uint32_t>(places.begin(), places.end()), expected);
    std::vector<double> shares(5);
    if (!(*scheme)->Shares(shares)) continue;
    for (uint32_t server = 0; server < 5; ++server) {
      EXPECT_EQ(shares[server] > 0, expected.contains(server));
    }
  }
}

TEST(StudyTest, ThreadsChangeNothing) {
  StudyOptions options = {.schemes = {"ketama", "rendezvous"},
                          .servers = {3, 10},
                          .keys = 2000,
                          .add = 1,
                          .remove = 1,
                          .repetitions = 5,
                          .threads = 1};
  const std::vector<CaseResult> one = Studied(options);
  options.threads = 4;
  const std::vector<CaseResult> four = Studied(options);
  ASSERT_EQ(one.size(), 4u);
  for (size_t i = 0; i < one.size(); ++i) {
    EXPECT_EQ(one[i].deviation, four[i].deviation);
    EXPECT_EQ(one[i].chance, four[i].chance);
    EXPECT_EQ(one[i].added->moved, four[i].added->moved);
    EXPECT_EQ(one[i].removed->evenness, four[i].removed->evenness);
  }
}

TEST(StudyTest, ACaseForEachCombination) {
  const std::vector<CaseResult> results =
      Studied({.schemes = {"ring", "jump"}, .servers = {2, 3}, .parameters = {1, 10}, .keys = 100});
  std::vector<std::string> cases;
  for (const CaseResult& result : results) {
    cases.push_back(std::string(result.kind->name) + " " + std::to_string(result.servers) + " " +
                    std::to_string(result.parameter));
  }
  EXPECT_THAT(cases, testing::ElementsAre("ring 2 1", "ring 2 10", "ring 3 1", "ring 3 10",
                                          "jump 2 0", "jump 3 0"));
}

TEST(StudyTest, LabelsGoOnOverRepetitions) {
  const auto first = Studied({.servers = {3}, .add = 1}).front().first;
  EXPECT_THAT(first.labels, testing::ElementsAre("server1", "server2", "server3"));
  const auto addresses = Studied({.servers = {2}, .labels = "10.0.0.{id}:6379"}).front().first;
  EXPECT_THAT(addresses.labels, testing::ElementsAre("10.0.0.1:6379", "10.0.0.2:6379"));
  const auto many = Studied({.servers = {3}, .repetitions = 50}).front();
  const auto random = Studied({.servers = {3}, .labels = "{hex}", .repetitions = 50}).front();
  EXPECT_GT(many.deviation, 0.03);
  EXPECT_GT(random.deviation, 0.03);
  EXPECT_NE(random.deviation, many.deviation);
}

TEST(StudyTest, WeightsAreFairShares) {
  const CaseResult result =
      Studied({.schemes = {"modula"}, .servers = {4}, .weights = {1, 3}}).front();
  EXPECT_NEAR(result.deviation, 0, 1e-6);
  EXPECT_FALSE(Studied({.servers = {4}, .weights = {1, 3}}).front().expected_deviation);
}

// The change of a weight is not asked for; of two that come one has half of what it takes.
TEST(StudyTest, WhatHasToMove) {
  const CaseResult result =
      Studied({.schemes = {"rendezvous"}, .servers = {6}, .keys = 50'000, .add = 2, .remove = 3})
          .front();
  EXPECT_NEAR(result.added->needed, 0.25, 1e-9);
  EXPECT_NEAR(result.added->moved, 0.25, 0.01);
  EXPECT_EQ(result.added->between_staying, 0);
  EXPECT_NEAR(result.removed->needed, 0.5, 1e-9);
  EXPECT_NEAR(result.removed->moved, 0.5, 0.012);
  EXPECT_GT(*result.removed->evenness, 1e-3);
}

// Any removal, not only of the last: AnchorHash and slots remember who is where.
TEST(StudyTest, StateKeepsKeysInPlace) {
  for (const char* scheme : {"anchor", "slots"}) {
    const CaseResult result = Studied({.schemes = {scheme},
                                       .servers = {10},
                                       .keys = 20'000,
                                       .add = 2,
                                       .remove = 3,
                                       .repetitions = 3})
                                  .front();
    EXPECT_EQ(result.added->between_staying, 0) << scheme;
    EXPECT_EQ(result.removed->between_staying, 0) << scheme;
    EXPECT_NEAR(result.removed->moved, 0.3, 0.01) << scheme;
  }
}

TEST(StudyTest, Quantiles) {
  EXPECT_EQ(Quantile({3, 1, 2}, 0), 1);
  EXPECT_EQ(Quantile({3, 1, 2}, 0.5), 2);
  EXPECT_EQ(Quantile({3, 1, 2}, 0.75), 2.5);
  EXPECT_EQ(Quantile({3, 1, 2}, 1), 3);
  EXPECT_EQ(Quantile({7}, 0.3), 7);
}

TEST(StudyTest, Errors) {
  const std::pair<StudyOptions, const char*> cases[] = {
      {{.schemes = {"kettle"}}, "no distribution \"kettle\"; there are ring"},
      {{.servers = {0}}, "nobody is left"},
      {{.servers = {3}, .remove = 3}, "nobody is left"},
      {{.schemes = {"maglev"}, .parameters = {100}}, "not prime"},
      {{.schemes = {"jump"}, .weights = {1, 2}}, "weights differ"},
      {{.weights = {1, 0}}, "weight of 0"},
      {{.labels = "{no}"}, "{no} is no placeholder"},
      {{.keys = 0}, "no keys"},
      {{.keys = 1'000'000'000}, "more than 100000000"},
      {{.servers = {2'000'000}}, "too many"},
      {{.servers = {100'000}, .repetitions = 5000}, "too many"},
      {{.zipf = -1}, "Zipf"},
      {{.repetitions = 0}, "no repetition"},
      {{.interval = 1}, "interval"},
  };
  for (const auto& [options, message] : cases) {
    const auto results = RunStudy(options);
    ASSERT_FALSE(results.ok()) << message;
    EXPECT_THAT(std::string(results.status().message()), HasSubstr(message));
  }
}

}  // namespace
}  // namespace keyway::sim

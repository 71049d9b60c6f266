#include "sim/sketch/heavy_hitters.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "sim/sketch/fingerprint.h"

namespace keyway::sim {
namespace {

void Add(HeavyHitters& sketch, const std::string& key, uint64_t weight = 1) {
  sketch.Add(FingerprintOf(key), key, weight);
}

// "name estimate" of each.
std::vector<std::string> TopOf(const HeavyHitters& sketch, size_t count = 20) {
  std::vector<std::string> lines;
  for (const auto& [name, estimate] : sketch.Top(count)) {
    lines.push_back(name + " " + std::to_string(estimate));
  }
  return lines;
}

// Requests for keys of which number k is asked for in proportion to 1 / k.
std::vector<std::string> ZipfRequests(size_t requests, size_t keys) {
  std::vector<double> sums(keys);
  double sum = 0;
  for (size_t key = 0; key < keys; ++key) sums[key] = sum += 1.0 / static_cast<double>(key + 1);
  std::mt19937_64 random(1);
  std::vector<std::string> all;
  all.reserve(requests);
  for (size_t i = 0; i < requests; ++i) {
    const double at = std::uniform_real_distribution<double>(0, sum)(random);
    const auto found = std::ranges::upper_bound(sums, at);
    all.push_back("key" + std::to_string(found - sums.begin() + 1));
  }
  return all;
}

TEST(HeavyHittersTest, EmptyTakesNothing) {
  HeavyHitters sketch;
  EXPECT_TRUE(sketch.Top(20).empty());
  EXPECT_TRUE(sketch.cells().empty());
  Add(sketch, "a", 0);
  sketch.Merge(HeavyHitters());
  EXPECT_TRUE(sketch.empty());
}

TEST(HeavyHittersTest, ByWeightThenByName) {
  HeavyHitters sketch;
  for (const std::string key : {"b", "c", "a", "c", "b", "c", ""}) Add(sketch, key);
  Add(sketch, "d", 2);
  EXPECT_EQ(TopOf(sketch), (std::vector<std::string>{"c 3", "b 2", "d 2", " 1", "a 1"}));
  EXPECT_EQ(TopOf(sketch, 2), (std::vector<std::string>{"c 3", "b 2"}));
  EXPECT_EQ(sketch.total(), 9u);
}

TEST(HeavyHittersTest, LongNamesAreCut) {
  HeavyHitters sketch;
  Add(sketch, std::string(1000, 'x') + "1");
  Add(sketch, std::string(1000, 'x') + "2", 2);
  const auto top = sketch.Top(20);
  ASSERT_EQ(top.size(), 2u);
  EXPECT_EQ(top[0].name, std::string(HeavyHitters::kMaxNameBytes, 'x'));
  EXPECT_EQ(top[0].estimate, 2u);
}

TEST(HeavyHittersTest, ACensusHasNone) {
  HeavyHitters sketch;
  for (int i = 0; i < 100'000; ++i) Add(sketch, "key" + std::to_string(i));
  EXPECT_TRUE(sketch.Top(20).empty());
}

// One key in a thousand, between as many others as there are requests.
TEST(HeavyHittersTest, FindsOneAmongMany) {
  HeavyHitters sketch;
  for (int i = 0; i < 100'000; ++i) {
    Add(sketch, i % 1000 == 999 ? "hot" : "key" + std::to_string(i));
  }
  const auto top = sketch.Top(20);
  ASSERT_EQ(top.size(), 1u);
  EXPECT_EQ(top[0].name, "hot");
  EXPECT_GE(top[0].estimate, 100u);
  EXPECT_LE(top[0].estimate, 100 + 100'000 * HeavyHitters::kErrorShare);
}

TEST(HeavyHittersTest, EstimatesAreNearTheTruthAndNotBelow) {
  constexpr size_t kRequests = 100'000;
  std::map<std::string, uint64_t> truth;
  HeavyHitters sketch;
  for (const std::string& key : ZipfRequests(kRequests, 1'000'000)) {
    ++truth[key];
    Add(sketch, key);
  }
  const auto top = sketch.Top(20);
  ASSERT_EQ(top.size(), 20u);
  for (size_t i = 0; i < top.size(); ++i) {
    EXPECT_GE(top[i].estimate, truth[top[i].name]);
    EXPECT_LE(top[i].estimate, truth[top[i].name] + kRequests * HeavyHitters::kErrorShare);
  }
  EXPECT_EQ(top[0].name, "key1");
  EXPECT_EQ(top[1].name, "key2");
}

// Cut in time, dealt out, sorted by key; in pieces of a few requests; merged in any order.
TEST(HeavyHittersTest, AnyPartsMakeTheWhole) {
  std::vector<std::string> requests = ZipfRequests(50'000, 50'000);
  HeavyHitters whole;
  for (const std::string& key : requests) Add(whole, key);
  const std::vector<std::string> expected = TopOf(whole);
  ASSERT_EQ(expected.size(), 20u);

  for (const size_t parts : {2, 9}) {
    for (const bool sorted : {false, true}) {
      std::vector<std::string> order = requests;
      if (sorted) std::ranges::sort(order);
      std::vector<HeavyHitters> in_time(parts), dealt(parts);
      for (size_t i = 0; i < order.size(); ++i) {
        Add(in_time[i * parts / order.size()], order[i]);
        Add(dealt[i % parts], order[i]);
      }
      HeavyHitters forward, backward;
      for (size_t part = 0; part < parts; ++part) {
        forward.Merge(in_time[part]);
        backward.Merge(dealt[parts - 1 - part]);
      }
      EXPECT_EQ(TopOf(forward), expected) << parts << sorted;
      EXPECT_EQ(TopOf(backward), expected) << parts << sorted;
      EXPECT_EQ(forward.cells(), whole.cells());
    }
  }
}

TEST(HeavyHittersTest, ManyAtOnceAreAsOneByOne) {
  const std::vector<std::string> requests = ZipfRequests(50'000, 50'000);
  HeavyHitters single, weighted, once, each;
  constexpr size_t kBatch = 100;
  for (size_t i = 0; i < requests.size(); i += kBatch) {
    std::vector<std::string_view> keys;
    std::vector<uint64_t> fingerprints, weights;
    for (size_t j = i; j < i + kBatch; ++j) {
      keys.push_back(requests[j]);
      fingerprints.push_back(FingerprintOf(requests[j]));
      weights.push_back(j % 3);
      Add(once, requests[j]);
      Add(single, requests[j], j % 3);
    }
    each.AddEach(fingerprints, keys);
    weighted.AddEach(fingerprints, keys, weights);
  }
  EXPECT_EQ(TopOf(each), TopOf(once));
  EXPECT_EQ(each.cells(), once.cells());
  EXPECT_EQ(TopOf(weighted), TopOf(single));
  EXPECT_EQ(weighted.total(), single.total());
}

// Sums pass what 32 bits hold, by many small weights and by one large one.
TEST(HeavyHittersTest, WeightsOfAnySize) {
  HeavyHitters sketch;
  for (int i = 0; i < 10; ++i) Add(sketch, "a", 4'000'000'000);
  Add(sketch, "b", 1'000'000'000'000);
  Add(sketch, "c", 3'000'000'000);
  const std::vector<std::string_view> keys = {"c", "d"};
  sketch.AddEach(std::vector{FingerprintOf("c"), FingerprintOf("d")}, keys,
                 std::vector<uint64_t>{3'000'000'000, 5'000'000'000'000});
  EXPECT_EQ(TopOf(sketch), (std::vector<std::string>{"d 5000000000000", "b 1000000000000",
                                                     "a 40000000000", "c 6000000000"}));
}

TEST(HeavyHittersTest, CanBeStoredAndGoOn) {
  const std::vector<std::string> requests = ZipfRequests(50'000, 50'000);
  HeavyHitters whole, first;
  for (size_t i = 0; i < requests.size(); ++i) {
    Add(whole, requests[i]);
    if (i < 25'000) Add(first, requests[i]);
  }
  HeavyHitters restored(first.total(), first.cells(), first.candidates());
  EXPECT_EQ(restored.cells(), first.cells());
  for (size_t i = 25'000; i < requests.size(); ++i) Add(restored, requests[i]);
  EXPECT_EQ(TopOf(restored), TopOf(whole));
  EXPECT_EQ(restored.total(), whole.total());
}

// Each key is heavier than the one before, and so heavy when it comes.
TEST(HeavyHittersTest, CandidatesStayBounded) {
  HeavyHitters sketch;
  for (int i = 0; i < 50'000; ++i) {
    Add(sketch, "key" + std::to_string(i), static_cast<uint64_t>(std::exp(i * 0.0001)));
    if (i % 5000 == 0) {
      ASSERT_LE(sketch.candidates().size(), HeavyHitters::kMaxCandidates);
    }
  }
}

}  // namespace
}  // namespace keyway::sim

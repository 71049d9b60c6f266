#include "sim/engine/experiment.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "sim/engine/scripted_source.h"

namespace keyway::sim {
namespace {

using Script = ScriptedSource::Script;
using Sources = std::vector<std::unique_ptr<Source>>;

Scenario ScenarioOf(std::string id, std::vector<size_t> servers) {
  Scenario scenario = {.id = std::move(id)};
  for (const size_t server : servers) {
    scenario.members.push_back({.name = "server" + std::to_string(server)});
  }
  scenario.servers = std::move(servers);
  return scenario;
}

// All of `count` servers.
Experiment ExperimentOf(size_t count) {
  Experiment experiment;
  std::vector<size_t> all(count);
  std::iota(all.begin(), all.end(), size_t{0});
  for (const size_t server : all) {
    experiment.servers.push_back({.address = "10.0.0.1:" + std::to_string(server), .name = ""});
  }
  experiment.scenarios.push_back(ScenarioOf("all", all));
  return experiment;
}

std::string Key(uint64_t number) { return "user:" + std::to_string(number); }

// The server of each of the first `keys` keys, one by one.
std::vector<size_t> ServersOf(const Scenario& scenario, uint64_t keys) {
  const auto placement = hashing::Placement::Make(scenario.options, scenario.members);
  EXPECT_TRUE(placement.ok()) << placement.status();
  std::vector<size_t> servers;
  for (uint64_t number = 0; number < keys; ++number) {
    servers.push_back(scenario.servers[placement->MemberFor(Key(number))]);
  }
  return servers;
}

// Blocks of a hundred keys each, numbered from `begin`.
std::vector<Script> KeyBlocks(uint64_t begin, uint64_t end, const Weight& weight = {}) {
  std::vector<Script> blocks;
  for (; begin < end; begin += 100) {
    blocks.push_back([begin, end = std::min(begin + 100, end), weight](RecordSink& sink) {
      for (uint64_t number = begin; number < end; ++number) {
        const std::string key = Key(number);
        const std::span<char> room = sink.Room(key.size());
        std::ranges::copy(key, room.begin());
        sink.Add(std::string_view(room.data(), room.size()), weight);
      }
      return end - begin;
    });
  }
  return blocks;
}

std::unique_ptr<Source> SourceOf(std::vector<Script> blocks, Content content = Content::kKeys) {
  return std::make_unique<ScriptedSource>("some", content, std::move(blocks));
}

template <typename... Some>
Sources List(Some... sources) {
  Sources list;
  (list.push_back(std::move(sources)), ...);
  return list;
}

Outcome MustRun(const Experiment& experiment, Sources sources, int threads = 2) {
  absl::StatusOr<Outcome> outcome = sim::Run(experiment, std::move(sources), {.threads = threads});
  EXPECT_TRUE(outcome.ok()) << outcome.status();
  return outcome.ok() ? *std::move(outcome) : Outcome{};
}

TEST(ExperimentTest, EveryKeyIsCountedWhereItsPlacementHasIt) {
  const Experiment experiment = ExperimentOf(5);
  std::vector<Counts> expected(5);
  for (const size_t server : ServersOf(experiment.scenarios[0], 1234)) {
    expected[server] += {.keys = 1, .bytes = 10, .reads = 0, .writes = 0};
  }
  for (const int threads : {0, 1, 3, 8}) {
    const Outcome outcome = MustRun(experiment,
                                    List(SourceOf(KeyBlocks(0, 1000, {.bytes = 10})),
                                         SourceOf(KeyBlocks(1000, 1234, {.bytes = 10}))),
                                    threads);
    EXPECT_EQ(outcome.tally.scenarios[0].servers, expected) << threads;
    EXPECT_EQ(outcome.input.records(), 1234u);
    EXPECT_EQ(outcome.input.sources[0].lines, 1000u);
    EXPECT_EQ(outcome.input.sources[1].records, 234u);
  }
}

TEST(ExperimentTest, CountsWhatMovesAndFromWhereToWhere) {
  Experiment experiment = ExperimentOf(4);
  experiment.scenarios.push_back(ScenarioOf("without 1", {0, 2, 3}));
  experiment.scenarios[1].matrix = true;
  experiment.scenarios.push_back(ScenarioOf("other hash", {0, 1, 2, 3}));
  experiment.scenarios[2].options.hash = "md5";
  const Tally tally = MustRun(experiment, List(SourceOf(KeyBlocks(0, 2000)))).tally;

  const std::vector<size_t> from = ServersOf(experiment.scenarios[0], 2000);
  for (const size_t index : {1, 2}) {
    const std::vector<size_t> to = ServersOf(experiment.scenarios[index], 2000);
    std::vector<Counts> matrix(16);
    uint64_t moved = 0;
    for (size_t key = 0; key < from.size(); ++key) {
      ++matrix[from[key] * 4 + to[key]].keys;
      moved += from[key] != to[key];
    }
    const ScenarioTally& counts = tally.scenarios[index];
    EXPECT_EQ(counts.moved.keys, moved);
    EXPECT_EQ(counts.matrix, index == 1 ? matrix : std::vector<Counts>());
    for (size_t server = 0; server < 4; ++server) {
      EXPECT_EQ(counts.servers[server].keys, std::ranges::count(to, server));
    }
  }
  // The consistent one moves nothing but what was on the lost server.
  EXPECT_EQ(tally.scenarios[1].moved.keys, tally.scenarios[0].servers[1].keys);
}

TEST(ExperimentTest, OneServerUnderTwoNamesIsOne) {
  Experiment experiment = ExperimentOf(2);
  experiment.scenarios[0] = ScenarioOf("twice", {0, 1, 2});
  experiment.scenarios[0].servers = {0, 1, 0};
  const Tally tally = MustRun(experiment, List(SourceOf(KeyBlocks(0, 3000)))).tally;
  ASSERT_EQ(tally.scenarios[0].servers.size(), 2u);
  EXPECT_GT(tally.scenarios[0].servers[0].keys, tally.scenarios[0].servers[1].keys);
  EXPECT_EQ(tally.scenarios[0].servers[0].keys + tally.scenarios[0].servers[1].keys, 3000u);
}

TEST(ExperimentTest, RequestsAreAlsoCountedByDifferentKeys) {
  Experiment experiment = ExperimentOf(3);
  experiment.scenarios.push_back(ScenarioOf("without 0", {1, 2}));
  const Weight read = {.keys = 0, .bytes = 100, .reads = 1, .writes = 0};
  const Tally tally =
      MustRun(experiment, List(SourceOf(KeyBlocks(0, 500, read), Content::kRequests),
                               SourceOf(KeyBlocks(0, 500, read), Content::kRequests)))
          .tally;
  ASSERT_EQ(tally.different_keys.size(), 3u);
  double keys = 0;
  for (const HyperLogLog& different : tally.different_keys) keys += different.Estimate();
  EXPECT_NEAR(keys, 500, 10);
  const Counts& first = tally.scenarios[0].servers[0];
  EXPECT_EQ(first.keys, 0u);
  EXPECT_EQ(first.bytes, 100 * first.reads);
  EXPECT_EQ(tally.scenarios[1].moved, first);
  EXPECT_NEAR(tally.scenarios[1].moved_keys.Estimate(), static_cast<double>(first.reads) / 2, 4);
}

TEST(ExperimentTest, ACensusTakesNoSketches) {
  const Tally tally = MustRun(ExperimentOf(3), List(SourceOf(KeyBlocks(0, 500)))).tally;
  EXPECT_TRUE(tally.different_keys.empty());
  EXPECT_TRUE(tally.hot_keys.empty());
}

TEST(ExperimentTest, HotKeysWhereTheyAreAskedFor) {
  Experiment experiment = ExperimentOf(3);
  experiment.hot_keys = true;
  const Weight writes = {.keys = 0, .bytes = 0, .reads = 2, .writes = 1};
  const Tally tally =
      MustRun(experiment, List(SourceOf(KeyBlocks(0, 500)), SourceOf(KeyBlocks(7, 8, writes))))
          .tally;
  const auto top = tally.hot_keys.Top(1);
  ASSERT_EQ(top.size(), 1u);
  EXPECT_EQ(top[0].name, "user:7");
  EXPECT_EQ(top[0].estimate, 3u);
}

// In whatever order they come: what a dump has in bytes cannot be added to requests.
TEST(ExperimentTest, HotKeysAreThoseByWhatSaysMost) {
  Experiment experiment = ExperimentOf(3);
  experiment.hot_keys = true;
  const Weight large = {.keys = 1, .bytes = 1000, .reads = 0, .writes = 0};
  const Weight read = {.keys = 0, .bytes = 0, .reads = 1, .writes = 0};
  const Tally keys = MustRun(experiment, List(SourceOf(KeyBlocks(0, 5)))).tally;
  const Tally bytes = MustRun(experiment, List(SourceOf(KeyBlocks(1, 3, large)))).tally;
  const Tally requests = MustRun(experiment, List(SourceOf(KeyBlocks(2, 3, read)))).tally;
  for (const auto& [first, second] : {std::pair(&keys, &bytes), {&bytes, &keys}}) {
    Tally sum = *first;
    sum.Merge(*second);
    EXPECT_EQ(sum.heat, Heat::kBytes);
    EXPECT_EQ(sum.hot_keys.total(), 2000u);
    sum.Merge(requests);
    sum.Merge(*first);
    EXPECT_EQ(sum.heat, Heat::kRequests);
    EXPECT_EQ(sum.hot_keys.total(), 1u);
  }
}

TEST(ExperimentTest, PartsAddUpToTheWhole) {
  Experiment experiment = ExperimentOf(4);
  experiment.hot_keys = true;
  experiment.scenarios.push_back(ScenarioOf("without 3", {0, 1, 2}));
  experiment.scenarios[1].matrix = true;
  const Weight read = {.keys = 0, .bytes = 7, .reads = 1, .writes = 0};
  const auto requests = [&](uint64_t begin, uint64_t end) {
    return SourceOf(KeyBlocks(begin, end, read), Content::kRequests);
  };
  const Tally whole =
      MustRun(experiment, List(requests(0, 800), SourceOf(KeyBlocks(0, 600)))).tally;
  Tally merged = EmptyTally(experiment);
  merged.Merge(MustRun(experiment, List(requests(300, 800))).tally);
  merged.Merge(MustRun(experiment, List(SourceOf(KeyBlocks(0, 600)))).tally);
  merged.Merge(MustRun(experiment, List(requests(0, 300))).tally);
  merged.Merge(MustRun(experiment, {}).tally);

  for (size_t scenario = 0; scenario < 2; ++scenario) {
    const ScenarioTally& a = whole.scenarios[scenario];
    const ScenarioTally& b = merged.scenarios[scenario];
    EXPECT_EQ(a.servers, b.servers);
    EXPECT_EQ(a.moved, b.moved);
    EXPECT_EQ(a.moved_keys, b.moved_keys);
    EXPECT_EQ(a.matrix, b.matrix);
  }
  EXPECT_EQ(whole.different_keys, merged.different_keys);
  EXPECT_EQ(whole.hot_keys.cells(), merged.hot_keys.cells());
  const auto a = whole.hot_keys.Top(20), b = merged.hot_keys.Top(20);
  ASSERT_EQ(a.size(), b.size());
  for (size_t i = 0; i < a.size(); ++i) EXPECT_EQ(a[i].name, b[i].name);
}

// However the threads take their turns.
TEST(ExperimentTest, BadLinesAreShownWithTheirNumbers) {
  std::vector<Script> blocks;
  for (uint64_t block = 0; block < 50; ++block) {
    blocks.push_back([block](RecordSink& sink) -> uint64_t {
      if (block % 10 == 9) sink.Bad(block, std::string(200, 'x'), "too long");
      if (block == 20) sink.Bad(3, "y", "no key");
      return block + 1;
    });
  }
  for (int time = 0; time < 20; ++time) {
    const InputReport input =
        MustRun(ExperimentOf(1), List(SourceOf(blocks), SourceOf(blocks)), 4).input;
    EXPECT_EQ(input.bad_lines(), 12u);
    EXPECT_EQ(input.sources[1].bad_lines, 6u);
    EXPECT_EQ(input.sources[0].lines, 50u * 51 / 2);
    ASSERT_EQ(input.examples.size(), InputReport::kExamples);
    // Block 9 has ten lines behind 45 others, and its last one is bad; and so on.
    const std::vector<uint64_t> lines = {55, 210, 214, 465, 820, 1275};
    for (size_t i = 0; i < input.examples.size(); ++i) {
      EXPECT_EQ(input.examples[i].source, i / 6);
      EXPECT_EQ(input.examples[i].line, lines[i % 6]);
    }
    EXPECT_EQ(input.examples[2].text, "y");
    EXPECT_EQ(input.examples[2].reason, "no key");
    EXPECT_EQ(input.examples[0].text, std::string(80, 'x') + "...");
  }
}

TEST(ExperimentTest, SkippedRecordsAreCountedByReason) {
  const auto skipping = [](RecordSink& sink) -> uint64_t {
    sink.Skip("expired", 3);
    sink.Skip("no key", 1);
    sink.Skip("expired", 2);
    return 0;
  };
  const InputReport input = MustRun(ExperimentOf(1), List(SourceOf({skipping, skipping}))).input;
  const std::map<std::string, uint64_t> expected = {{"expired", 10}, {"no key", 2}};
  EXPECT_EQ(input.sources[0].skipped, expected);
  EXPECT_EQ(input.records(), 0u);
}

// Longer than all the room there is at first, and many small ones that fill it.
TEST(ExperimentTest, RoomForAnyKey) {
  const auto block = [](RecordSink& sink) -> uint64_t {
    for (const size_t size : {100'000, 100'000, 100'000, 1'000'000, 0, 5}) {
      const std::span<char> room = sink.Room(size);
      std::ranges::fill(room, 'k');
      sink.Add(std::string_view(room.data(), room.size()));
    }
    return 0;
  };
  const Experiment experiment = ExperimentOf(3);
  const Scenario& all = experiment.scenarios[0];
  const auto placement = hashing::Placement::Make(all.options, all.members);
  std::vector<Counts> expected(3);
  for (const size_t size : {100'000, 100'000, 100'000, 1'000'000, 0, 5}) {
    ++expected[placement->MemberFor(std::string(size, 'k'))].keys;
  }
  EXPECT_EQ(MustRun(experiment, List(SourceOf({block}))).tally.scenarios[0].servers, expected);
}

TEST(ExperimentTest, AnErrorOfASourceEndsTheRun) {
  auto failing = std::make_unique<ScriptedSource>("bad", Content::kKeys, KeyBlocks(0, 500));
  failing->FailingWith(absl::DataLossError("bad: broken"));
  const auto outcome =
      sim::Run(ExperimentOf(2),
               List(SourceOf(KeyBlocks(0, 500)), std::unique_ptr<Source>(std::move(failing))),
               {.threads = 3});
  EXPECT_EQ(outcome.status(), absl::DataLossError("bad: broken"));
}

TEST(ExperimentTest, WhatCannotBePlacedIsRefused) {
  Experiment experiment = ExperimentOf(2);
  experiment.scenarios[0].options.distribution = "random";
  EXPECT_EQ(sim::Run(experiment, {}, {}).status().message(),
            "all: the distribution \"random\" gives a key no place that could be known");
  experiment.scenarios[0].options = {.hash = "sha1"};
  EXPECT_EQ(sim::Run(experiment, {}, {}).status().message(), "all: unknown hash \"sha1\"");
}

TEST(ExperimentTest, ProgressIsToldMeanwhile) {
  std::atomic<bool> told = false;
  const auto slow = [&](RecordSink&) -> uint64_t {
    told.wait(false);
    return 0;
  };
  std::pair<uint64_t, uint64_t> first;
  const auto outcome = sim::Run(ExperimentOf(1), List(SourceOf({slow}), SourceOf({slow, slow})),
                                {.threads = 3, .on_progress = [&](uint64_t done, uint64_t in_all) {
                                   if (!told) first = {done, in_all};
                                   told = true;
                                   told.notify_all();
                                 }});
  ASSERT_TRUE(outcome.ok());
  EXPECT_GE(first.first, 1u);
  EXPECT_EQ(first.second, 3u);
}

}  // namespace
}  // namespace keyway::sim

#include "sim/partial/partial.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sim/engine/experiment.h"
#include "sim/source/source.h"

namespace keyway::sim {
namespace {

using testing::HasSubstr;

struct Request {
  std::string key;
  Weight weight;
  bool bad = false;
  bool skipped = false;
};

// One block of records.
class Requests final : public Source {
 public:
  Requests(std::vector<Request> requests, Content content)
      : requests_(std::move(requests)), content_(content) {}

  absl::StatusOr<std::unique_ptr<Block>> Next() override {
    if (std::exchange(at_end_, true)) return nullptr;
    return std::make_unique<All>(requests_);
  }
  const std::string& name() const override { return name_; }
  std::string_view format() const override { return "test"; }
  Content content() const override { return content_; }
  uint64_t done() const override { return 0; }
  uint64_t in_all() const override { return 0; }

 private:
  class All final : public Block {
   public:
    explicit All(const std::vector<Request>& requests) : requests_(requests) {}
    uint64_t Parse(RecordSink& sink) override {
      uint64_t line = 0;
      for (const Request& request : requests_) {
        if (request.bad) {
          sink.Bad(line, request.key, "is bad");
        } else if (request.skipped) {
          sink.Skip("expired", 1);
        } else {
          sink.Add(request.key, request.weight);
        }
        ++line;
      }
      return line;
    }

   private:
    const std::vector<Request>& requests_;
  };

  const std::vector<Request> requests_;
  const Content content_;
  const std::string name_ = "requests";
  bool at_end_ = false;
};

// Key n comes n times more rarely than key 1, about.
std::vector<Request> SomeRequests(size_t count, Content content) {
  std::mt19937_64 random(5);
  std::vector<Request> requests;
  for (size_t i = 0; i < count; ++i) {
    const double uniform = std::uniform_real_distribution<>(0, 9)(random);
    const auto rank = static_cast<uint64_t>(std::exp(uniform));
    Weight weight = {.keys = 0, .bytes = random() % 4096, .reads = 1};
    if (random() % 4 == 0) std::swap(weight.reads, weight.writes);
    if (content == Content::kKeys) weight = {.bytes = random() % 4096};
    const uint64_t key = content == Content::kKeys ? i : rank;
    requests.push_back({.key = "key:" + std::to_string(key),
                        .weight = weight,
                        .bad = i % 7 == 6,
                        .skipped = i % 10 == 3});
  }
  return requests;
}

Experiment LosingOneOfFive() {
  Experiment experiment = {.servers = {}, .scenarios = {{.id = "all"}}, .hot_keys = true};
  Scenario& all = experiment.scenarios.front();
  all.options = {.hash = "fnv1a_64", .distribution = "ketama"};
  for (const char* name : {"a:1", "b:1", "c:1", "d:1", "e:1"}) {
    all.servers.push_back(experiment.servers.size());
    all.members.push_back({.name = name});
    experiment.servers.push_back({.address = name, .name = name});
  }
  Scenario without = all;
  without.id = "without e:1";
  without.members.pop_back();
  without.servers.pop_back();
  without.matrix = true;
  experiment.scenarios.push_back(without);
  return experiment;
}

Outcome Count(const Experiment& experiment, std::vector<Request> requests, Content content) {
  std::vector<std::unique_ptr<Source>> sources;
  sources.push_back(std::make_unique<Requests>(std::move(requests), content));
  absl::StatusOr<Outcome> outcome = Run(experiment, std::move(sources), {.threads = 1});
  EXPECT_TRUE(outcome.ok()) << outcome.status();
  return *std::move(outcome);
}

const PartialPlan kPlan = {.command = "balance",
                           .arguments = {"--config=pool.yml"},
                           .files = {{"pool.yml", "pool: {}\n"}},
                           .max_bad = 0.01};

std::string LineOf(const Outcome& outcome, const PartialPlan& plan = kPlan) {
  absl::StatusOr<std::string> line = WritePartial(plan, outcome.tally, outcome.input);
  EXPECT_TRUE(line.ok()) << line.status();
  return *std::move(line);
}

Outcome Sum(const Experiment& experiment, const std::vector<std::string>& lines) {
  Outcome sum = {.tally = EmptyTally(experiment), .input = {}};
  for (const std::string& line : lines) {
    const absl::StatusOr<Partial> partial = Partial::Read(line);
    EXPECT_TRUE(partial.ok()) << partial.status();
    const absl::Status added = partial->AddTo(sum.tally, sum.input);
    EXPECT_TRUE(added.ok()) << added;
  }
  return sum;
}

void ExpectSame(const Outcome& sum, const Outcome& whole) {
  ASSERT_EQ(sum.tally.scenarios.size(), whole.tally.scenarios.size());
  for (size_t i = 0; i < whole.tally.scenarios.size(); ++i) {
    const ScenarioTally& have = sum.tally.scenarios[i];
    const ScenarioTally& want = whole.tally.scenarios[i];
    EXPECT_EQ(have.servers, want.servers);
    EXPECT_EQ(have.moved, want.moved);
    EXPECT_EQ(have.moved_keys, want.moved_keys);
    EXPECT_EQ(have.matrix, want.matrix);
  }
  EXPECT_EQ(sum.tally.different_keys, whole.tally.different_keys);
  EXPECT_EQ(sum.tally.hot_keys.total(), whole.tally.hot_keys.total());
  EXPECT_EQ(sum.tally.hot_keys.cells(), whole.tally.hot_keys.cells());
  const auto have = sum.tally.hot_keys.Top(100), want = whole.tally.hot_keys.Top(100);
  ASSERT_EQ(have.size(), want.size());
  for (size_t i = 0; i < want.size(); ++i) {
    EXPECT_EQ(have[i].name, want[i].name);
    EXPECT_EQ(have[i].estimate, want[i].estimate);
  }
  EXPECT_EQ(sum.input.records(), whole.input.records());
  EXPECT_EQ(sum.input.bad_lines(), whole.input.bad_lines());
}

// Some parts get nothing.
std::vector<std::vector<Request>> Split(const std::vector<Request>& requests, size_t parts,
                                        std::mt19937_64& random) {
  std::vector<std::vector<Request>> split(parts);
  const bool in_turn = random() % 2 == 0;
  for (size_t i = 0; i < requests.size(); ++i) {
    const size_t by_place = i * i * parts / (requests.size() * requests.size());
    split[in_turn ? i % parts : by_place].push_back(requests[i]);
  }
  if (random() % 2 == 0) split.emplace_back();
  std::ranges::shuffle(split, random);
  return split;
}

class SplitTest : public testing::TestWithParam<Content> {};

TEST_P(SplitTest, PartsAddUpToTheWhole) {
  const Experiment experiment = LosingOneOfFive();
  const std::vector<Request> requests = SomeRequests(2000, GetParam());
  const Outcome whole = Count(experiment, requests, GetParam());
  std::mt19937_64 random(7);
  for (size_t parts = 1; parts <= 7; ++parts) {
    std::vector<std::string> lines;
    for (std::vector<Request>& part : Split(requests, parts, random)) {
      lines.push_back(LineOf(Count(experiment, std::move(part), GetParam())));
    }
    ExpectSame(Sum(experiment, lines), whole);

    const auto middle = lines.begin() + static_cast<ptrdiff_t>(lines.size() / 2);
    const Outcome first = Sum(experiment, {lines.begin(), middle});
    const Outcome second = Sum(experiment, {middle, lines.end()});
    const Outcome of_both = Sum(experiment, {LineOf(second), LineOf(first)});
    ExpectSame(of_both, whole);
  }
}

INSTANTIATE_TEST_SUITE_P(Contents, SplitTest, testing::Values(Content::kKeys, Content::kRequests));

TEST(PartialTest, APartWithoutKeysIsShort) {
  const Experiment experiment = LosingOneOfFive();
  const std::string line = LineOf(Count(experiment, {}, Content::kKeys));
  EXPECT_LT(line.size(), 250u);
  ExpectSame(Sum(experiment, {line}), Count(experiment, {}, Content::kKeys));
}

TEST(PartialTest, WhatWasReadIsSummedByFormat) {
  const Experiment experiment = LosingOneOfFive();
  std::vector<std::string> lines;
  for (int part = 0; part < 100; ++part) {
    lines.push_back(LineOf(Count(experiment, SomeRequests(20, Content::kKeys), Content::kKeys)));
  }
  const InputReport input = Sum(experiment, lines).input;
  EXPECT_EQ(input.records(), 1700u);
  EXPECT_EQ(input.bad_lines(), 200u);
  EXPECT_EQ(input.sources.front().lines, 2000u);
  EXPECT_EQ(input.sources.front().format, "test");
  EXPECT_EQ(input.sources.front().skipped.at("expired"), 100u);
  EXPECT_EQ(input.sources.size(), 1 + InputReport::kExamples);
  ASSERT_EQ(input.examples.size(), InputReport::kExamples);
  EXPECT_EQ(input.sources[input.examples[2].source].name, "requests");
  EXPECT_EQ(input.examples[2].line, 7u);
  EXPECT_EQ(input.examples[2].text, "key:6");
  EXPECT_EQ(input.examples[2].reason, "is bad");
}

class LineTest : public testing::Test {
 protected:
  static std::string ReasonOf(const std::string& line) {
    return std::string(Partial::Read(line).status().message());
  }

  const Experiment experiment_ = LosingOneOfFive();
  const std::string line_ =
      LineOf(Count(experiment_, SomeRequests(30, Content::kKeys), Content::kKeys));
};

TEST_F(LineTest, EnginesMayAddKeysAndSpace) {
  for (const std::string& line :
       {line_, "7\t" + line_, "a key\twith a tab\t" + line_, line_ + "\t", line_ + "\r"}) {
    const absl::StatusOr<Partial> partial = Partial::Read(line);
    ASSERT_TRUE(partial.ok()) << partial.status();
    EXPECT_EQ(DifferenceOf(partial->plan(), kPlan), "");
  }
  EXPECT_EQ(line_.find_first_of(" \t\r\n'\"$\\"), std::string::npos);
}

TEST_F(LineTest, WhatIsNoPartialSaysSo) {
  for (const char* line : {"", "\t", "user:1", "keyway-partial", "key keyway-partial:1:"}) {
    EXPECT_EQ(ReasonOf(line), "is no partial result of sim map") << line;
  }
  EXPECT_EQ(ReasonOf("keyway-partial:2:AAAA"),
            "a partial result of version 2; this program reads version 1");
}

TEST_F(LineTest, APieceOfALineIsNone) {
  for (size_t size = 0; size < line_.size(); ++size) {
    const std::string piece(line_, 0, size);
    // Padding is no part of the bytes.
    if (line_.find_first_not_of('=', size) == std::string::npos) continue;
    EXPECT_FALSE(Partial::Read(piece).ok()) << size;
  }
  EXPECT_FALSE(Partial::Read(line_ + line_).ok());
}

TEST_F(LineTest, NoDamageGoesUnnoticed) {
  const size_t last = line_.find_last_not_of('=');
  for (size_t at = 0; at < last; ++at) {
    std::string damaged = line_;
    damaged[at] = damaged[at] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(Partial::Read(damaged).ok()) << at;
  }
}

TEST_F(LineTest, CountsOfSomethingElseAreRefused) {
  const absl::StatusOr<Partial> partial = Partial::Read(line_);
  ASSERT_TRUE(partial.ok());
  Experiment fewer_servers = experiment_;
  fewer_servers.servers.resize(2);
  Experiment fewer_scenarios = experiment_;
  fewer_scenarios.scenarios.pop_back();
  Experiment no_matrix = experiment_;
  no_matrix.scenarios.back().matrix = false;
  for (const Experiment& other : {fewer_servers, fewer_scenarios, no_matrix}) {
    Outcome sum = {.tally = EmptyTally(other), .input = {}};
    EXPECT_THAT(std::string(partial->AddTo(sum.tally, sum.input).message()),
                HasSubstr("counts are of something else"));
  }
}

TEST(DifferenceTest, TheFirstIsNamed) {
  EXPECT_EQ(DifferenceOf(kPlan, kPlan), "");
  PartialPlan other = kPlan;
  other.max_bad = 0.5;
  EXPECT_EQ(DifferenceOf(kPlan, other), "was made with --max-bad 50%, not with 1%");
  other.files["pool.yml"] = "pool: {hash: murmur}\n";
  EXPECT_EQ(DifferenceOf(kPlan, other), "was made with another text of pool.yml");
  other.arguments = {};
  EXPECT_EQ(DifferenceOf(kPlan, other), "was made with no options, not with --config=pool.yml");
  other.command = "diff";
  EXPECT_EQ(DifferenceOf(kPlan, other), "is of diff, not of balance");
}

}  // namespace
}  // namespace keyway::sim

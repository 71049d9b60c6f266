// The two steps of an analysis in different processes come to the report of one.

#include <stdlib.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sim/command/program.h"
#include "sim/command/program_testing.h"

namespace keyway::sim {
namespace {

using testing::HasSubstr;

using Lines = std::vector<std::string>;
using Arguments = std::vector<std::string>;

constexpr char kTomorrow[] = R"(cache:
  listen: 127.0.0.1:22121
  hash: fnv1a_64
  distribution: ketama
  servers:
    - 10.0.0.1:6379:1 a
    - 10.0.0.3:6379:2 c
    - 10.0.0.4:6379:1 d
)";

Arguments operator+(Arguments some, const Arguments& more) {
  some.insert(some.end(), more.begin(), more.end());
  return some;
}

Lines KeyList(size_t count) {
  Lines lines;
  for (size_t i = 0; i < count; ++i) lines.push_back("user:" + std::to_string(i * i));
  return lines;
}

// Key n comes n times more rarely than key 1, about. Some lines are bad.
Lines Trace(size_t count) {
  std::mt19937_64 random(3);
  Lines lines;
  for (size_t i = 0; i < count; ++i) {
    const double uniform = std::uniform_real_distribution<>(0, 9)(random);
    const auto rank = static_cast<uint64_t>(std::exp(uniform));
    lines.push_back(std::to_string(i) + ",key:" + std::to_string(rank) + ",8," +
                    std::to_string(random() % 1000) + ",1," + (random() % 5 == 0 ? "set" : "get") +
                    ",0");
    if (i % 500 == 7) lines.back() = "7,no,operation";
  }
  return lines;
}

// Commands run in a folder of their own.
class MapReduceTest : public testing::Test {
 protected:
  MapReduceTest() {
    Write("today.yml", {kThreeServers});
    Write("tomorrow.yml", {kTomorrow});
  }

  Ran Run(const Arguments& arguments) const { return RunSim(arguments, folder_); }

  void Write(const std::string& name, const Lines& lines) const {
    std::ofstream stream(folder_ + "/" + name);
    for (const std::string& line : lines) stream << line << '\n';
  }

  // A line, without its end.
  std::string Map(const Arguments& command, const Lines& lines) const {
    Write("part", lines);
    const Ran result = Run(Arguments{"map"} + command + Arguments{"--keys", "part"});
    EXPECT_EQ(result.code, kFine) << result.messages;
    EXPECT_EQ(std::ranges::count(result.output, '\n'), 1);
    return result.output.substr(0, result.output.find('\n'));
  }

  Ran Reduce(const Lines& lines, const Arguments& options) const {
    Write("lines", lines);
    return Run(Arguments{"reduce", "lines"} + options);
  }

  std::string Combine(const Lines& lines) const {
    const Ran result = Reduce(lines, {"--partial"});
    EXPECT_EQ(result.code, kFine) << result.messages;
    return result.output;
  }

  Ran Whole(const Arguments& command, const Lines& lines) const {
    Write("whole", lines);
    return Run(command + Arguments{"--keys", "whole", "--report", "json"});
  }

 private:
  static std::string MakeFolder() {
    std::string name = testing::TempDir() + "/map_reduce.XXXXXX";
    return mkdtemp(name.data());
  }

  const std::string folder_ = MakeFolder();
};

// By turns, or in stretches of which each is longer than the one before. One may be empty.
std::vector<Lines> Split(const Lines& lines, size_t parts, std::mt19937_64& random) {
  std::vector<Lines> split(parts);
  const bool in_turn = random() % 2 == 0;
  for (size_t i = 0; i < lines.size(); ++i) {
    const size_t by_place = i * i * parts / (lines.size() * lines.size());
    split[in_turn ? i % parts : by_place].push_back(lines[i]);
  }
  if (random() % 2 == 0) split.emplace_back();
  return split;
}

struct Case {
  std::string name;
  Arguments command;
};

class CommandTest : public MapReduceTest, public testing::WithParamInterface<Case> {
 protected:
  void ExpectSameReport(const Arguments& command, const Lines& lines) const {
    const Ran whole = Whole(command, lines);
    ASSERT_NE(whole.code, kBadInput) << whole.messages;
    std::mt19937_64 random(11);
    for (const size_t parts : {2, 7}) {
      Lines partials;
      for (const Lines& part : Split(lines, parts, random)) partials.push_back(Map(command, part));
      std::ranges::shuffle(partials, random);
      const Ran sum = Reduce(partials, {"--report", "json"});
      EXPECT_EQ(sum.code, whole.code);
      EXPECT_EQ(sum.output, whole.output) << parts;

      const auto middle = partials.begin() + static_cast<ptrdiff_t>(partials.size() / 2);
      Lines combined = {Combine({middle, partials.end()})};
      if (middle != partials.begin()) combined.push_back(Combine({partials.begin(), middle}));
      EXPECT_EQ(Reduce(combined, {"--report", "json"}).output, whole.output) << parts;
    }
  }
};

TEST_P(CommandTest, PartsOfAKeyListComeToTheReportOfTheWhole) {
  ExpectSameReport(GetParam().command, KeyList(2000));
}

TEST_P(CommandTest, PartsOfRequestsComeToTheReportOfTheWhole) {
  ExpectSameReport(GetParam().command + Arguments{"--format", "twitter"}, Trace(3000));
}

const Case kCases[] = {
    {"balance", {"balance", "--config", "today.yml", "--hot", "20"}},
    {"diff", {"diff", "--from", "today.yml", "--to", "tomorrow.yml"}},
    {"failures", {"failures", "--config", "today.yml", "--lose", "2", "--capacity", "1.4"}},
    {"advise",
     {"advise", "--config=today.yml", "--hash=fnv1a_64", "--hash=md5", "--distribution=ketama",
      "--distribution=modula", "--write=new.yml"}},
    {"check",
     {"check", "--config=tomorrow.yml", "--from=today.yml", "--max-peak-to-mean=1.01",
      "--max-moved=10%"}},
};

INSTANTIATE_TEST_SUITE_P(Commands, CommandTest, testing::ValuesIn(kCases),
                         [](const auto& one) { return one.param.name; });

// So many that few of them are among the hottest.
TEST_F(MapReduceTest, HotKeysOfManyRequests) {
  const Arguments command = {"balance", "--config=today.yml", "--hot=30", "--format=twitter"};
  const Lines lines = Trace(30'000);
  std::mt19937_64 random(1);
  Lines partials;
  for (const Lines& part : Split(lines, 5, random)) partials.push_back(Map(command, part));
  EXPECT_EQ(Reduce(partials, {"--report=json"}).output, Whole(command, lines).output);
}

TEST_F(MapReduceTest, ReduceNeedsNoFilesAndNoOptions) {
  const Arguments command = {"balance", "--config", "today.yml", "--pool=cache"};
  const std::string line = Map(command, KeyList(10));
  const Ran whole = Whole(command, KeyList(10));
  Write("today.yml", {"something: else"});
  EXPECT_EQ(Reduce({"", "key\t" + line + "\t", ""}, {"--report=json"}).output, whole.output);
}

TEST_F(MapReduceTest, SeveralFiles) {
  const std::string line = Map({"balance", "--config=today.yml"}, KeyList(10));
  Write("a", {line});
  Write("b", {line, line});
  const Ran sum = Run({"reduce", "a", "b", "--report=json"});
  EXPECT_EQ(sum.output, Reduce({line, line, line}, {"--report=json"}).output);
}

TEST_F(MapReduceTest, TheWholeDecidesHowManyLinesAreTooBad) {
  const Arguments command = {"balance", "--config=today.yml", "--format=twitter", "--max-bad=10%"};
  const Lines good = Trace(7), bad = {"1", "2"};
  const std::string of_good = Map(command, good), of_bad = Map(command, bad);
  EXPECT_EQ(Reduce({of_good, of_good, of_good, of_bad}, {}).code, kFine);
  const Ran refused = Reduce({of_good, of_bad}, {});
  EXPECT_EQ(refused.code, kBadInput);
  EXPECT_THAT(refused.messages, HasSubstr("part:1: '1': "));
  EXPECT_THAT(refused.messages, HasSubstr("2 of 9 lines are bad (22%); --max-bad allows 10%"));
}

TEST_F(MapReduceTest, WhatDoesNotFitIsRefusedByItsPlace) {
  const std::string today = Map({"balance", "--config", "today.yml"}, KeyList(10));
  const auto complaint = [&](const std::string& other) {
    const Ran result = Reduce({today, other}, {});
    EXPECT_EQ(result.code, kBadInput);
    EXPECT_EQ(result.output, "");
    return result.messages;
  };
  EXPECT_EQ(complaint(Map({"balance", "--config", "tomorrow.yml"}, KeyList(10))),
            "lines:2: was made with --config=tomorrow.yml, not with --config=today.yml as "
            "lines:1\n");
  EXPECT_EQ(complaint(Map({"check", "--config=today.yml", "--max-peak-to-mean=2"}, {})),
            "lines:2: is of check, not of balance as lines:1\n");
  EXPECT_EQ(complaint("user:1"), "lines:2: is no partial result of sim map\n");
  EXPECT_THAT(complaint(today.substr(0, today.size() / 2)),
              HasSubstr("lines:2: a damaged partial result: "));
  Write("today.yml", {kTomorrow});
  EXPECT_EQ(complaint(Map({"balance", "--config", "today.yml"}, KeyList(10))),
            "lines:2: was made with another text of today.yml as lines:1\n");
}

TEST_F(MapReduceTest, NothingIsNoInput) {
  EXPECT_EQ(Reduce({}, {}).messages, "there is no partial result of sim map in the input\n");
  EXPECT_THAT(Run({"reduce", "nowhere"}).messages, HasSubstr("nowhere: cannot be opened"));
}

}  // namespace
}  // namespace keyway::sim
